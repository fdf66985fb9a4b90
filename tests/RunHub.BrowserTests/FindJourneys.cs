using Microsoft.Playwright;
using RunHub.Access;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>A given run among many is found in three clicks, by whatever one knows of it; many are changed at once; an address shows everybody the same.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FindJourneys(Chromium chromium)
{
    static readonly (int Width, int Height)[] Windows = [(1440, 900), (820, 1180), (390, 844)];

    // What follows the finding is gone through in one window here, and in every window by the long test.
    [BrowserFact]
    public Task Among_five_thousand() => JourneyAsync(5_000, Windows[..1]);

    [BrowserFact, Trait("Category", "Long")]
    public Task Among_a_hundred_thousand() => JourneyAsync(100_000, Windows);

    async Task JourneyAsync(int runs, (int Width, int Height)[] windows)
    {
        await using var site = await Site.StartAsync(chromium, empty: true);
        await SeedMany.FillAsync(site.Hub, runs);
        foreach (var (width, height) in Windows)
        {
            var page = await site.OpenAsync("/runs", width, height, role: Role.Operator);
            await FindAsync(page, "workflow", async click =>
            {
                await click(page.Locator(".runs-quick summary", new() { HasText = "Workflow" }));
                await click(page.Locator(".runs-quick .menu-item", new() { HasText = SeedMany.Workflow }));
            });
            await FindAsync(page, "status and time", async click =>
            {
                await click(page.Locator("#status-failed"));
                // A menu that is opened while the list is on its way goes with the old list.
                await page.WaitForURLAsync("**/runs?status=failed");
                await click(page.Locator(".runs-quick summary", new() { HasText = "Time" }));
                await click(page.Locator(".runs-quick .menu-item", new() { HasText = "Last hour" }));
            }, opens: false);
            await FindAsync(page, "tag", async click =>
            {
                await click(page.Locator(".runs-quick summary", new() { HasText = "Tag" }));
                await click(page.Locator(".runs-quick .menu-item", new() { HasText = SeedMany.Tag }));
            });
            await FindAsync(page, "error text", async click =>
            {
                await click(page.GetByRole(AriaRole.Combobox, new() { Name = "Search and filter runs" }));
                await page.Keyboard.TypeAsync("certificate quokka");
                await page.Keyboard.PressAsync("Enter");
            });
            await BackAsync(page);
            await page.Context.CloseAsync();
        }

        foreach (var (width, height) in windows)
        {
            await UnderstandAsync(site, width, height);
            await TagManyAsync(site, width, height);
            await ShareAsync(site, width, height);
            await ByKeyboardAsync(site, width, height);
            await ByNameAsync(site, width, height);
        }

        Assert.Empty(site.ConsoleErrors);
    }

    // The last click opens the run; where three lead to its row, Enter does.
    static async Task FindAsync(IPage page, string by, Func<Func<ILocator, Task>, Task> filter, bool opens = true)
    {
        var clicks = 0;
        async Task Click(ILocator what)
        {
            clicks++;
            await what.First.ClickAsync();
        }

        await page.GotoAsync("/runs");
        await filter(Click);
        var row = page.Locator($"#rows tr[data-id={SeedMany.Needle}]");
        await Expect(row).ToBeVisibleAsync();
        if (opens) await Click(row.Locator("td").Nth(2));
        else
        {
            await row.FocusAsync();
            await page.Keyboard.PressAsync("Enter");
        }

        await Expect(page.Locator("#panel")).ToContainTextAsync("certificate of quokka.example");
        Assert.True(clicks <= 3, $"By {by} it took {clicks} clicks.");
    }

    static async Task BackAsync(IPage page)
    {
        await page.GotoAsync("/runs");
        await page.ClickAsync("#status-failed");
        await page.WaitForURLAsync("**/runs?status=failed");
        var failed = await IdsAsync(page);
        await page.ClickAsync("#lane-all");
        await page.WaitForURLAsync("**/runs?status=failed&lane=all");
        await page.GoBackAsync();
        await page.WaitForURLAsync("**/runs?status=failed");
        await Expect(page.Locator("#lane-production")).ToHaveAttributeAsync("aria-current", "true");
        Assert.Equal(failed, await IdsAsync(page));
    }

    // From the run that was found: why it failed, what the last good one did otherwise, a word about it.
    static async Task UnderstandAsync(Site site, int width, int height)
    {
        var page = await site.OpenAsync("/runs/" + SeedMany.Needle, width, height, role: Role.Operator);
        await Expect(page.Locator("#error-message")).ToHaveTextAsync(SeedMany.Error);
        await Expect(page.Locator("#error-message")).ToBeInViewportAsync();
        await Expect(page.Locator("#why-version")).ToContainTextAsync("4.0");
        if (width == 1440)
        {
            foreach (var part in new[] { "#error-message", ".run-error-at a[data-node]", ".run-error-guide >> nth=0", "#why-version", "#why-divergence", "#why-error" }) await Expect(page.Locator(part)).ToBeInViewportAsync();
            Assert.Equal(0, await page.EvaluateAsync<int>("Math.round(scrollY)"));
        }

        await page.ClickAsync("#compare-success");
        await page.WaitForURLAsync("**/compare/" + SeedMany.LastGood);
        await Expect(page.Locator("#first-divergence")).ToContainTextAsync("Send filing");
        await page.GoBackAsync();
        await page.WaitForURLAsync("**/runs/" + SeedMany.Needle);
        await page.ClickAsync("#act-annotate");
        await page.FillAsync("#run-acts textarea", $"Certificate ordered, seen at {width} pixels.");
        await page.ClickAsync("#run-acts .act-form button");
        await Expect(page.Locator("#run-notes .note", new() { HasText = $"seen at {width} pixels" })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("#run-notes .note", new() { HasText = $"seen at {width} pixels" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    static async Task TagManyAsync(Site site, int width, int height)
    {
        var page = await site.OpenAsync("/runs?workflow=" + SeedMany.Big, width, height, role: Role.Operator);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.ClickAsync("#pick-all");
        await page.Locator("#picked a", new() { HasText = "matches this filter" }).ClickAsync();
        await Expect(page.Locator(".bulk-preview strong")).ToHaveTextAsync("500 runs");
        await page.FillAsync("#bulk-add", "sorted");
        await page.ClickAsync(".bulk-form .btn-primary");
        await page.WaitForURLAsync("**/bulk/bulk_*");
        await Expect(page.Locator(".bulk-bar .num")).ToHaveTextAsync("500 / 500", new() { Timeout = 30_000 });
        await page.ClickAsync("form[action$='handler=undo'] button");
        await Expect(page.Locator("#bulk h1")).ToContainTextAsync("Undo");
        await Expect(page.Locator(".bulk-bar .num")).ToHaveTextAsync("500 / 500", new() { Timeout = 30_000 });
        await page.GotoAsync("/runs?tag=sorted");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    static async Task ShareAsync(Site site, int width, int height)
    {
        var mine = await site.OpenAsync("/runs?status=failed&sort=-duration&columns=status,id,duration_ms,input.customer.name,error_message", width, height);
        await mine.ClickAsync("#type-etl");
        await mine.WaitForURLAsync("**type=etl**");
        var theirs = await site.OpenAsync(new Uri(mine.Url).PathAndQuery, 820, 1180);
        Assert.Equal(await IdsAsync(mine), await IdsAsync(theirs));
        Assert.Equal(["Status", "Run", "Duration", "name", "Error", "Open"], (await theirs.Locator("thead th").AllTextContentsAsync()).Select(t => t.Trim()));
        await mine.Context.CloseAsync();
        await theirs.Context.CloseAsync();
    }

    // From signing in to the error of a run, without a mouse.
    static async Task ByKeyboardAsync(Site site, int width, int height)
    {
        await site.Hub.PersonAsync($"keys{width}@acme.example", Role.Viewer, await site.Hub.TenantAsync(), "correct horse battery");
        var page = await site.OpenAsync("/sign-in", width, height, role: null);
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Email" }).FocusAsync();
        await page.Keyboard.TypeAsync($"keys{width}@acme.example");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("correct horse battery");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs");
        await Expect(page.GetByRole(AriaRole.Grid, new() { Name = "Runs" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("status:failed workflow:" + SeedMany.Workflow);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs?status=failed&workflow=" + SeedMany.Workflow);
        var line = page.GetByRole(AriaRole.Combobox, new() { Name = "Search and filter runs" });
        await Expect(line).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("#rows tr").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("/");
        await Expect(line).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#rows tr").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        var panel = page.GetByRole(AriaRole.Dialog, new() { Name = SeedMany.Workflow });
        await Expect(panel).ToContainTextAsync(SeedMany.Error);
        await Until.FocusInAsync(page, "#panel");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#rows tr").First).ToBeFocusedAsync();

        // The palette leads there as well.
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Search or jump to…" })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("n33dle");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = SeedMany.Needle, Selected = true })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs/" + SeedMany.Needle);
        await Expect(page.Locator("main")).ToContainTextAsync(SeedMany.Error);
        await page.Context.CloseAsync();
    }

    // The same as by keyboard, but by nothing except what a screen reader is told: roles and names.
    static async Task ByNameAsync(Site site, int width, int height)
    {
        var page = await site.OpenAsync("/runs?status=failed&workflow=" + SeedMany.Workflow, width, height, role: Role.Operator);
        await Expect(page.GetByRole(AriaRole.Main)).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Runs", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Grid, new() { Name = "Runs" })).ToBeVisibleAsync();
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "certificate of quokka.example" });
        await Expect(row).ToHaveCountAsync(1);
        await row.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var panel = page.GetByRole(AriaRole.Dialog, new() { Name = SeedMany.Workflow });
        await Expect(panel.GetByRole(AriaRole.Alert).Or(panel.GetByRole(AriaRole.Region)).Filter(new() { HasText = SeedMany.Error }).First).ToBeVisibleAsync();
        await Expect(panel.GetByRole(AriaRole.Tab, new() { Selected = true })).ToHaveCountAsync(1);
        await panel.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(panel).ToBeHiddenAsync();
        await page.Context.CloseAsync();
    }

    static async Task<string[]> IdsAsync(IPage page) => await page.Locator("#rows tr[data-id]").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");
}
