using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Acts;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>What operators do to runs, from the page of one and from the list.</summary>
[Collection(OtherBrowserCollection.Name)]
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
    public async Task Three_runs_are_selected_by_keyboard_tagged_at_once_and_taken_back()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed", role: Role.Operator);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.Locator("#rows tr[data-id]").First.FocusAsync();
        await page.Keyboard.PressAsync("x");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Shift+X");
        await Expect(page.Locator("#rows tr[aria-selected=true]")).ToHaveCountAsync(3);
        await Expect(page.Locator("#picked-said")).ToHaveTextAsync("3 runs selected");
        await page.ClickAsync("#picked button[value=tag]");
        await page.WaitForURLAsync("**/bulk/new?handler=show");
        await Expect(page.Locator(".bulk-preview strong")).ToHaveTextAsync("3 runs");
        await page.FillAsync("#bulk-add", "triaged");
        await page.ClickAsync(".bulk-form .btn-primary");
        await page.WaitForURLAsync("**/bulk/bulk_*");
        await Expect(page.Locator(".bulk-bar .num")).ToHaveTextAsync("3 / 3");
        await Expect(page.Locator("#bulk .badge.green")).ToBeVisibleAsync();
        await page.ClickAsync("form[action$='handler=undo'] button");
        await Expect(page.Locator("#bulk h1")).ToContainTextAsync("Undo");
        await Expect(page.Locator(".bulk-bar .num")).ToHaveTextAsync("3 / 3");
        await page.GotoAsync("/runs?tag=triaged");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_selection_outlives_more_rows_and_a_refresh_and_ends_with_a_new_filter()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs", role: Role.Operator);
        await page.Locator("#rows .pick").First.ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await page.Locator("#rows .pick").Nth(4).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Expect(page.Locator("[data-picked-count]")).ToHaveTextAsync("5 runs selected");
        await page.ClickAsync("#load-more");
        await Expect(page.Locator("#rows tr[data-id]")).ToHaveCountAsync(100);
        await Expect(page.Locator("[data-picked-count]")).ToHaveTextAsync("5 runs selected");
        await page.ClickAsync("#runs-refresh");
        await Expect(page.Locator("#rows tr[data-id]")).ToHaveCountAsync(50);
        await Expect(page.Locator("#rows tr[aria-selected=true]")).ToHaveCountAsync(5);
        await page.ClickAsync("#pick-all");
        await Expect(page.Locator("[data-picked-count]")).ToHaveTextAsync("50 runs selected");
        await page.ClickAsync("[data-picked-clear]");
        await Expect(page.Locator("#picked")).ToBeHiddenAsync();
        await Expect(page.Locator("#rows tr[tabindex='0']")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("x");
        await Expect(page.Locator("#picked")).ToBeVisibleAsync();
        await page.ClickAsync("#status-failed");
        await page.WaitForURLAsync("**/runs?status=failed");
        await Expect(page.Locator("#picked")).ToBeHiddenAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task What_was_read_before_an_act_does_not_take_it_back_on_the_page()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Failed, role: Role.Operator);
        var (asked, release) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var answered = 0;
        // The answer to what somebody else's change makes the page ask for is on its way for as long as the act takes.
        await page.RouteAsync("**/runs/" + Seed.Failed, async route =>
        {
            var answer = await route.FetchAsync();
            if (asked.TrySetResult()) await release.Task;
            await route.FulfillAsync(new RouteFulfillOptions { Response = answer });
            Interlocked.Increment(ref answered);
        });
        await site.ActAsync(new TagRun(["elsewhere"]));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await page.ClickAsync("#act-resolve");
        await page.FillAsync("#run-acts [name=reason]", "fixed upstream");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#act-reopen")).ToBeFocusedAsync();
        release.SetResult();
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref answered) >= 2));
        await Site.SettleAsync(page);
        await Expect(page.Locator("#act-reopen")).ToBeFocusedAsync();
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
