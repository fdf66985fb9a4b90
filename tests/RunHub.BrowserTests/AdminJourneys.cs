using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Access.FirstStart;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>What admins do: the first start, tenants, people and keys.</summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class AdminJourneys(Chromium chromium)
{
    const string Password = "a sentence nobody guesses";

    [BrowserFact]
    public async Task A_fresh_hub_is_set_up_by_its_link_once()
    {
        await using var hub = await TestHub.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = hub.Address.ToString() });
        var link = hub.Get<SetUpLink>().Path!;
        var page = await context.NewPageAsync();
        await page.GotoAsync(link);
        Assert.Empty(await AccessibilityTests.ViolationsAsync(page, isCovered: false));
        await page.GetByLabel("Organization").FillAsync("Acme Inc");
        await page.GetByLabel("Email").FillAsync("boss@acme.example");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create and sign in" }).ClickAsync();
        await page.WaitForURLAsync("**/runs");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No runs yet" })).ToBeVisibleAsync();
        Assert.Empty(await AccessibilityTests.ViolationsAsync(page, isCovered: false));
        await page.GetByRole(AriaRole.Link, new() { Name = "Make an API key" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "API keys" })).ToBeVisibleAsync();

        await page.GotoAsync(link);
        await Expect(page.GetByLabel("Organization")).ToHaveCountAsync(0);
        Assert.Empty(await AccessibilityTests.ViolationsAsync(page, isCovered: false));
    }

    [BrowserFact]
    public async Task A_tenant_is_made_a_person_invited_and_comes_in_by_the_link()
    {
        await using var site = await Site.StartAsync(chromium, empty: true);
        var admin = await site.OpenAsync("/admin/tenants", role: Role.Admin);
        await admin.GetByLabel("Name", new() { Exact = true }).FillAsync("Estudio Sol");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Create tenant" }).ClickAsync();
        await admin.Locator("#tenant-estudio-sol").GetByRole(AriaRole.Button, new() { Name = "Switch to" }).ClickAsync();
        await admin.WaitForURLAsync("**/runs");
        await admin.GotoAsync("/admin/users");
        await admin.GetByLabel("Add a person by email").FillAsync("lucia@sol.example");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await admin.Locator("#secret").WaitForAsync();
        Assert.Empty(await AccessibilityTests.ViolationsAsync(admin, isCovered: false));
        var link = await admin.Locator("#secret").InnerTextAsync();

        var person = await site.OpenAsync(new Uri(link).PathAndQuery, role: null);
        Assert.Empty(await AccessibilityTests.ViolationsAsync(person, isCovered: false));
        await person.GetByLabel("Your name").FillAsync("Lucía Prado");
        await person.GetByLabel("password", new() { Exact = false }).FillAsync(Password);
        await person.GetByRole(AriaRole.Button, new() { Name = "Save and sign in" }).ClickAsync();
        await person.WaitForURLAsync("**/runs");
        await Expect(person.Locator(".sidebar, nav").First).ToContainTextAsync("Runs");
        Assert.DoesNotContain("/admin/", await person.ContentAsync(), StringComparison.Ordinal);

        await admin.ReloadAsync();
        await Expect(admin.Locator("tr", new() { HasText = "lucia@sol.example" })).ToContainTextAsync("Active");
    }

    [BrowserFact]
    public async Task A_key_is_shown_once_and_dies_when_revoked()
    {
        await using var site = await Site.StartAsync(chromium, empty: true);
        var admin = await site.OpenAsync("/admin/api-keys", role: Role.Admin);
        await admin.GetByLabel("Name", new() { Exact = true }).FillAsync("invoice-worker");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        var key = await admin.Locator("#secret").InnerTextAsync();
        using var client = site.Hub.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using (var posted = await client.PostAsync("/api/runs", Json)) Assert.True(posted.IsSuccessStatusCode);

        await admin.ReloadAsync();
        await Expect(admin.Locator("#secret")).ToHaveCountAsync(0);
        admin.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        var row = admin.Locator("tr", new() { HasText = "invoice-worker" });
        await row.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(row).ToContainTextAsync("Revoked");
        using var refused = await client.PostAsync("/api/runs", Json);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    static StringContent Json => new("""{"workflow_name":"invoice"}""", System.Text.Encoding.UTF8, "application/json");
}
