using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.IntegrationTests.Api;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.IntegrationTests.Logs;

public sealed class LogTests
{
    const string Run = """{"id":"r1","workflow_name":"w","status":"running","started_at":"2025-10-28T10:14:00Z"}""";

    [Theory, Engines]
    public async Task Lines_are_taken_as_one_object_an_array_or_one_per_line_and_come_back_in_order_of_time(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", Run);
        var one = await client.PostAsync("/api/runs/r1/logs", """{"run_id":"r1","step_id":"s1","state":"running","msg":"third","level":"WARNING","ts":"2025-10-28T10:14:03Z","attributes":{"n": 1.50}}""");
        Assert.Equal((200, 1, 1), (one.Status, (int)one.Json!["accepted"]!, (int)one.Json["added"]!));
        await client.PostAsync("/api/runs/r1/logs", """[{"msg":"first","ts":"2025-10-28T10:14:01Z","level":"debug"},{"msg":"second a","ts":"2025-10-28T10:14:02Z"},{"msg":"second b","ts":"2025-10-28T10:14:02Z"}]""");
        await client.PostAsync("/api/runs/r1/logs", "{\"msg\":\"fourth\",\"ts\":\"2025-10-28T10:14:04Z\",\"level\":\"error\"}\n\n{\"message\":\"fifth\",\"timestamp\":\"2025-10-28T10:14:05Z\",\"severity\":\"critical\"}\n", "application/x-ndjson");
        var read = (await client.ReadAsync("/api/runs/r1/logs")).Json!;
        Assert.Equal(["first", "second a", "second b", "third", "fourth", "fifth"], Messages(read));
        Assert.Equal("""{"trace":0,"debug":1,"info":2,"warn":1,"error":1,"fatal":1}""", read["levels"]!.ToJsonString());
        var line = read["logs"]![3]!;
        Assert.Equal(("r1", "s1", "running", "warn", "2025-10-28T10:14:03Z"), ((string?)line["run_id"], (string?)line["step_id"], (string?)line["state"], (string?)line["level"], (string?)line["ts"]));
        Assert.Equal("1.50", line["attributes"]!["n"]!.ToJsonString());
    }

