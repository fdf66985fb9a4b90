using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using RunHub.IntegrationTests.Api;
using RunHub.IntegrationTests.Otlp;

namespace RunHub.IntegrationTests.Logs;

public sealed class TabTests
{
    const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Theory, Engines]
    public async Task Records_of_opentelemetry_join_their_step_before_after_and_sent_twice(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        var record = "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":\"" + Trace + "\",\"spanId\":\"0000000000000002\",\"timeUnixNano\":\"1761646443000000000\",\"severityNumber\":17,\"body\":{\"stringValue\":\"{0}\"}}]}]}]}";
        await LogAsync("before");
        await key.SendAsync(TraceMaker.Span(Trace, 1, 0, "agent", 0, 60), TraceMaker.Span(Trace, 2, 1, "chat m", 10, 50));
        await LogAsync("after");
        await LogAsync("after");
        await LogAsync("before");
        var run = await hub.RunOfAsync(Trace);
        var lines = (await key.ReadAsync($"/api/runs/{run.Run.Id}/logs")).Json!["logs"]!.AsArray();
        Assert.Equal(["before", "after"], lines.Select(l => (string)l!["msg"]!));
        var chat = run.Steps.Single(s => s.Step.Name == "chat m").Step.Id;
        Assert.All(lines, l => Assert.Equal((chat, "error"), ((string)l!["step_id"]!, (string)l["level"]!)));

        using var client = await hub.SignInAsync();
        var page = await PageAsync(client, $"/runs/{run.Run.Id}?tab=logs");
        Assert.Equal(2, page.QuerySelectorAll(".log-line.log-error").Length);
        Assert.Equal("chat m", page.QuerySelector(".log-line .log-step")!.TextContent);
        Assert.Equal("true", page.QuerySelector("#tab-logs")!.GetAttribute("aria-selected"));

        // A report that takes the trace over gives the run its own id and keeps its lines.
        await key.PostAsync("/api/runs", $$$"""{"id":"mine","workflow_name":"w","diagnostics":{"trace_id":"{{{Trace}}}"}}""");
        Assert.Equal(2, (int)(await key.ReadAsync("/api/runs/mine/logs")).Json!["lines"]!);

        async Task LogAsync(string text) => Assert.Equal(200, (await key.PostAsync("/v1/logs", record.Replace("{0}", text, StringComparison.Ordinal))).Status);
    }

    [Theory, Engines]
    public async Task The_tab_works_as_a_page_and_more_lines_come_by_themselves(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsync("/api/runs", """{"id":"r1","workflow_name":"w","status":"completed","started_at":"2025-10-28T10:14:00Z","completed_at":"2025-10-28T10:24:00Z"}""");
        await key.PostAsync("/api/runs/r1/logs", string.Join('\n', Enumerable.Range(0, 1000).Select(i => $$"""{"msg":"line {{i}} <b>","level":"{{(i % 100 == 99 ? "error" : "info")}}","ts":"{{Times.ToIso(new DateTimeOffset(2025, 10, 28, 10, 14, 0, TimeSpan.Zero).AddMilliseconds(i * 100).ToMicros())}}"}""")), "application/x-ndjson");
        using var client = await hub.SignInAsync();
        var page = await PageAsync(client, "/runs/r1?tab=logs");
        Assert.Equal(["line 0 <b>", "line 199 <b>"], Ends(page));
        Assert.Equal("+0.100s", page.QuerySelectorAll(".log-time")[1].TextContent);
        var below = page.QuerySelector("[data-log-more=below] a")!;
        Assert.Equal(["line 200 <b>", "line 399 <b>"], Ends(await PageAsync(client, below.GetAttribute("data-lines")!)));
        Assert.Equal(["line 200 <b>", "line 399 <b>"], Ends(await PageAsync(client, below.GetAttribute("href")!)));
        var errors = await PageAsync(client, page.QuerySelector(".log-segment-errors")!.GetAttribute("href")!);
        Assert.Equal(10, errors.QuerySelectorAll(".log-line").Length);
        Assert.Equal("10", errors.QuerySelector(".segment [aria-current] .num")!.TextContent);
        var link = errors.QuerySelectorAll(".log-time")[4].GetAttribute("href")!;
        var around = await PageAsync(client, link[..link.IndexOf('#', StringComparison.Ordinal)]);
        Assert.Equal("line 499 <b>", around.QuerySelector(".log-target .log-text")!.TextContent);
        Assert.Equal(["line 439 <b>", "line 638 <b>"], Ends(around));
        var above = await PageAsync(client, around.QuerySelector("[data-log-more=above] a")!.GetAttribute("data-lines")!);
        Assert.Equal(["line 239 <b>", "line 438 <b>"], Ends(above));
        Assert.Equal(["line 999 <b>", "line 800 <b>"], Ends(await PageAsync(client, "/runs/r1?tab=logs&order=desc")));
        Assert.Equal(1000, (await (await key.GetAsync(page.QuerySelector("a[download][href*=ndjson]")!.GetAttribute("href"))).Content.ReadAsStringAsync()).Count(c => c == '\n'));
    }

    [Theory, Engines]
    public async Task A_run_with_nothing_beside_its_name_says_what_is_missing_and_how_to_send_it(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsync("/api/runs", """{"id":"bare","workflow_name":"w","status":"completed"}""");
        using var client = await hub.SignInAsync();
        Assert.Contains("/api/runs/bare/logs", (await PageAsync(client, "/runs/bare?tab=logs")).QuerySelector(".gap-note")!.TextContent, StringComparison.Ordinal);
        var trace = await PageAsync(client, "/runs/bare?tab=traces");
        Assert.Equal(2, trace.QuerySelectorAll(".gap-note").Length);
        Assert.Contains("inputs_summary", (await PageAsync(client, "/runs/bare")).QuerySelector(".gap-note")!.TextContent, StringComparison.Ordinal);
        // A tab that is not there is the page without it.
        Assert.NotNull((await PageAsync(client, "/runs/bare?tab=nothing")).QuerySelector("#tabpanel-steps"));
    }

    [Theory, Engines]
    public async Task A_trace_id_leads_to_its_run_and_a_span_id_to_its_step(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, settings: new(StringComparer.Ordinal) { ["Traces:Link"] = "https://traces.example.com/t/{trace_id}?span={span_id}" });
        using var key = await hub.KeyAsync();
        await key.SendAsync(TraceMaker.Span(Trace, 1, 0, "agent", 0, 60), TraceMaker.Span(Trace, 2, 1, "chat m", 10, 50));
        await key.PostAsync("/api/runs", """[{"id":"a","workflow_name":"w","diagnostics":{"trace_id":"two"}},{"id":"b","workflow_name":"w","diagnostics":{"trace_id":"two"}}]""");
        var id = (await hub.RunOfAsync(Trace)).Run.Id!;
        using var client = await hub.SignInAsync();
        Assert.Equal($"/runs/{id}?tab=traces", await LeadsToAsync("/trace/" + Trace.ToUpperInvariant()));
        Assert.Equal("/runs?trace=two", await LeadsToAsync("/trace/two"));
        Assert.Equal("/runs?trace=two", await LeadsToAsync("/trace/TWO"));
        var step = (await hub.RunOfAsync(Trace)).Steps.Single(s => s.Step.Name == "chat m").Step.Id;
        Assert.Equal($"/runs/{id}#step-{step}", await LeadsToAsync("/span/0000000000000002"));
        Assert.Equal($"/runs/{id}#step-{step}", await LeadsToAsync($"/trace/{Trace}?span=0000000000000002"));
        Assert.Null(await LeadsToAsync("/trace/none"));
        Assert.Null(await LeadsToAsync("/span/none"));
        using var other = await hub.SignInAsync(tenant: "beta");
        Assert.Null(await LeadsToAsync("/trace/" + Trace, other));
        Assert.Null(await LeadsToAsync("/span/0000000000000002", other));

        var page = await PageAsync(client, $"/runs/{id}?tab=traces");
        var rows = page.QuerySelectorAll(".span-row");
        Assert.Equal(["agent", "chat m"], rows.Select(r => r.QuerySelector(".span-name")!.TextContent.Trim()));
        Assert.Contains("depth-1", rows[1].QuerySelector(".span-name")!.ClassName!, StringComparison.Ordinal);
        Assert.Equal("#" + rows[0].Id, rows[1].QuerySelector("[data-reveal]")!.GetAttribute("href"));
        Assert.Equal($"https://traces.example.com/t/{Trace}?span=0000000000000002", rows[1].QuerySelector(".span-links a[target]")!.GetAttribute("href"));
        Assert.Contains("attributes", (await PageAsync(client, rows[1].QuerySelector("[hx-get]")!.GetAttribute("hx-get")!)).DocumentElement.TextContent, StringComparison.Ordinal);

        async Task<string?> LeadsToAsync(string path, HttpClient? who = null)
        {
            using var response = await (who ?? client).GetAsync(path);
            Assert.True(response.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.NotFound, $"{path}: {response.StatusCode}");
            return response.Headers.Location?.ToString();
        }
    }

    [Theory, Engines]
    public async Task Parents_that_form_a_circle_and_thousands_of_spans_are_shown(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        var steps = Enumerable.Range(0, 700).Select(i => $$"""{"id":"s{{i}}","name":"step {{i}}","parent_step_id":"{{(i == 0 ? "s1" : $"s{i / 2}")}}"}""");
        var reply = await key.PostAsync("/api/runs", """{"id":"r1","workflow_name":"w","steps":[""" + string.Join(',', steps) + "]}");
        Assert.Equal(201, reply.Status);
        using var client = await hub.SignInAsync();
        var page = await PageAsync(client, "/runs/r1?tab=traces");
        Assert.Equal(300, page.QuerySelectorAll(".span-row").Length);
        var rest = await PageAsync(client, page.QuerySelector("#spans-more a")!.GetAttribute("hx-get")!);
        var last = await PageAsync(client, rest.QuerySelector("#spans-more a")!.GetAttribute("hx-get")!);
        Assert.Equal((300, 100), (rest.QuerySelectorAll(".span-row").Length, last.QuerySelectorAll(".span-row").Length));
    }

    static string[] Ends(IDocument page) => [page.QuerySelectorAll(".log-line .log-text")[0].TextContent, page.QuerySelectorAll(".log-line .log-text")[^1].TextContent];

    static async Task<IDocument> PageAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode} {html[..Math.Min(300, html.Length)]}");
        return new HtmlParser().ParseDocument(html);
    }
}
