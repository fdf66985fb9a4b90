using System.Globalization;
using System.Net;
using System.Text;
using AngleSharp.Html.Parser;
using RunHub.IntegrationTests.Api;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.IntegrationTests.Steps;

/// <summary>Runs larger than anybody can look at: what is answered stays small, says what it leaves out, and the whole can be had.</summary>
public sealed class BigRunTests
{
    const int Many = 10_000, Page = 200 * 1024;

    [Theory, Engines]
    public async Task A_run_has_so_many_steps_and_no_more_and_those_it_has_may_be_sent_again(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await JsonCalls.PostAsync(key, "/api/runs", new { id = "full", workflow_name = "w", steps = new[] { new { id = "s1", name = "first", status = "running" } } });
        // A quarter of a million steps would take a minute to send: what counts them is set to what they would be.
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE runs SET step_count = @step_count WHERE id = 'full'").With((long)Limits.Steps).ExecuteAsync(ct), default);
        await JsonCalls.RefusedAsync(key, "/api/runs", new { id = "full", owner = "ann", steps = new[] { new { id = "s2", name = "one more" } } }, HttpStatusCode.UnprocessableEntity, "at most 250000 steps");
        Assert.False((await JsonCalls.GetAsync(key, "/api/runs/full")).TryGetProperty("owner", out _));
        await JsonCalls.PostAsync(key, "/api/runs", new { id = "full", steps = new[] { new { id = "s1", name = "first", status = "completed" } } });
    }

    [Theory, Engines]
    public async Task Ten_thousand_steps_are_shown_in_parts_with_what_failed_first(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var start = new DateTimeOffset(2025, 3, 20, 12, 0, 0, TimeSpan.Zero);
        // A hundred batches of ninety-nine calls; two calls fail, far down.
        var steps = Enumerable.Range(0, Many).Select(i => new StepWrite
        {
            Id = "s" + i, Name = i % 100 == 0 ? "batch" + i / 100 : "call" + i, ParentStepId = i % 100 == 0 ? null : "s" + i / 100 * 100, Type = i % 100 == 0 ? StepType.Io : StepType.Model, Tokens = 10, StartedAt = start.AddMilliseconds(i), DurationMs = i % 100 == 0 ? 100 : 1,
            Status = i is 7_777 or 9_999 ? RunStatus.Failed : RunStatus.Completed, ErrorMessage = i is 7_777 or 9_999 ? "no answer to call " + i : null, Input = JsonPayload.Parse($$"""{"n":{{i}}}"""), Output = JsonPayload.String(new string('x', 200)),
        }).ToList();
        await ViewTests.FillAsync(hub, [.. steps.Chunk(2_000).Select(s => new RunWrite { Id = "big", WorkflowName = "w", Status = RunStatus.Failed, StartedAt = start, ErrorStepId = "s7777", Steps = [.. s] })]);
        using var browser = await hub.SignInAsync();

        var page = new HtmlParser().ParseDocument(await SmallAsync("/runs/big"));
        Assert.Equal("2 of 10,000 steps failed", page.QuerySelector("#failed-steps h3")!.TextContent);
        Assert.Equal(["batch77 › call7777no answer to call 77771ms", "batch99 › call9999no answer to call 99991ms"], page.QuerySelectorAll("#failed-steps li").Select(l => l.TextContent));
        Assert.Equal("/runs/big#step-s7777", page.QuerySelector("#failed-steps a")!.GetAttribute("href"));
        Assert.Equal(50, page.QuerySelectorAll("details.node").Length);
        Assert.Equal(53, new HtmlParser().ParseDocument(await SmallAsync("/runs/big/steps/cards?at=s7777")).QuerySelectorAll("details.node").Length + 3);

        var table = new HtmlParser().ParseDocument(await SmallAsync("/runs/big/steps/table"));
        Assert.Equal(["call7777", "call9999", "batch0"], table.QuerySelectorAll("#step-rows .c-name a").Take(3).Select(a => a.TextContent));
        Assert.Equal("Steps: 10,000 · failed ones first", table.QuerySelector("#steps-count")!.TextContent);
        var more = table.QuerySelector("#rows-more a")!;
        Assert.Equal("Show more steps100 of 10,000", more.TextContent);
        var rows = new HtmlParser().ParseDocument("<table><tbody id=t>" + await SmallAsync(more.GetAttribute("hx-get")!));
        Assert.Equal(100, rows.QuerySelectorAll("#t > tr").Length);
        Assert.Equal("batch98", rows.QuerySelector("#t .c-name a")!.TextContent.Replace("call", "batch", StringComparison.Ordinal));
        var last = new HtmlParser().ParseDocument("<table><tbody id=t>" + await SmallAsync("/runs/big/steps/table?part=rows&sort=name&from=9950"));
        Assert.Equal(50, last.QuerySelectorAll("#t > tr").Length);
        Assert.NotNull(last.QuerySelector("#rows-more[hidden]"));

        var timeline = new HtmlParser().ParseDocument(await SmallAsync("/runs/big/steps/timeline"));
        Assert.Equal(["call7777", "call9999"], timeline.QuerySelectorAll(".wf-row.failed .truncate").Select(r => r.TextContent));
        var several = timeline.QuerySelector("[data-several]")!;
        var parts = new HtmlParser().ParseDocument("<ol>" + await SmallAsync(several.GetAttribute("data-several")!));
        Assert.InRange(parts.QuerySelectorAll(".wf-row").Length, 2, 101);
        Assert.Equal(99, new HtmlParser().ParseDocument("<ol>" + await SmallAsync(timeline.QuerySelector("[data-parts]")!.GetAttribute("data-parts")!)).QuerySelectorAll(".wf-row").Length);
        Assert.Contains("each bar is 84 steps", timeline.QuerySelector("#usage-tokens")!.TextContent, StringComparison.Ordinal);

        async Task<string> SmallAsync(string url)
        {
            var body = await browser.GetByteArrayAsync(url);
            Assert.True(body.Length < Page, $"{url} answered {body.Length} bytes.");
            return Encoding.UTF8.GetString(body);
        }
    }

