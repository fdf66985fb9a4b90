using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Transfer;

/// <summary>Log lines leave with their runs and come back as the same lines.</summary>
public sealed class LogTransferTests : IDisposable
{
    const int Many = 5500;
    const string Trace = "5b8efff798038103d269b633813fc60c";
    readonly string folder = Directory.CreateTempSubdirectory("runhub-logs-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, Engines]
    public async Task Exported_with_logs_and_imported_a_run_has_the_same_lines_however_often_it_is_imported(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SeedAsync(client);
        var file = Path.Combine(folder, "runs.ndjson");
        var export = await ImportTests.RunAsync(hub, ["export", file, "--include", "payloads,steps,logs"], await hub.KeyTextAsync());
        Assert.True(export.Code == 0, export.Said);
        var objects = File.ReadLines(file).Select(l => JsonNode.Parse(l)!.AsObject()).ToList();
        // One per run, and of the run with many lines two more that hold nothing but lines.
        Assert.Equal(8 + 2, objects.Count);
        Assert.Equal([2000, 2000, 1500], objects.Where(o => (string?)o["id"] == "chatty").Select(o => o["logs"]!.AsArray().Count));
        Assert.Equal(2, objects.Count(o => o.Select(m => m.Key).SequenceEqual(["id", "logs"])));
        Assert.Empty(objects.Single(o => (string?)o["id"] == "queued")["logs"]!.AsArray());

        await using var other = await TestHub.StartAsync(engine);
        var (key, target) = (await other.KeyTextAsync(KeyScopes.Ingest), await other.KeyAsync());
        var import = await ImportTests.RunAsync(other, ["import", file], key);
        Assert.True(import.Code == 0, import.Said);
        Assert.Contains("8 runs taken", import.Said, StringComparison.Ordinal);
        await SameAsync();

        // An array holds each run in one piece, whatever its size.
        var array = Path.Combine(folder, "array.json");
        await File.WriteAllTextAsync(array, await client.GetStringAsync("/api/runs/export?format=json&lane=all&include=payloads,steps,logs"));
        Assert.Equal(8, JsonNode.Parse(await File.ReadAllTextAsync(array))!.AsArray().Count);
        foreach (var again in new[] { file, array })
        {
            import = await ImportTests.RunAsync(other, ["import", again, "--restart"], key);
            Assert.True(import.Code == 0, import.Said);
            await SameAsync();
        }

        async Task SameAsync()
        {
            foreach (var id in new[] { "chatty", "full" }) Assert.Equal(await LinesAsync(client, id), await LinesAsync(target, id));
            Assert.Equal(Many, (int)(await target.ReadAsync("/api/runs/chatty/logs")).Json!["lines"]!);
        }
    }

    [Theory, Engines]
    public async Task Lines_of_a_run_that_was_refused_make_no_run(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var file = Path.Combine(folder, "runs.ndjson");
        await File.WriteAllTextAsync(file, """
            {"id":"a","workflow_name":"w","status":"perhaps","logs":[{"ts":"2026-11-01T10:00:00Z","msg":"1"}]}
            {"id":"a","logs":[{"ts":"2026-11-01T10:00:01Z","msg":"2"}]}
            {"id":"b","workflow_name":"w","status":"completed"}
            """);
        var import = await ImportTests.RunAsync(hub, ["import", file], await hub.KeyTextAsync());
        Assert.Equal(2, import.Code);
        Assert.Contains("1 runs taken, 2 rejected", import.Said, StringComparison.Ordinal);
        Assert.Equal("b", (string?)Assert.Single((await (await hub.KeyAsync()).ReadAsync("/api/runs")).Json!["runs"]!.AsArray())!["id"]);
    }

    [Theory, Engines]
    public async Task Records_and_reported_lines_go_as_otlp_and_come_back_at_their_steps(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await PostAsync(client, "/v1/traces", $$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"agent"} }]},"scopeSpans":[{"scope":{"name":"sdk"},"spans":[
              {"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa1","name":"root","kind":1,"startTimeUnixNano":"1761646442000000000","endTimeUnixNano":"1761646449000000000"},
              {"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa2","parentSpanId":"aaaaaaaaaaaaaaa1","name":"GET","kind":3,"startTimeUnixNano":"1761646443000000000","endTimeUnixNano":"1761646444000000000"}]}]}]}
            """);
        await PostAsync(client, "/v1/logs", $$"""
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"agent"} },{"key":"host.cpus","value":{"intValue":"4"} }]},"scopeLogs":[{"scope":{"name":"logger"},"logRecords":[
              {"timeUnixNano":"1761646443000001000","severityNumber":14,"severityText":"WARNING","body":{"stringValue":"slow"},"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa2","attributes":[{"key":"ratio","value":{"doubleValue":2.0} },{"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"}]} } }]},
              {"timeUnixNano":"1761646443000002000","body":{"stringValue":"no severity, no span"},"traceId":"{{Trace}}"},
              {"timeUnixNano":"1761646443000003000","severityNumber":9,"eventName":"app.started","traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa1"},
              {"timeUnixNano":"1761646443000004000","severityNumber":9,"body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"1"} }]} },"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa1"}]}]}]}
            """);
        await SeedAsync(client);
        var (traces, logs) = (await client.GetStringAsync("/api/runs/export?format=otlp&lane=all"), await client.GetStringAsync("/api/runs/export?format=otlp-logs&lane=all"));

        await using var other = await TestHub.StartAsync(engine);
        var target = await other.KeyAsync();
        // Whichever comes first, and twice.
        foreach (var _ in new[] { 1, 2 })
        {
            foreach (var line in logs.Split('\n', StringSplitOptions.RemoveEmptyEntries)) await PostAsync(target, "/v1/logs", line);
            foreach (var line in traces.Split('\n', StringSplitOptions.RemoveEmptyEntries)) await PostAsync(target, "/v1/traces", line);
        }

        var run = (string)(await client.ReadAsync("/api/runs?workflow=agent")).Json!["runs"]![0]!["id"]!;
        Assert.Equal(4, (int)(await client.ReadAsync($"/api/runs/{run}/logs")).Json!["lines"]!);
        Assert.Equal(await LinesAsync(client, run), await LinesAsync(target, run));

        var full = (string)(await target.ReadAsync("/api/runs?lane=all&workflow=invoice*")).Json!["runs"]![0]!["id"]!;
        var steps = (await target.ReadAsync($"/api/runs/{full}/steps")).Json!["steps"]!.AsArray().ToDictionary(s => (string)s!["id"]!, s => (string)s!["name"]!, StringComparer.Ordinal);
        var back = (await target.ReadAsync($"/api/runs/{full}/logs")).Json!["logs"]!.AsArray();
        Assert.Equal(["run info begin", "ask warn slow", "look_up error gone"], back.Select(l => $"{((string?)l!["step_id"] is { } id ? steps[id] : "run")} {l["level"]} {l["msg"]}"));
        Assert.Equal(("1.5", "thinking"), (back[1]!["attributes"]!["attributes"]!["score"]!.ToJsonString(), (string?)back[1]!["attributes"]!["attributes"]!["runhub.state"]));
        var chatty = (string)(await target.ReadAsync("/api/runs?lane=all&workflow=chatty")).Json!["runs"]![0]!["id"]!;
        Assert.Equal(Many, (int)(await target.ReadAsync($"/api/runs/{chatty}/logs")).Json!["lines"]!);
    }

    /// <summary>Runs of every kind; one with lines at two of its steps, one with very many lines, one of them cut.</summary>
    static async Task SeedAsync(HttpClient client)
    {
        await TransferSeed.FillAsync(client);
        await client.PostAsync("/api/runs/full/logs", """
            [{"ts":"2026-11-01T10:00:00Z","msg":"begin"},{"ts":"2026-11-01T10:00:01Z","msg":"slow","level":"warn","step_id":"s2","state":"thinking","attributes":{"score":1.5} },{"ts":"2026-11-01T10:00:02.000001Z","msg":"gone","level":"error","step_id":"s3"}]
            """);
        await client.PostAsync("/api/runs", """{"id":"chatty","workflow_name":"chatty","status":"completed","started_at":"2026-11-06T10:00:00Z","completed_at":"2026-11-06T11:00:00Z"}""");
        var start = new DateTimeOffset(2026, 11, 6, 10, 0, 0, TimeSpan.Zero).ToMicros();
        var lines = Enumerable.Range(0, Many).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"ts":"{{Times.ToIso(start + i / 3 * 1000)}}","msg":"line {{i}}{{(i == 7 ? new string('é', 20_000) : "")}}","level":"{{(i % 50 == 0 ? "error" : "debug")}}","attributes":{"i": {{i}}.50} }"""));
        var posted = await client.PostAsync("/api/runs/chatty/logs", string.Join('\n', lines), "application/x-ndjson");
        Assert.Equal(Many, (int)posted.Json!["added"]!);
    }

    static Task<string> LinesAsync(HttpClient client, string run) => client.GetStringAsync($"/api/runs/{run}/logs?format=ndjson");

    static async Task PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(path, content);
        Assert.Equal((HttpStatusCode.OK, "{}"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }
}
