using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.Store.Rollups;

namespace RunHub.IntegrationTests.Steps;

public sealed class ViewTests
{
    static readonly DateTimeOffset Start = new(2025, 3, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory, Engines]
    public async Task The_view_in_the_address_comes_with_the_page_and_a_remembered_one_is_fetched(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub, Agent());
        using var browser = await hub.SignInAsync();
        var page = await PageAsync(browser, "/runs/r");
        Assert.Equal("Cards", page.QuerySelector("#steps-bar [aria-current]")!.TextContent);
        Assert.Equal(6, page.QuerySelectorAll("#steps-view > details.node").Length);
        Assert.Equal(6, (await PageAsync(browser, "/runs/r?view=table")).QuerySelectorAll("#step-rows tr").Length);
        Assert.Equal(6, (await PageAsync(browser, "/runs/r?view=timeline")).QuerySelectorAll(".wf-row").Length);
        using var remembered = new HttpRequestMessage(HttpMethod.Get, "/runs/r/panel") { Headers = { { "Cookie", "steps=timeline" } } };
        using var answer = await browser.SendAsync(remembered);
        page = await new HtmlParser().ParseDocumentAsync(await answer.Content.ReadAsStringAsync());
        Assert.Equal("Timeline", page.QuerySelector("#steps-bar [aria-current]")!.TextContent);
        Assert.Equal("/runs/r/steps/timeline", page.QuerySelector("#steps-view [hx-trigger=load]")!.GetAttribute("hx-get"));
        Assert.Equal("Cards", (await PageAsync(browser, "/runs/r?view=nonsense")).QuerySelector("#steps-bar [aria-current]")!.TextContent);
        // Each is also answered alone.
        foreach (var view in new[] { "cards", "table", "timeline" }) Assert.Null((await PageAsync(browser, "/runs/r/steps/" + view)).QuerySelector("main"));
        using var elsewhere = await hub.SignInAsync(tenant: "other");
        foreach (var view in new[] { "", "/cards", "/table", "/timeline" }) Assert.Equal(HttpStatusCode.NotFound, (await elsewhere.GetAsync("/runs/r/steps" + view)).StatusCode);
    }

    [Theory, Engines]
    public async Task The_timeline_names_the_critical_path_waiting_and_what_has_no_times(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub, Agent());
        using var browser = await hub.SignInAsync();
        var page = await PageAsync(browser, "/runs/r/steps/timeline");
        Assert.Equal("Critical path 4.2s of 5.0s · waiting 800ms · 5 of 6 steps on it", Text(page, "#critical-path"));
        Assert.Equal("Queued 2.0sRunning 5.0sFailed", Text(page, "#run-states ol"));
        Assert.Equal(["agent", "plan", "search", "fetch", "answer", "odd"], page.QuerySelectorAll(".wf-name .truncate").Select(e => e.TextContent));
        Assert.Equal(["0", "1", "1", "2", "0", "0"], page.QuerySelectorAll(".wf-row").Select(e => e.GetAttribute("data-depth")));
        var fetch = page.QuerySelector("[data-row=fetch]")!;
        Assert.Contains("failed", fetch.ClassList);
        Assert.Equal("3 attempts", fetch.QuerySelector(".badge")!.TextContent);
        Assert.Equal("/runs/r#step-fetch", fetch.QuerySelector("a")!.GetAttribute("href"));
        Assert.Equal("io", fetch.QuerySelector(".wf-icon")!.ClassList[1]);
        Assert.Contains("I/O · Failed\nBegins at 1.0s, takes 1.0s\n1.0s on the critical path, 20% of the run\n2 retries\n400 tokens · $0.0010\n504 from upstream", fetch.QuerySelector("a")!.GetAttribute("data-tip"), StringComparison.Ordinal);
        Assert.Equal(("200000", "200000"), (fetch.QuerySelector("rect")!.GetAttribute("x"), fetch.QuerySelector("rect")!.GetAttribute("width")));
        Assert.Contains("800ms before it nobody was at work", page.QuerySelector("[data-row=answer] a")!.GetAttribute("data-tip"), StringComparison.Ordinal);
        Assert.Contains("Reported without times", page.QuerySelector("[data-row=odd] a")!.GetAttribute("data-tip"), StringComparison.Ordinal);
        Assert.Equal("Reported without times: 1. They stand where they were reported, without a bar.", Text(page, "#wf-timeless"));
        Assert.Equal("1,900 tokens · most in answer: 1,500", Text(page, "#usage-tokens figcaption"));
        Assert.Equal("$0.0060 · most in answer: $0.0050", Text(page, "#usage-cost figcaption"));
        Assert.Equal("ruta crítica", Text(await PageAsync(browser, "/runs/r/steps/timeline", "es"), ".wf-legend li:nth-last-child(2)"));
    }

    [Theory, Engines]
    public async Task Runs_without_steps_times_or_an_end_say_so(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub, new RunWrite { Id = "empty", WorkflowName = "w", Status = RunStatus.Completed }, new RunWrite { Id = "timeless", WorkflowName = "w", Status = RunStatus.Completed, Steps = [new StepWrite { Id = "a", Name = "a", DurationMs = 5 }, new StepWrite { Id = "b", Name = "b" }] },
            new RunWrite { Id = "waiting", WorkflowName = "w", Status = RunStatus.WaitingHuman, StartedAt = hub.Get<TimeProvider>().GetUtcNow().AddMinutes(-10), Steps = [new StepWrite { Id = "ask", Name = "ask", Status = RunStatus.WaitingHuman, StartedAt = hub.Get<TimeProvider>().GetUtcNow().AddMinutes(-10) }] });
        using var browser = await hub.SignInAsync();
        foreach (var view in new[] { "table", "timeline" }) Assert.Contains("No steps were reported", await browser.GetStringAsync("/runs/empty/steps/" + view), StringComparison.Ordinal);
        var timeless = await PageAsync(browser, "/runs/timeless/steps/timeline");
        Assert.StartsWith("No step has a time", Text(timeless, "#critical-path"), StringComparison.Ordinal);
        Assert.StartsWith("The steps were reported without times", Text(timeless, "#wf-timeless"), StringComparison.Ordinal);
        Assert.Empty(timeless.QuerySelectorAll(".wf-bar rect"));
        var waiting = await PageAsync(browser, "/runs/waiting/steps/timeline");
        Assert.Matches("^Critical path 0ms of 10m \\d+s · waiting 10m", Text(waiting, "#critical-path"));
        Assert.NotNull(waiting.QuerySelector("#run-states .waiting_human"));
    }

    [Theory, Engines]
    public async Task The_table_has_every_figure_is_sorted_and_filtered_by_the_address_and_adds_up(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub, Agent());
        using var browser = await hub.SignInAsync();
        var page = await PageAsync(browser, "/runs/r?view=table&sort=-duration");
        Assert.Equal(["agent", "answer", "search", "fetch", "plan", "odd"], Names(page));
        Assert.Equal("descending", page.QuerySelector("th.c-duration")!.GetAttribute("aria-sort"));
        Assert.Equal("/runs/r?view=table&sort=duration", page.QuerySelector("#sort-duration")!.GetAttribute("href"));
        var answer = page.QuerySelectorAll("#step-rows tr")[1];
        Assert.Equal(["answer", "Model", "Success", "1.7s", "", "1,500", "300ms", "$0.0050", "Passed 0.9", ""], answer.Children.Select(c => Clean(c.TextContent)));
        Assert.Equal("504 from upstream", page.QuerySelector("tr.failed .c-error")!.TextContent);
        Assert.Equal(["2", "1,900", "300ms", "$0.0060"], page.QuerySelectorAll("tfoot td[data-label]").Select(c => c.TextContent));
        Assert.Equal(["fetch"], Names(await PageAsync(browser, "/runs/r/steps/table?failed=true")));
        Assert.Equal(["search"], Names(await PageAsync(browser, "/runs/r/steps/table?find=SEA")));
        Assert.Contains("No step is like that.", await browser.GetStringAsync("/runs/r/steps/table?find=quokka"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Slow_steps_say_how_many_times_longer_than_usual_they_took(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var usual = Enumerable.Range(0, 30).Select(i => new RunWrite { Id = "u" + i, WorkflowName = "w", Environment = "prod", Status = RunStatus.Completed, StartedAt = Start.AddHours(-i - 1), DurationMs = 1000, Steps = [Timed("a", 100, 0), Timed("b", 900, 100)] });
        await FillAsync(hub, [.. usual, new RunWrite { Id = "slow", WorkflowName = "w", Environment = "prod", Status = RunStatus.Completed, StartedAt = Start, DurationMs = 3200, Steps = [Timed("a", 310, 0), Timed("b", 900, 310)] }]);
        using var browser = await hub.SignInAsync();
        foreach (var folded in new[] { false, true })
        {
            if (folded) await hub.Get<FoldRollups>().HandleAsync(default);
            Assert.Equal("3.1×", Assert.Single((await PageAsync(browser, "/runs/slow/steps/table")).QuerySelectorAll("#step-rows .badge.yellow")).TextContent);
            var timeline = await PageAsync(browser, "/runs/slow/steps/timeline");
            Assert.Equal("3.1×", Assert.Single(timeline.QuerySelectorAll(".wf-time em")).TextContent);
            Assert.Contains("19 of 20 within", timeline.QuerySelector("[data-row=b] a")!.GetAttribute("data-tip"), StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task A_step_among_many_is_shown_with_its_neighbours_by_id_node_or_name(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub, new RunWrite { Id = "r", WorkflowName = "w", Status = RunStatus.Completed, Steps = [.. Enumerable.Range(0, 300).Select(i => new StepWrite { Id = "s " + i, Name = "n" + i, NodeId = i == 200 ? "node/200" : null })] });
        using var browser = await hub.SignInAsync();
        foreach (var at in new[] { "s 200", "node/200", "n200" })
        {
            var page = await PageAsync(browser, "/runs/r/steps/cards?at=" + Uri.EscapeDataString(at));
            Assert.Equal(["s 197", "s 198", "s 199", "s 200"], page.QuerySelectorAll("details.node").Take(4).Select(c => c.GetAttribute("data-step-id")));
            Assert.StartsWith("From step 198 of 300 on.", Text(page, ".steps-window"), StringComparison.Ordinal);
            Assert.Equal("Show more nodes247 of 300", page.QuerySelector("#nodes-more a")!.TextContent);
        }

        Assert.Null((await PageAsync(browser, "/runs/r/steps/cards?at=s%201")).QuerySelector(".steps-window"));
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/runs/r/steps/cards?at=nobody")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/runs/r/steps/timeline?from=0&under=nobody")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync("/runs/r/steps/timeline?from=-1")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync("/runs/r/steps?after=x")).StatusCode);
    }

    [Fact]
    public async Task Figures_that_add_up_to_more_than_a_number_holds_are_shown_as_the_largest()
    {
        await using var hub = await TestHub.StartAsync();
        await FillAsync(hub, new RunWrite { Id = "r", WorkflowName = "w", Status = RunStatus.Completed, StartedAt = Start, DurationMs = 1, Steps = [.. Enumerable.Range(0, 150).Select(i => Timed("s" + i, 1, 0) with { CostUsd = 1_000_000_000m, Tokens = 1_000_000_000_000_000 })] });
        using var browser = await hub.SignInAsync();
        Assert.Equal(["150,000,000,000,000,000", "$9,223,372,036.85"], (await PageAsync(browser, "/runs/r/steps/table")).QuerySelectorAll("tfoot td[data-label]").Select(c => c.TextContent).Where(t => t.Length > 0));
        Assert.StartsWith("$9,223,372,036.85 · most in", Text(await PageAsync(browser, "/runs/r/steps/timeline"), "#usage-cost figcaption"), StringComparison.Ordinal);
    }

    static RunWrite Agent() => new()
    {
        Id = "r", WorkflowName = "research", Status = RunStatus.Failed, CreatedAt = Start.AddSeconds(-2), StartedAt = Start, CompletedAt = Start.AddSeconds(5),
        Steps =
        [
            Timed("agent", 2500, 0),
            Timed("plan", 500, 0) with { ParentStepId = "agent", Type = StepType.Decision },
            Timed("search", 1500, 500) with { ParentStepId = "agent", Type = StepType.Tool },
            Timed("fetch", 1000, 1000) with { ParentStepId = "search", Type = StepType.Io, Status = RunStatus.Failed, Retries = 2, ErrorMessage = "504 from upstream", Tokens = 400, CostUsd = 0.001m },
            Timed("answer", 1700, 3300) with { Type = StepType.Model, Tokens = 1500, CostUsd = 0.005m, ComputeMs = 300, ValidationPassed = true, ValidationScore = 0.9 },
            new StepWrite { Id = "odd", Name = "odd", Type = StepType.Io, Status = RunStatus.Completed },
        ],
    };

    static StepWrite Timed(string name, long ms, long after) => new() { Id = name, Name = name, Type = StepType.Tool, Status = RunStatus.Completed, StartedAt = Start.AddMilliseconds(after), DurationMs = ms };

    static IEnumerable<string> Names(IHtmlDocument page) => page.QuerySelectorAll("#step-rows .c-name a").Select(a => a.TextContent);

    static string Text(IHtmlDocument page, string selector) => Clean(page.QuerySelector(selector)!.TextContent);

    static string Clean(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static async Task<IHtmlDocument> PageAsync(HttpClient browser, string url, string language = "en")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "Accept-Language", language } } };
        using var answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await new HtmlParser().ParseDocumentAsync(await answer.Content.ReadAsStringAsync());
    }

    internal static async Task FillAsync(TestHub hub, params RunWrite[] runs)
    {
        var caller = new Caller(CallerKind.Key, 1, "tests", await hub.TenantAsync(), Role.None, KeyScopes.Admin, false);
        Assert.Empty((await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = runs }, atomic: true, default)).Rejected);
    }
}
