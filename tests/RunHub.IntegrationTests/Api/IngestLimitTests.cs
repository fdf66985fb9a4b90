using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RunHub.Access;

namespace RunHub.IntegrationTests.Api;

public sealed class IngestLimitTests
{
    const string Run = """{"workflow_name":"w","status":"completed"}""";

    [Theory, Engines]
    public async Task A_key_that_reports_too_often_waits_and_no_other_does(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new() { ["Ingest:RequestsPerSecond"] = "1", ["Ingest:Burst"] = "3" });
        var (wild, calm) = (await hub.KeyAsync(), await hub.KeyAsync());
        for (var i = 0; i < 3; i++) Assert.Equal(201, (await wild.PostAsync("/api/runs", Run)).Status);
        var refused = await wild.PostAsync("/api/runs", Run);
        Assert.Equal((429, "application/problem+json"), (refused.Status, refused.Type));
        Assert.Equal("Too many requests.", (string?)refused.Json!["title"]);
        Assert.InRange(refused.Message.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(201, (await calm.PostAsync("/api/runs", Run)).Status);
        Assert.Equal(200, (await wild.ReadAsync("/api/runs")).Status); // reading is not reporting
        await Eventually.TrueAsync(async () => (await wild.PostAsync("/api/runs", Run)).Status == 201);
    }

    [Theory, Engines]
    public async Task Otlp_is_answered_in_its_own_words(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new() { ["Ingest:RequestsPerSecond"] = "1", ["Ingest:Burst"] = "1", ["Ingest:LimitPer"] = "tenant" });
        Assert.Equal(201, (await (await hub.KeyAsync()).PostAsync("/api/runs", Run)).Status);
        // Another key of the same tenant; a third one of another.
        using var answer = await TracesAsync(await hub.KeyAsync());
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(8, (int)status["code"]!);
        Assert.Contains("Ingest:RequestsPerSecond", (string)status["message"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await TracesAsync(await hub.KeyAsync(tenant: "globex"))).StatusCode);
    }

    [Fact]
    public async Task Nobody_is_limited_unless_it_is_asked_for()
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync(KeyScopes.Ingest);
        for (var i = 0; i < 100; i++) Assert.Equal(201, (await client.PostAsync("/api/runs", Run)).Status);
    }

    [Fact]
    public async Task A_limit_that_makes_no_sense_stops_the_start() =>
        Assert.Contains("Ingest:LimitPer", (await Assert.ThrowsAsync<InvalidOperationException>(() => TestHub.StartAsync(settings: new() { ["Ingest:LimitPer"] = "planet" }))).Message, StringComparison.Ordinal);

    static async Task<HttpResponseMessage> TracesAsync(HttpClient client)
    {
        using var content = new StringContent("""{"resourceSpans":[]}""", Encoding.UTF8, "application/json");
        return await client.PostAsync("/v1/traces", content);
    }
}
