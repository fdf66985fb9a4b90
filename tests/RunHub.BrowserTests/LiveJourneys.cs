using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Ingest;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>Pages that are open while things happen.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LiveJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task Two_people_see_each_others_changes_within_a_second_and_lose_nothing_they_were_at()
    {
        await using var site = await Site.StartAsync(chromium);
        var list = await site.OpenAsync("/runs", role: Role.Operator);
        var run = await site.OpenAsync("/runs/" + Seed.Failed, role: Role.Operator);
        await Expect(list.Locator("#runs[data-connected]")).ToBeVisibleAsync();
        // Somebody is writing a note, has opened the stack and read down to a node.
        await run.ClickAsync(".run-error .fold summary");
        await run.ClickAsync("#act-annotate");
        await run.FillAsync("#run-acts textarea", "The supplier was do");
        var scroll = await run.EvaluateAsync<int>("(window.scrollTo(0, 120), Math.round(scrollY))");
        var times = new List<double>();
        foreach (var owner in new[] { "ben", "carla", "dora", "emil", "fay" })
        {
            var began = Stopwatch.GetTimestamp();
            await site.ActAsync(new AssignRun(owner));
            await Task.WhenAll(
                Expect(list.Locator($"tr[data-id={Seed.Failed}] td:nth-child(10)")).ToHaveTextAsync(owner),
                Expect(run.Locator("#run-meta")).ToContainTextAsync(owner));
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Assert.True(times.Order().ElementAt(2) < 1000, string.Join(", ", times));
        await Expect(run.Locator("#run-acts textarea")).ToHaveValueAsync("The supplier was do");
        await Expect(run.Locator("#run-acts textarea")).ToBeFocusedAsync();
        await Expect(run.Locator("#error-stack")).ToBeVisibleAsync();
        Assert.Equal(scroll, await run.EvaluateAsync<int>("Math.round(scrollY)"));
        await run.Keyboard.TypeAsync("wn until noon.");
        await run.ClickAsync("#run-acts .act-form button");
        await Expect(run.Locator("#run-notes")).ToContainTextAsync("The supplier was down until noon.");

        // In the slide-over of the other: the note, and a tag that comes while it is open.
        await list.Locator($"tr[data-id={Seed.Failed}] td").First.ClickAsync();
        await Expect(list.Locator("#panel #run-notes")).ToContainTextAsync("until noon.");
        await site.ActAsync(new TagRun(["looked at"]));
        await Expect(list.Locator("#panel #run-meta")).ToContainTextAsync("looked at");
        await Expect(list.Locator("#panel [data-panel-focus]")).ToBeFocusedAsync();

        // A tab behind another one is not thrown away: it shows what it had, and then what has come since.
        await run.ClickAsync("#tab-annotations");
        await run.Locator("#tabpanel-annotations").GetByText("until noon.").WaitForAsync();
        await run.EvaluateAsync("window.behind = document.getElementById('tabpanel-annotations')");
        await run.ClickAsync("#tab-steps");
        await site.ActAsync(new AnnotateRun("Back since one."));
        await Expect(run.Locator("#run-notes")).ToContainTextAsync("Back since one.");
        await Expect(run.Locator("#tabpanel-annotations")).Not.ToContainTextAsync("Back since one.");
        await run.ClickAsync("#tab-annotations");
        await Expect(run.Locator("#tabpanel-annotations")).ToContainTextAsync("Back since one.");
        Assert.True(await run.EvaluateAsync<bool>("window.behind.isConnected"));

        // How far a run is moves where it stands.
        await site.ReportAsync(new RunWrite { Id = Seed.Running, Progress = 55 });
        await Expect(list.Locator($"tr[data-id={Seed.Running}] progress")).ToHaveAttributeAsync("value", "55");
        await run.GotoAsync("/runs/" + Seed.Running);
        await Expect(run.GetByRole(AriaRole.Progressbar, new() { Name = "Progress" })).ToHaveAttributeAsync("value", "55");
        await site.ReportAsync(new RunWrite { Id = Seed.Running, Progress = 80 });
        await Expect(run.Locator("#run-progress")).ToHaveTextAsync("80%");
        await Expect(list.Locator($"tr[data-id={Seed.Running}] progress")).ToHaveAttributeAsync("value", "80");

        // A run that ends while it is looked at.
        await run.GotoAsync($"/runs/{Seed.Running}?view=timeline");
        await run.Locator(".wf-row").First.WaitForAsync();
        await site.ReportAsync(new RunWrite { Id = Seed.Running, Status = RunStatus.Failed, ErrorMessage = "Out of paper", Steps = [new StepWrite { Id = "late", NodeId = "node_late", Name = "print", Type = StepType.Tool, Status = RunStatus.Failed, ErrorMessage = "Out of paper" }] });
        await Expect(run.Locator("#run-state .status.failed")).ToBeVisibleAsync();
        await Expect(run.Locator("#error-message")).ToHaveTextAsync("Out of paper");
        await Expect(run.Locator("progress")).ToHaveCountAsync(0);
        await Expect(run.Locator(".wf-row[data-row=late]")).ToBeVisibleAsync();
        Assert.DoesNotContain(site.ConsoleErrors, e => !e.StartsWith("htmx:", StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task New_runs_wait_behind_a_button_and_nothing_moves_under_the_reader()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed,running", role: Role.Operator);
        await Expect(page.Locator("#runs[data-connected]")).ToBeVisibleAsync();
        await Expect(page.Locator(".strip-figures")).ToBeVisibleAsync();
        var row = page.Locator("#rows tr").Nth(3);
        await row.FocusAsync();
        await page.Keyboard.PressAsync("x");
        var before = await StateAsync(page);
        await site.ReportAsync(Run("new_1", RunStatus.Failed), Run("new_2", RunStatus.Running), Run("new_3", RunStatus.Completed), Run("new_4", RunStatus.Failed));
        var button = page.Locator("#new-runs");
        await Expect(button).ToHaveTextAsync("3 new runs");
        await Expect(page.Locator("#new-said")).ToHaveTextAsync("3 new runs");
        // One of them ends otherwise: it is not for this list any more. A run of the page ends: it stays, and says so.
        await site.ReportAsync(Run("new_2", RunStatus.Completed), new RunWrite { Id = Seed.Running, Status = RunStatus.Completed });
        await Expect(button).ToHaveTextAsync("2 new runs");
        await Expect(page.Locator($"tr[data-id={Seed.Running}] .status.completed")).ToBeVisibleAsync();
        Assert.Equal(before, await StateAsync(page));
        await button.ClickAsync();
        await Expect(page.Locator("tr[data-id=new_4]")).ToBeVisibleAsync();
        await Expect(page.Locator("tr[data-id=new_2]")).ToHaveCountAsync(0);
        await Expect(button).ToBeHiddenAsync();
        await Expect(page.Locator("#rows tr[aria-selected=true]")).ToHaveCountAsync(1);
        Assert.Empty(site.ConsoleErrors);

        // A tab nobody sees listens to nothing, and takes up where it ended.
        await HideAsync(page, hidden: true);
        await site.ReportAsync(Run("unseen", RunStatus.Failed));
        await page.WaitForTimeoutAsync(700);
        await Expect(button).ToBeHiddenAsync();
        await HideAsync(page, hidden: false);
        await Expect(button).ToHaveTextAsync("1 new run");

        // One that was opened behind others long ago does not know what it missed: its rows are asked for, and that there may be more is said.
        var late = await site.OpenAsync("/runs?status=failed,running");
        await late.AddInitScriptAsync("Object.defineProperty(document, 'hidden', { value: true, configurable: true })");
        await late.ReloadAsync();
        await late.EvaluateAsync("{ const now = Date.now; Date.now = () => now() + 120000; }");
        await late.RunAndWaitForRequestAsync(() => HideAsync(late, hidden: false), r => r.Url.Contains("/runs/rows?", StringComparison.Ordinal));
        await Expect(late.Locator("#new-runs")).ToBeVisibleAsync();

        // An empty list has nothing that could jump.
        await page.GotoAsync("/runs?workflow=brand_new");
        await Expect(page.Locator("#runs[data-connected]")).ToBeVisibleAsync();
        await site.ReportAsync(Run("first", RunStatus.Completed, "brand_new"));
        await Expect(page.Locator("tr[data-id=first]")).ToBeVisibleAsync();
    }

    [BrowserFact, Trait("Category", "Long")]
    public async Task At_five_hundred_runs_a_second_the_page_asks_for_little_and_nothing_moves()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs", role: Role.Operator);
        await Expect(page.Locator("#runs[data-connected]")).ToBeVisibleAsync();
        await Expect(page.Locator(".strip-figures")).ToBeVisibleAsync();
        await page.Locator("#rows tr").Nth(3).FocusAsync();
        var before = await StateAsync(page);
        var asked = new System.Collections.Concurrent.ConcurrentBag<string>();
        page.Request += (_, request) => asked.Add(new Uri(request.Url).AbsolutePath);
        var began = Stopwatch.GetTimestamp();
        for (var batch = 0; batch < 24; batch++)
        {
            await site.ReportAsync([.. Enumerable.Range(0, 125).Select(i => Run(string.Create(CultureInfo.InvariantCulture, $"crowd_{batch}_{i}"), i % 3 == 0 ? RunStatus.Failed : RunStatus.Running))]);
            await page.WaitForTimeoutAsync(Math.Max(0, (float)((batch + 1) * 250 - Stopwatch.GetElapsedTime(began).TotalMilliseconds)));
        }

        await Expect(page.Locator("#new-runs")).ToHaveTextAsync("500+ new runs");
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Assert.True(asked.Count(path => path == "/runs/rows") <= 2 * seconds && asked.Count(path => path == "/runs/strip") <= 1 + seconds / 15, $"In {seconds:0.0} s: {string.Join(", ", asked.CountBy(path => path))}");
        Assert.Equal(before, await StateAsync(page));
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task A_range_of_the_chart_is_dragged_or_chosen_by_keyboard_and_a_row_tells_more()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed,completed", role: Role.Operator);
        var chart = page.Locator(".strip-chart svg");
        var box = (await chart.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width - 120, box.Y + 20);
        await Expect(page.Locator(".strip-tip")).ToBeVisibleAsync();
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width - 2, box.Y + 24, new() { Steps = 4 });
        await Expect(page.Locator(".strip-mark")).ToBeVisibleAsync();
        await page.Mouse.UpAsync();
        await page.WaitForURLAsync("**/runs?status=failed,completed&from=*&to=*");
        await Expect(page.Locator(".chip")).ToHaveCountAsync(4);
        var dragged = page.Url;
        await page.Locator(".strip-figures").WaitForAsync();
        await page.Locator(".strip:not(.strip-old) svg a[tabindex='0']").FocusAsync();
        await page.Keyboard.PressAsync("Shift+ArrowLeft");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => url != dragged);
        await page.GoBackAsync();
        await page.WaitForURLAsync(dragged);
        await page.GotoAsync("/runs?status=failed");

        var row = page.Locator($"tr[data-id={Seed.Failed}]");
        await row.FocusAsync();
        await page.Keyboard.PressAsync("v");
        var quick = page.Locator("#quick");
        await Expect(quick.Locator(".quick-error")).ToContainTextAsync("did not answer within 30 seconds");
        await Expect(quick.Locator(".menu-item").First).ToBeFocusedAsync();
        // The list is drawn anew beneath it: it belongs to the new row.
        await page.EvaluateAsync("document.getElementById('runs').dataset.old = 'yes'; document.getElementById('runs-refresh').click()");
        await Expect(page.Locator("#runs:not([data-old])")).ToBeVisibleAsync();
        await Expect(row.Locator(".row-more")).ToHaveAttributeAsync("aria-expanded", "true");
        await page.Keyboard.PressAsync("Escape");
        await Expect(quick).ToBeHiddenAsync();
        await Expect(row).ToBeFocusedAsync();
        await row.HoverAsync();
        await row.Locator(".row-more").ClickAsync();
        await quick.Locator("[data-quick-act=tag]").ClickAsync();
        await Expect(page.Locator("#panel #run-acts [name=add]")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();
        await row.HoverAsync();
        await row.Locator(".row-more").ClickAsync();
        await quick.Locator("[data-quick-list]").Last.ClickAsync();
        await page.WaitForURLAsync("**/runs?status=failed&workflow=invoice_extraction&error_code=OCR_TIMEOUT");
        Assert.Empty(site.ConsoleErrors);
    }

    static Task<string> StateAsync(IPage page) => page.EvaluateAsync<string>("""
        () => JSON.stringify({
          rows: [...document.querySelectorAll('#rows tr')].map(r => [r.dataset.id, Math.round(r.getBoundingClientRect().top), r.getAttribute('aria-selected'), r.querySelector('.pick').checked]),
          focus: document.activeElement.dataset.id, scroll: Math.round(scrollY) })
        """);

    static Task HideAsync(IPage page, bool hidden) => page.EvaluateAsync("hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }", hidden);

    static RunWrite Run(string id, RunStatus status, string workflow = "ticket_triage") => new() { Id = id, WorkflowName = workflow, Type = "crafter", Environment = "prod", Status = status };
}
