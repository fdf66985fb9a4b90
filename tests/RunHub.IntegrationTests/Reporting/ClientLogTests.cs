using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.Client;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Reporting;

/// <summary>What <c>Log</c> of run and step makes of a hub's log.</summary>
public sealed class ClientLogTests
{
    [Theory, Engines]
    public async Task Lines_arrive_once_with_level_step_and_attributes_although_an_answer_was_lost(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var reader = await hub.KeyAsync();
        var network = new LosesAnswers(2);
        await using var client = new RunHubClient(new RunHubClientOptions { Url = hub.Address.ToString(), ApiKey = await hub.KeyTextAsync(KeyScopes.Ingest), Handler = network, MaxRetryDelay = TimeSpan.FromMilliseconds(20) });
        string step;
        await using (var run = client.StartRun("chatty", new RunStart { Id = "r1" }))
        {
            run.Log(LogKind.Info, "begin");
            await using (var work = run.StartStep("work"))
            {
                step = work.Id;
                work.Log(LogKind.Warn, "no total on page 1", new { page = 1, score = 0.5 });
                await client.FlushAsync();
                work.Log(LogKind.Error, "gone", "a text");
            }

            // The same at different times is different, however fast it comes.
            for (var i = 0; i < 100; i++) run.Log(LogKind.Debug, "tick");
            run.Log(LogKind.Trace, new string('x', 40_000), new { big = new string('y', 50_000) });
            run.Log(LogKind.Fatal, "half \ud800 a pair");
        }

        await client.FlushAsync();
        Assert.Equal((2, 0L, 0L), (network.Lost, client.Counters.Rejected, client.Counters.Dropped));
        var read = (await reader.ReadAsync("/api/runs/r1/logs?limit=500")).Json!;
        var lines = read["logs"]!.AsArray();
        Assert.Equal((105, 105), (lines.Count, (int)read["lines"]!));
        Assert.Equal($"info  begin|warn {step} no total on page 1|error {step} gone", string.Join('|', lines.Take(3).Select(l => $"{l!["level"]} {l["step_id"]} {l["msg"]}")));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"page":1,"score":0.5}"""), lines[1]!["attributes"]));
        Assert.Equal("a text", (string?)lines[2]!["attributes"]!["value"]);
        Assert.All(lines.Skip(3).Take(100), l => Assert.Equal("debug tick", $"{l!["level"]} {l["msg"]}"));
        Assert.Equal((Limits.LogMessage, 40_000, 50_010), (((string)lines[103]!["msg"]!).Length, (int)lines[103]!["msg_length"]!, (int)lines[103]!["attributes"]!["runhub.dropped_bytes"]!));
        Assert.Equal("fatal half \ufffd a pair", $"{lines[104]!["level"]} {lines[104]!["msg"]}");
    }

    [Theory, Engines]
    public async Task More_lines_than_a_request_takes_go_in_several_and_a_flush_waits_for_the_last(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, settings: new() { ["Ingest:MaxItems"] = "2500" });
        using var reader = await hub.KeyAsync();
        await using var client = new RunHubClient(new RunHubClientOptions { Url = hub.Address.ToString(), ApiKey = await hub.KeyTextAsync(KeyScopes.Ingest), BatchDelay = TimeSpan.FromSeconds(30), MaxQueued = 20_000 });
        var run = client.StartRun("chatty", new RunStart { Id = "r1" });
        for (var i = 0; i < 9000; i++) run.Log(LogKind.Info, "line " + i);
        run.Complete();
        await client.FlushAsync();
        Assert.Equal((0L, 0L), (client.Counters.Rejected, client.Counters.Dropped));
        var text = await reader.GetStringAsync("/api/runs/r1/logs?format=ndjson");
        Assert.Equal(Enumerable.Range(0, 9000).Select(i => "line " + i), text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => (string)JsonNode.Parse(l)!["msg"]!));
        Assert.Equal("completed", (string?)(await reader.ReadAsync("/api/runs/r1")).Json!["status"]);
        await run.DisposeAsync();
    }

    /// <summary>The first requests are taken, but nobody hears of it.</summary>
    sealed class LosesAnswers(int count) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        public int Lost { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (Lost == count) return answer;
            Lost++;
            answer.Dispose();
            throw new HttpRequestException("The answer was lost.");
        }
    }
}
