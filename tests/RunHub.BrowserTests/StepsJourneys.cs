using System.Text.RegularExpressions;
using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Ingest;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>A run's steps as cards, table and timeline, by keyboard and by address, and runs too big to be looked at whole.</summary>
[Collection(BrowserCollection.Name)]
public sealed class StepsJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task The_timeline_is_walked_by_keyboard_zoomed_folded_and_leads_to_a_card_that_can_be_shared()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + SeedSteps.Nested);
        await page.ClickAsync("#view-timeline");
        await Expect(page.Locator(".wf-row")).ToHaveCountAsync(9);
        await Expect(page.Locator("#view-timeline")).ToBeFocusedAsync();
        await Until.UrlEndsAsync(page, $"/runs/{SeedSteps.Nested}?view=timeline");
        await Expect(page.Locator("#critical-path")).ToContainTextAsync("of 20.3s · waiting");

        // One row is in the tab order; arrows go on from there.
        await page.Locator("[data-row=plan_research] a").FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("[data-row=research_agent] a")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.Locator("[data-row=web_search]")).ToBeHiddenAsync();
        await Expect(page.Locator("[data-row=read_page]")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("[data-row=read_page]")).ToBeVisibleAsync();
        Assert.Contains("takes 9.4s", await page.Locator("[data-row=research_agent] a").EvaluateAsync<string>("e => getComputedStyle(e, '::after').content"), StringComparison.Ordinal);
        await page.Keyboard.PressAsync("Escape");
        Assert.Equal("none", await page.Locator("[data-row=research_agent] a").EvaluateAsync<string>("e => getComputedStyle(e, '::after').content"));
        await page.Keyboard.PressAsync("+");
        await page.WaitForFunctionAsync("() => document.querySelector('[data-row=web_search] .wf-bar').getAttribute('viewBox').endsWith(' 0 500000 20')");
        await page.ClickAsync("#zoom-fit");
        await Expect(page.Locator("[data-row=web_search] .wf-bar")).ToHaveAttributeAsync("viewBox", "0 0 1000000 20");
        await Expect(page.Locator("#zoom-out")).ToBeDisabledAsync();

        await page.Locator("[data-row=write_article] a").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var card = page.Locator(".node[data-step-id=write_article]");
        await Expect(card.Locator("summary").First).ToBeFocusedAsync();
        await Expect(card).ToHaveAttributeAsync("open", "");
        await Until.UrlEndsAsync(page, "#step-write_article");
        // The view somebody chose is remembered, and the address of the card wins over it.
        await page.GotoAsync("/runs/" + Seed.Completed);
        await Expect(page.Locator(".wf-row")).ToHaveCountAsync(3);
        await page.GotoAsync($"/runs/{Seed.Completed}#step-step_lookup");
        await page.ReloadAsync();
        await Expect(page.Locator(".node[data-step-id=step_lookup] summary").First).ToBeFocusedAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task The_table_is_sorted_and_filtered_and_its_address_shows_the_same_again()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync($"/runs/{SeedSteps.Many}?view=table");
        await Expect(page.Locator("#step-rows tr")).ToHaveCountAsync(100);
        await Expect(page.Locator("#step-rows tr").First).ToHaveClassAsync("failed");
        await page.Locator("#rows-more-link").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#step-rows tr")).ToHaveCountAsync(200);
        await Expect(page.Locator("#rows-more-link")).ToContainTextAsync("200 of 450");
        await Until.TrueAsync(page, "() => document.activeElement !== document.body");
        await page.ClickAsync("#sort-duration");
        await Expect(page.Locator("#step-rows tr").First).ToContainTextAsync("445ms");
        await Expect(page.Locator("#sort-duration")).ToBeFocusedAsync();
        await page.Locator("#steps-find").PressSequentiallyAsync("call_2", new() { Delay = 20 });
        await Expect(page.Locator("#steps-count")).ToContainTextAsync("Steps: 109");
        await Expect(page.Locator("#steps-find")).ToBeFocusedAsync();
        await page.ClickAsync("#steps-failed");
        await Expect(page.Locator("#step-rows tr")).ToHaveCountAsync(1);
        await Until.UrlEndsAsync(page, "?view=table&sort=-duration&failed=true&find=call_2");
        await page.ReloadAsync();
        await Expect(page.Locator("#step-rows tr")).ToHaveCountAsync(1);
        await page.Locator("#step-rows a").ClickAsync();
        await Expect(page.Locator(".node.failed summary").First).ToBeFocusedAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task The_runs_of_the_list_are_gone_through_with_j_and_k_the_parent_is_p_and_e_expands_all()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed&sort=duration");
        var ids = await page.Locator("#rows tr[data-id]").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");
        await page.Locator($"tr[data-id='{ids[0]}'] td").Nth(3).ClickAsync();
        await Expect(page.Locator("#panel [data-near-next]")).ToBeVisibleAsync();
        await Expect(page.Locator("#panel [data-near-previous]")).ToHaveAttributeAsync("aria-disabled", "true");
        foreach (var (key, at) in new[] { ("j", 1), ("j", 2), ("k", 1) })
        {
            await page.Keyboard.PressAsync(key);
            await Expect(page.Locator("#panel .run")).ToHaveAttributeAsync("data-run", ids[at]);
            await Expect(page.Locator("#panel [data-near-next]")).ToHaveAttributeAsync("data-near", ids[at + 1]);
            await Until.FocusInAsync(page, "#panel");
        }

        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();
        await page.WaitForFunctionAsync("() => location.pathname === '/runs'");
        // The same on the page of a run, also where it is the list's address that led there.
        await page.GotoAsync("/runs/" + ids[1]);
        await page.Locator("[data-near-next]").ClickAsync();
        await IsAtAsync(page, ids[2]);
        await Expect(page.Locator(".run-near")).ToBeVisibleAsync();
        await Expect(page.Locator(".crumbs a").First).ToHaveAttributeAsync("href", "/runs?status=failed&sort=duration");
        await LeaveByKeyAsync(page, "k", ids[1]);

        await page.GotoAsync("/runs/run_child_0");
        await page.Locator("[data-key=p]").WaitForAsync();
        await LeaveByKeyAsync(page, "p", Seed.Failed);
        await page.GotoAsync("/runs/" + Seed.Long);
        await page.Keyboard.PressAsync("e");
        await Expect(page.Locator(".node[open]")).ToHaveCountAsync(50);
        await page.Keyboard.PressAsync("e");
        await Expect(page.Locator(".node[open]")).ToHaveCountAsync(0);
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task A_view_keeps_itself_true_while_the_run_goes_on_and_stays_as_the_reader_left_it()
    {
        await using var site = await Site.StartAsync(chromium, empty: true);
        var at = site.Hub.Get<TimeProvider>().GetUtcNow().AddSeconds(-30);
        StepWrite Step(string id, string? parent, RunStatus status) => new() { Id = id, Name = id, ParentStepId = parent, Status = status, StartedAt = at, DurationMs = status.IsFinal() ? 9000 : null };
        await IngestAsync(Step("outer", null, RunStatus.Running), Step("inner", "outer", RunStatus.Completed), Step("after", null, RunStatus.Running));
        var page = await site.OpenAsync("/runs/live?view=timeline");
        await Expect(page.Locator(".wf-row")).ToHaveCountAsync(3);
        await page.Locator("[data-row=outer] .wf-toggle").ClickAsync();
        await page.ClickAsync("#zoom-in");
        await page.Locator("[data-row=after] a").FocusAsync();
        await IngestAsync(Step("second", "outer", RunStatus.Completed), Step("after", null, RunStatus.Failed), Step("last", null, RunStatus.Running));
        await Expect(page.Locator("[data-row=last]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-row=after]")).ToHaveClassAsync(new Regex("failed", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Expect(page.Locator("[data-row=after] a")).ToBeFocusedAsync();
        await Expect(page.Locator("[data-row=second]")).ToBeHiddenAsync();
        await Until.TrueAsync(page, "() => document.querySelector('[data-row=last] .wf-bar')?.getAttribute('viewBox').endsWith(' 0 500000 20')");
        await page.ClickAsync("#view-table");
        await Expect(page.Locator("#step-rows tr")).ToHaveCountAsync(5);
        await IngestAsync(Step("more", null, RunStatus.Completed));
        await Expect(page.Locator("#step-rows tr")).ToHaveCountAsync(6);
        await Until.UrlEndsAsync(page, "?view=table");
        Assert.Empty(site.ConsoleErrors);

        Task IngestAsync(params StepWrite[] steps) => site.ReportAsync(new RunWrite { Id = "live", WorkflowName = "w", Status = RunStatus.Running, StartedAt = at, Steps = [.. steps] });
    }

    // A key that leaves the page, pressed when nobody waits for it to be released: that could wait for ever.
    static async Task LeaveByKeyAsync(IPage page, string key, string to)
    {
        await page.EvaluateAsync("key => { setTimeout(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))); }", key);
        await IsAtAsync(page, to);
    }

    static Task IsAtAsync(IPage page, string run) => Expect(page.Locator("main .run")).ToHaveAttributeAsync("data-run", run, new() { Timeout = 20_000 });
}