    [Theory, Engines]
    public async Task Twenty_megabytes_of_output_are_asked_for_shown_in_part_and_downloaded_byte_for_byte(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var output = new StringBuilder("[");
        for (var i = 0; output.Length < 20 << 20; i++) output.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $$"""{"line":  {{i}}, "text":"áé {{i * 7919L % 1_000_003}} \u00e9"}""");
        var whole = Encoding.UTF8.GetBytes(output.Append(" ]").ToString());
        await ViewTests.FillAsync(hub, new RunWrite { Id = "big", WorkflowName = "w", Status = RunStatus.Completed, OutputsSummary = new JsonPayload(whole), Steps = [new StepWrite { Id = "s", Name = "s", Status = RunStatus.Completed, Output = new JsonPayload(whole) }] });
        using var browser = await hub.SignInAsync();
        var body = await browser.GetStringAsync("/runs/big");
        Assert.InRange(body.Length, 1000, 100 * 1024);
        var page = new HtmlParser().ParseDocument(body);
        var large = page.QuerySelectorAll(".json-large");
        Assert.Equal(2, large.Length);
        Assert.All(large, l => Assert.Contains(Format.For("en").Size(whole.Length), l.TextContent, StringComparison.Ordinal));
        foreach (var url in new[] { "/runs/big/payload/outputs", "/runs/big/steps/s/output" })
        {
            var part = await browser.GetStringAsync(url);
            Assert.InRange(part.Length, JsonBlock.LoadedAtOnce / 2, JsonBlock.LoadedAtOnce * 3);
            Assert.Contains(Format.For("en").Size(whole.Length), part, StringComparison.Ordinal);
            Assert.Contains(url + "?download=true", part, StringComparison.Ordinal);
            Assert.True((await browser.GetByteArrayAsync(url + "?download=true")).AsSpan().SequenceEqual(whole));
        }

        var notebook = await browser.GetStringAsync("/api/runs/big/notebook");
        Assert.InRange(notebook.Length, 1000, 100 * 1024);
        Assert.Contains($"\\\"left_out_bytes\\\":{whole.Length}", notebook, StringComparison.Ordinal);
    }

    [Theory, Engines, Trait("Category", "Long")]
    public async Task Two_hundred_thousand_log_lines_are_paged_and_one_has_an_address(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await ViewTests.FillAsync(hub, new RunWrite { Id = "big", WorkflowName = "w", Status = RunStatus.Completed });
        for (var i = 0; i < 200_000; i += 5_000)
            Assert.Equal(200, (await key.PostAsync("/api/runs/big/logs", string.Join('\n', Enumerable.Range(i, 5_000).Select(n => $$"""{"msg":"line {{n}}","ts":"{{Times.ToIso(1_700_000_000_000_000 + n * 1000L)}}"}""")), "application/x-ndjson")).Status);
        using var browser = await hub.SignInAsync();
        Assert.InRange((await browser.GetByteArrayAsync("/runs/big")).Length, 1000, 60 * 1024);
        var body = await browser.GetStringAsync("/runs/big?tab=logs");
        Assert.InRange(body.Length, 1000, 250 * 1024);
        Assert.Contains("200,000", body, StringComparison.Ordinal);
        // A search looks at so many lines at a time and offers to go on.
        string? line = null;
        for (string? url = "/runs/big?tab=logs&q=123456"; line is null && url is not null;)
        {
            var found = new HtmlParser().ParseDocument(await browser.GetStringAsync(url));
            line = found.QuerySelector(".log-time")?.GetAttribute("href");
            url = found.QuerySelector("[data-log-more=below] a")?.GetAttribute("href");
        }

        Assert.NotNull(line);
        var around = new HtmlParser().ParseDocument(await browser.GetStringAsync(line.Split('#')[0]));
        Assert.Contains("line 123456", around.GetElementById(line.Split('#')[1])!.TextContent, StringComparison.Ordinal);
    }
}
