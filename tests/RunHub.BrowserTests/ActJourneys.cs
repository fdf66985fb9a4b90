using Microsoft.Playwright;
using RunHub.Access;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>What operators do to runs, from the page of one and from the list.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ActJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task A_run_is_tagged_from_its_page_by_keyboard_and_the_tag_is_taken_back()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Failed, role: Role.Operator);
        await page.FocusAsync("#act-tag");
        await page.Keyboard.PressAsync("Enter");
        var input = page.Locator("#run-acts [name=add]");
        await Expect(input).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("looked at");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#run-meta .run-tags")).ToContainTextAsync("looked at");
        await Expect(input).ToBeFocusedAsync();
        await Expect(page.Locator("#toast")).ToContainTextAsync("Tags changed");
        await page.Locator("#toast button").ClickAsync();
        await Expect(page.Locator("#run-meta")).Not.ToContainTextAsync("looked at");
        await Expect(page.Locator("#toast")).ToContainTextAsync("Taken back");
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task A_run_is_resolved_reopened_and_annotated_in_the_slide_over()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed", role: Role.Operator);
        await page.Locator($"tr[data-id={Seed.Failed}]").ClickAsync();
        await page.ClickAsync("#panel #act-resolve");
        await page.FillAsync("#run-acts [name=reason]", "fixed upstream");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#run-state")).ToContainTextAsync("fixed upstream");
        await Expect(page.Locator("#act-reopen")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.ClickAsync("#run-acts .act-form button");
        await Expect(page.Locator("#run-state")).Not.ToContainTextAsync("fixed upstream");
        await Expect(page.Locator("#act-resolve")).ToBeFocusedAsync();
        await page.ClickAsync("#act-annotate");
        await page.FillAsync("#run-acts textarea", "The supplier was down until noon.");
        await page.ClickAsync("#run-acts .act-form button");
        await Expect(page.Locator("#run-notes .note").Last).ToContainTextAsync("The supplier was down until noon.");
        await Expect(page.Locator("#run-notes .note").Last).ToContainTextAsync("ana.ruiz1@acme.example");
        await Expect(page.Locator("#panel [data-toast]")).ToContainTextAsync("Note added");
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Viewers_see_no_act()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Failed);
        await Expect(page.Locator(".act")).ToHaveCountAsync(0);
        await page.GotoAsync("/runs");
        await Expect(page.Locator("#rows tr").First).ToBeVisibleAsync();
        await Expect(page.Locator("#rows input[type=checkbox]")).ToHaveCountAsync(0);
    }
}
