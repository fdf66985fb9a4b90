using Microsoft.Playwright;
using RunHub.Access;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>Saved views, chosen columns, the palette and the keys, as people use them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ViewJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task A_filter_becomes_a_view_in_the_navigation_with_its_count()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed", role: Role.Operator);
        await page.ClickAsync(".views-menu > summary");
        await page.FillAsync("#view-name", "Broken ones");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#view-saved")).ToBeFocusedAsync();
        var link = page.Locator("#nav-views a", new() { HasText = "Broken ones" });
        await Expect(link.Locator(".nav-count")).Not.ToBeEmptyAsync();
        await Expect(link).ToHaveAttributeAsync("aria-current", "true");

        await page.FillAsync("#view-name", "Broken ones");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#view-fault")).ToContainTextAsync("already");
        await Expect(page.Locator("#view-name")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".views-menu > summary")).ToBeFocusedAsync();

        await page.ClickAsync("#status-all");
        await page.WaitForURLAsync("**/runs");
        await Expect(link).Not.ToHaveAttributeAsync("aria-current", "true");
        await link.ClickAsync();
        await page.WaitForURLAsync("**/runs?status=failed");

        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.GotoAsync("/views");
        await page.Locator(".view", new() { HasText = "Broken ones" }).Locator("form[action$=delete] button").ClickAsync();
        await Expect(page.Locator(".view", new() { HasText = "Broken ones" })).ToHaveCountAsync(0);
        await Expect(link).ToHaveCountAsync(0);
        Assert.DoesNotContain(site.ConsoleErrors, e => !e.Contains("422", StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task Columns_are_added_moved_and_kept_and_the_focus_stays()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.ClickAsync(".columns-menu > summary");
        await page.FillAsync("#column-path", "output.score");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".columns-chosen")).ToContainTextAsync("output.score");
        await Expect(page.Locator("#column-path")).ToBeFocusedAsync();
        var up = page.GetByRole(AriaRole.Button, new() { Name = "Move up: output.score" });
        await up.FocusAsync();
        for (var i = 0; i < 9; i++)
        {
            var before = await up.GetAttributeAsync("id");
            await page.Keyboard.PressAsync("Enter");
            await Expect(up).Not.ToHaveIdAsync(before!);
            await Expect(up).ToBeFocusedAsync();
        }

        await page.Locator(".columns-chosen li", new() { HasText = "output.score" }).Locator(".column-width").FillAsync("77");
        await page.ClickAsync("#columns-apply");
        await page.WaitForURLAsync("**/runs?columns=status,output.score,id,**");
        await Expect(page.Locator(".columns-menu > summary")).ToBeFocusedAsync();
        await Expect(page.Locator($"tr[data-id={Seed.Completed}] td").Nth(1)).ToHaveTextAsync("85");
        Assert.Equal(77, await page.Locator("th[data-col='output.score']").EvaluateAsync<int>("th => th.getBoundingClientRect().width"));

        // However long a text is, its column is as wide as it is told to be.
        await page.GotoAsync("/runs?columns=status,id,workflow_name,started_at,tokens,cost_usd,error_message,input,output,tags,owner");
        Assert.Equal(180, await page.Locator("th[data-col=input]").EvaluateAsync<int>("th => Math.round(th.getBoundingClientRect().width)"));

        // The next visit begins with them, and says so in the address.
        await page.GotoAsync("/runs");
        await page.WaitForURLAsync("**/runs?columns=status,output.score,id,**");
        await page.ClickAsync("#status-failed");
        await page.WaitForURLAsync("**/runs?status=failed&columns=status,output.score,id,**");
        await page.GoBackAsync();
        await page.WaitForURLAsync("**/runs?columns=status,output.score,id,**");
        await Expect(page.Locator("#status-all")).ToHaveAttributeAsync("aria-current", "true");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#panel [data-panel-focus]")).ToBeVisibleAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task The_focus_is_never_lost_to_a_swap()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed&env=prod");
        const string Focused = "document.activeElement === document.body ? 'nothing' : document.activeElement.id || document.activeElement.dataset.id || document.activeElement.className || document.activeElement.textContent.trim()";
        async Task SwapAsync(Func<Task> act)
        {
            await page.EvaluateAsync("document.getElementById('runs').dataset.old = 'yes'");
            await act();
            await Expect(page.Locator("#runs:not([data-old])")).ToBeVisibleAsync();
        }

        // The focus follows the swap at once, but a moment after the new list can be seen.
        Task UntilAsync(string focused) => Until.TrueAsync(page, $"focused => ({Focused}) === focused", focused);

        var first = await page.Locator("#rows tr").First.GetAttributeAsync("data-id");
        await page.Keyboard.PressAsync("j");
        await SwapAsync(() => page.EvaluateAsync("document.getElementById('runs-refresh').click()"));
        await UntilAsync(first!);
        await page.Locator(".chip").First.FocusAsync();
        await SwapAsync(() => page.Keyboard.PressAsync("Enter"));
        await UntilAsync("chip");
        await SwapAsync(() => page.Keyboard.PressAsync("Enter"));
        await UntilAsync("query");
        var menu = page.Locator(".runs-quick summary", new() { HasText = "Workflow" });
        await menu.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".runs-quick details[open] .menu-item").First.FocusAsync();
        await SwapAsync(() => page.Keyboard.PressAsync("Enter"));
        await Expect(menu).ToBeFocusedAsync();
        await page.GotoAsync("/runs");
        await page.Locator("#load-more").FocusAsync();
        for (var more = 2; more > 0; more--)
        {
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.Locator("#rows tr[data-id]").Nth(more == 2 ? 99 : 101)).ToBeVisibleAsync();
        }

        await Until.TrueAsync(page, $"() => ({Focused}).startsWith('run_')");
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task The_palette_remembers_commands_work_and_help_tells_the_keys()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.Keyboard.PressAsync("?");
        var help = page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard shortcuts" });
        await Expect(help).ToContainTextAsync("Next run");
        await Expect(help).Not.ToContainTextAsync("Select the run");
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("#rows tr:focus")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("?");
        await Expect(help).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("#rows tr").First).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("?dark theme");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".palette")).ToBeHiddenAsync();
        await Expect(page.Locator("#rows tr").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("dark theme");
        await Expect(page.Locator(".palette [aria-selected]")).ToHaveTextAsync("Dark theme");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");

        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator(".palette [aria-selected]")).ToHaveCountAsync(1);
        // Faster than the answer: what is typed counts, not what was offered before.
        await page.RouteAsync("**/palette?**", async route =>
        {
            await Task.Delay(400);
            await route.ContinueAsync();
        });
        await page.Keyboard.TypeAsync(Seed.Failed);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs/" + Seed.Failed);
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator(".palette [data-recent] b")).ToHaveTextAsync(Seed.Failed);
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("?");
        await Expect(help).ToBeVisibleAsync();
        await Expect(help).Not.ToContainTextAsync("Copy run id");
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Two_selected_runs_are_compared_and_a_selection_becomes_a_file()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs", role: Role.Operator);
        await page.Locator($"tr[data-id={Seed.Failed}] .pick").ClickAsync();
        await Expect(page.Locator("[data-picked-compare]")).ToBeHiddenAsync();
        await page.Locator($"tr[data-id={Seed.LastGood}] .pick").ClickAsync();
        await page.ClickAsync("[data-picked-compare]");
        await page.WaitForURLAsync($"**/runs/{Seed.Failed}/compare/{Seed.LastGood}");
        await page.GoBackAsync();
        await page.Locator($"tr[data-id={Seed.Failed}] .pick").ClickAsync();
        await page.ClickAsync("#picked button[value=export]");
        await page.WaitForURLAsync("**/bulk/new?handler=show");
        await page.ClickAsync(".bulk-form .btn-primary");
        await page.WaitForURLAsync("**/bulk/bulk_*");
        var file = await page.RunAndWaitForDownloadAsync(() => page.Locator(".bulk-file a").ClickAsync());
        Assert.EndsWith(".csv", file.SuggestedFilename, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(await file.PathAsync());
        Assert.Equal(2, lines.Length);
        Assert.StartsWith(Seed.Failed + ",", lines[1], StringComparison.Ordinal);
        Assert.Empty(site.ConsoleErrors);
    }
}