    [Theory, Engines]
    public async Task The_same_line_twice_is_one_whoever_sends_it_again_and_in_whatever_company(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        var lines = Enumerable.Range(0, 50).Select(i => $$"""{"msg":"line {{i}}","ts":"2025-10-28T10:14:{{i / 2 % 60:00}}Z","level":"info"}""").ToList();
        await client.PostAsync("/api/runs", Run[..^1] + ",\"logs\":[" + string.Join(',', lines.Take(20)) + "]}");
        var again = await client.PostAsync("/api/runs/r1/logs", "[" + string.Join(',', lines) + "," + lines[3] + "]");
        Assert.Equal((51, 30), ((int)again.Json!["accepted"]!, (int)again.Json["added"]!));
        await client.PostAsync("/api/runs/r1/logs", "[" + string.Join(',', lines.AsEnumerable().Reverse().Take(25)) + "]");
        await client.PostAsync("/api/runs", Run[..^1] + ",\"logs\":[" + string.Join(',', lines) + "]}");
        var read = (await client.ReadAsync("/api/runs/r1/logs")).Json!;
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"line {i}"), Messages(read));
        Assert.Equal(50, (int)read["lines"]!);
    }

    [Theory, Engines]
    public async Task A_line_that_is_wrong_is_told_with_its_place_and_keeps_the_others_out_only_when_asked_to(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", Run);
        const string body = """[{"msg":"good"},{"msg":"bad","level":"loud"},{"msg":"theirs","run_id":"r2"},{"level":"info"},{"msg":"late","ts":"2190-01-01T00:00:00Z"},7]""";
        var refused = await client.PostAsync("/api/runs/r1/logs?atomic=true", body);
        Assert.Equal((400, 0), (refused.Status, (int)(await client.ReadAsync("/api/runs/r1/logs")).Json!["lines"]!));
        Assert.Equal(5, refused.Json!["rejected"]!.AsArray().Count);
        var some = await client.PostAsync("/api/runs/r1/logs", body);
        Assert.Equal([(1, "$.level"), (2, "$.run_id"), (3, "$.msg"), (4, "$.ts"), (5, "$")], some.Json!["rejected"]!.AsArray().Select(r => ((int)r!["index"]!, (string)r["path"]!)));
        Assert.Equal(["good"], Messages((await client.ReadAsync("/api/runs/r1/logs")).Json!));
        Assert.Equal(404, (await client.PostAsync("/api/runs/none/logs", """{"msg":"x"}""")).Status);
        Assert.Equal("query.level", (await client.ReadAsync("/api/runs/r1/logs?level=loud")).Path);
        Assert.Equal("query.next_token", (await client.ReadAsync("/api/runs/r1/logs?next_token=x")).Path);
    }

    [Theory, Engines]
    public async Task What_is_long_is_cut_and_says_so(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", Run);
        await client.PostAsync("/api/runs/r1/logs", "{\"msg\":\"" + new string('x', 40_000) + "\\u0000\",\"attributes\":{\"big\":\"" + new string('y', 50_000) + "\"}}");
        var line = (await client.ReadAsync("/api/runs/r1/logs")).Json!["logs"]![0]!;
        Assert.Equal((Limits.LogMessage, 40_001), (((string)line["msg"]!).Length, (int)line["msg_length"]!));
        Assert.Equal(50_010, (int)line["attributes"]!["runhub.dropped_bytes"]!);
    }

    [Theory, Engines]
    public async Task Lines_are_found_by_level_step_text_and_time(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", Run[..^1] + ",\"steps\":[{\"id\":\"s1\",\"name\":\"s\",\"diagnostics\":{\"span_id\":\"abc\"}}]}");
        await client.PostAsync("/api/runs/r1/logs", """
            [{"msg":"100% Done_1","ts":"2025-10-28T10:14:01Z","step_id":"s1"},{"msg":"by span","ts":"2025-10-28T10:14:02Z","span_id":"abc","level":"error"},
             {"msg":"100 percent","ts":"2025-10-28T10:14:03Z","level":"fatal"},{"msg":"back\\slash","ts":"2025-10-28T10:14:04Z","level":"warn"}]
            """);
        foreach (var (query, expected) in new[]
        {
            ("level=error,fatal", "by span|100 percent"), ("level=info", "100% Done_1"), ("step=s1", "100% Done_1|by span"), ("q=100%25", "100% Done_1"), ("q=done_", "100% Done_1"),
            ("q=back%5Cs", "back\\slash"), ("from=2025-10-28T10:14:02Z&to=2025-10-28T10:14:04Z", "by span|100 percent"), ("level=warn,error,fatal&order=desc&q=a", "back\\slash|by span"), ("q=nothing", ""),
        })
            Assert.Equal(expected, string.Join('|', Messages((await client.ReadAsync("/api/runs/r1/logs?" + query)).Json!)));
    }

    [Theory, Engines]
    public async Task Ten_thousand_lines_come_in_pages_that_stay_where_they_are_while_more_arrive(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", Run);
        var start = new DateTimeOffset(2025, 10, 28, 10, 14, 0, TimeSpan.Zero);
        string Line(int i, int shift = 0) => $$"""{"msg":"line {{i}}","level":"{{(i % 500 == 0 ? "error" : "info")}}","ts":"{{Times.ToIso(start.AddMilliseconds(i / 3 + shift).ToMicros())}}"}""";
        var posted = await client.PostAsync("/api/runs/r1/logs", string.Join('\n', Enumerable.Range(0, 10_000).Select(i => Line(i))), "application/x-ndjson");
        Assert.Equal(10_000, (int)posted.Json!["added"]!);
        var seen = new List<string>();
        string? token = null;
        for (var page = 0; page == 0 || token is not null; page++)
        {
            var read = (await client.ReadAsync("/api/runs/r1/logs?limit=700" + (token is null ? "" : "&next_token=" + token))).Json!;
            seen.AddRange(Messages(read));
            token = (string?)read["next_token"];
            // After the end, and before what was read already.
            await client.PostAsync("/api/runs/r1/logs", "[" + Line(20_000 + page, 60_000) + "," + Line(-3 - page, -60_000) + "]");
        }

        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"line {i}"), seen.Take(10_000));
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(20, Messages((await client.ReadAsync("/api/runs/r1/logs?level=error&to=2025-10-28T10:15:00Z&from=2025-10-28T10:14:00Z")).Json!).Count());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runs/r1/logs?order=desc&level=error&to=2025-10-28T10:15:00Z&from=2025-10-28T10:14:00Z") { Headers = { { "Accept", "application/x-ndjson" } } };
        using var all = await client.SendAsync(request);
        var lines = (await all.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("application/x-ndjson", all.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"line {9500 - i * 500}"), lines.Select(l => (string)JsonNode.Parse(l)!["msg"]!));
        Assert.True((await (await client.GetAsync("/api/runs/r1/logs?format=ndjson")).Content.ReadAsStringAsync()).Count(c => c == '\n') > 10_000);
    }

    [Theory, Engines]
    public async Task Another_tenant_neither_reads_nor_writes_them_and_a_deleted_run_leaves_none(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        await client.PostAsync("/api/runs", Run[..^1] + ""","logs":[{"msg":"ours"}]}""");
        Assert.Equal((404, 404), ((await other.ReadAsync("/api/runs/r1/logs")).Status, (await other.PostAsync("/api/runs/r1/logs", """{"msg":"theirs"}""")).Status));
        using var stream = await other.GetAsync("/api/runs/r1/logs/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.NotFound, stream.StatusCode);
        await client.CallAsync(HttpMethod.Delete, "/api/runs/r1");
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        foreach (var table in new[] { "logs", "log_totals" }) Assert.Equal(0, await sql.Prepare("SELECT count(*) FROM " + table).ScalarAsync<long>(default));
    }

    [Theory, Engines]
    public async Task A_follower_hears_every_line_once_and_resumes_where_it_was(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", Run[..^1] + ""","logs":[{"msg":"before"}]}""");
        string last;
        await using (var first = await OpenAsync(client, "/api/runs/r1/logs/stream?level=error,info"))
        {
            Assert.Equal("1", (await first.NextAsync("hello")).Id);
            await client.PostAsync("/api/runs/r1/logs", """[{"msg":"a"},{"msg":"quiet","level":"debug"},{"msg":"early","ts":"2025-10-28T10:14:00Z","level":"error"}]""");
            Assert.Equal("a", (string?)(await first.NextAsync("log")).Data["msg"]);
            var early = await first.NextAsync("log");
            Assert.Equal(("early", "4"), ((string?)early.Data["msg"], early.Id));
            last = early.Id;
        }

        await client.PostAsync("/api/runs/r1/logs", """[{"msg":"missed"},{"msg":"early","ts":"2025-10-28T10:14:00Z","level":"error"}]""");
        await using var second = await OpenAsync(client, "/api/runs/r1/logs/stream?last_event_id=" + last);
        await second.NextAsync("hello");
        Assert.Equal("missed", (string?)(await second.NextAsync("log")).Data["msg"]);
        await client.PostAsync("/api/runs", Run[..^1].Replace("running", "completed", StringComparison.Ordinal) + ""","logs":[{"msg":"last"}]}""");
        Assert.Equal("last", (string?)(await second.NextAsync("log")).Data["msg"]);
        Assert.Equal("completed", (string?)(await second.NextAsync("status")).Data["status"]);
        await client.CallAsync(HttpMethod.Delete, "/api/runs/r1");
        await second.NextAsync("deleted");
    }

    [Theory, Engines]
    public async Task An_event_says_that_lines_came_and_none_says_so_when_none_was_new(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", Run);
        for (var i = 0; i < 2; i++) await client.PostAsync("/api/runs/r1/logs", """[{"msg":"secret words","ts":"2025-10-28T10:14:01Z"}]""");
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var events = await sql.Prepare("SELECT data FROM events ORDER BY seq").ListAsync(r => r.GetString(0), default);
        Assert.Equal(2, events.Count);
        Assert.Null(EventText.Read(events[0]).Logs);
        Assert.Equal((1, 1L), (EventText.Read(events[1]).Logs!.Value.Added, EventText.Read(events[1]).Logs!.Value.LastSeq));
        Assert.DoesNotContain("secret", events[1], StringComparison.Ordinal);
    }

    static IEnumerable<string> Messages(JsonNode read) => read["logs"]!.AsArray().Select(l => (string)l!["msg"]!);

    static async Task<Frames> OpenAsync(HttpClient client, string path)
    {
        var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new Frames(response, new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8));
    }

    sealed record Frame(string Id, JsonNode Data);

    sealed class Frames(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
    {
        public async Task<Frame> NextAsync(string name)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            string id = "", kind = "", data = "";
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
                else if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
                else if (line.Length == 0 && kind.Length > 0)
                {
                    Assert.Equal(name, kind);
                    return new Frame(id, JsonNode.Parse(data)!);
                }
            }

            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The stream ended before {name}."));
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
