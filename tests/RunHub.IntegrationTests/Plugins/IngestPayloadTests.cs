using System.Net;
using System.Text;
using System.Text.Json;
using RunHub.Access;
using RunHub.Plugins;

namespace RunHub.IntegrationTests.Plugins;

public sealed class IngestPayloadTests
{
    const string Failed = """
        {
          "id": "run_8f2a4b", "status": "failed", "type": "PreCrafter", "workflow_version": 2.30,
          "start_time": "2025-01-25T14:32:15.000Z", "end_time": "2025-01-25T14:32:19.200Z", "duration_ms": 4200.0,
          "leadId": "lead-7", "inputData": { "lead": "Ana Núñez", "budget": 1e5, "nothing": null },
          "results": {
            "node_2": { "input": { "systemPrompt": "You are a lead analyst...", "userPrompt": "Analyze: {{lead}}", "model": "gpt-4", "temperature": 0.70 },
                        "output": { "score": 85, "segment": "Enterprise", "ratio": 0.50 }, "duration_ms": 3900, "tokens_used": 512, "label": "Lead Analyzer" },
            "node_1": { "input": { "userPrompt": "\u0041 \ud83e\udda4" }, "output": null, "cached": true }
          },
          "error": { "nodeId": "node_1", "message": "Rate limit", "stack": "at A\n  at B", "code": 429 },
          "flow": { "editor": "v4", "weights": [1.0, 2e-3] }
        }
        """;

    [Theory, Engines]
    public async Task Maps_a_document_and_gives_the_same_one_back(string engine)
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(engine, shipped: true);
        using var client = await hub.KeyAsync();
        var (status, answer) = await PostAsync(client, "precrafter", Failed);
        Assert.Equal((HttpStatusCode.OK, "run_8f2a4b"), (status, answer.GetProperty("ids")[0].GetString()));

        var run = await GetAsync(client, "/api/runs/run_8f2a4b");
        Assert.Equal(("precrafter", "PreCrafter", "failed", "2.30"), (Text(run, "type"), Text(run, "workflow_name"), Text(run, "status"), Text(run, "workflow_version")));
        Assert.Equal(("lead-7", "node_1", "Rate limit"), (Text(run, "lead_id"), Text(run, "error_step_id"), Text(run, "error")));

        using var download = await client.GetAsync("/api/runs/run_8f2a4b/download");
        Assert.Equal("attachment; filename=\"run_8f2a_2025-01-25.json\"", download.Content.Headers.GetValues("Content-Disposition").Single());
        AssertSame(Failed, await download.Content.ReadAsStringAsync());
    }

    [Theory, Engines]
    public async Task Gives_back_what_the_document_left_out_as_left_out(string engine)
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(engine, shipped: true);
        using var client = await hub.KeyAsync();
        foreach (var document in (string[])[
            """{"id":"q","status":"queued","type":"crafter"}""",
            """{"id":"r","status":"running","type":"crafter","workflow_version":"3","results":{"a":{"input":{},"output":null},"b":{"output":7,"duration_ms":5}}}""",
            """{"id":"s","status":"success","type":"crafter","workflow_version":3,"start_time":"2025-01-25T14:32:15+01:00","results":{"a":{"input":{"model":"m"}}}}""",
            """{"id":"c","status":"cancelled","type":"crafter","workflow_version":null,"end_time":null,"duration_ms":17.5,"error":null,"inputData":null,"batchId":"b-1"}""",
        ])
        {
            var (status, _) = await PostAsync(client, "crafter", document);
            Assert.Equal(HttpStatusCode.OK, status);
            AssertSame(document, await client.GetStringAsync($"/api/runs/{JsonDocument.Parse(document).RootElement.GetProperty("id").GetString()}/download"));
        }
    }

    [Fact]
    public async Task Takes_the_next_state_of_a_document()
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true);
        using var client = await hub.KeyAsync();
        await PostAsync(client, "crafter", """{"id":"n","status":"running","type":"crafter","results":{"a":{"input":{},"output":"half"}}}""");
        const string done = """{"id":"n","status":"failed","type":"crafter","duration_ms":9,"results":{"a":{"input":{},"output":"half"}},"error":{"nodeId":"a","message":"boom"}}""";
        var (status, answer) = await PostAsync(client, "crafter", done);
        Assert.Equal((HttpStatusCode.OK, false), (status, answer.GetProperty("runs")[0].GetProperty("created").GetBoolean()));
        AssertSame(done, await client.GetStringAsync("/api/runs/n/download"));
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(client, "crafter", """{"id":"n","status":"success","type":"crafter"}""")).Status);
    }

    [Fact]
    public async Task Downloads_a_run_of_any_other_type_as_a_run_detail()
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true);
        using var client = await hub.KeyAsync();
        using var body = new StringContent("""{"id":"x-1","workflow_name":"etl","type":"etl","status":"completed","started_at":"2025-10-28T10:14:02Z","duration_ms":5,"steps":[{"id":"s1","name":"load","io":{"output_redacted":{"rows":1.0}}}]}""", Encoding.UTF8, "application/json");
        (await client.PostAsync("/api/runs", body)).EnsureSuccessStatusCode();
        using var download = await client.GetAsync("/api/runs/x-1/download");
        Assert.Equal("attachment; filename=\"run_x-1_2025-10-28.json\"", download.Content.Headers.GetValues("Content-Disposition").Single());
        var document = JsonDocument.Parse(await download.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(("x-1", "success", "etl"), (Text(document, "id"), Text(document, "status"), Text(document, "type")));
        Assert.Equal("""{"rows":1.0}""", document.GetProperty("results").GetProperty("s1").GetProperty("output").GetRawText());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/runs/none/download")).StatusCode);
    }

    [Theory]
    [InlineData("precrafter", "{}", 422, "$")]
    [InlineData("precrafter", """{"id":"r","status":"success","type":"crafter"}""", 422, "$.type")]
    [InlineData("precrafter", """{"id":"r","status":"success","type":"precrafter","results":{"a":{"tokens_used":-1}}}""", 422, "$.results.a.tokens_used")]
    [InlineData("precrafter", """{"id":"r","status":"success","type":"precrafter","start_time":"2999-01-01T00:00:00Z"}""", 422, "$.started_at")]
    [InlineData("precrafter", """{"id":"r","id":"r"}""", 400, "$")]
    [InlineData("precrafter", """{"id":""", 400, "$")]
    [InlineData("precrafter", "", 400, "$")]
    [InlineData("precrafter", "{} {}", 400, "$")]
    public async Task Says_what_is_wrong_with_a_document_and_writes_nothing(string type, string document, int status, string path)
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true);
        using var client = await hub.KeyAsync();
        var (answered, problem) = await PostAsync(client, type, document);
        Assert.Equal(status, (int)answered);
        Assert.Equal(path, problem.GetProperty("errors")[0].GetProperty("path").GetString());
        Assert.NotEmpty(problem.GetProperty("errors")[0].GetProperty("reason").GetString()!);
        Assert.Equal(0, (await GetAsync(client, "/api/runs?lane=all")).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Names_the_known_types_where_there_is_no_such_one()
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync(shipped: true);
        using var client = await hub.KeyAsync();
        foreach (var type in (string[])["nosuch", "plain"])
        {
            var (status, problem) = await PostAsync(client, type, "{}");
            Assert.Equal(HttpStatusCode.NotFound, status);
            Assert.EndsWith("These types are known: crafter, invoice, precrafter.", Text(problem, "detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refuses_what_is_too_deep_and_too_large_and_whoever_may_not_report()
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true, settings: new() { ["Ingest:MaxBodyBytes"] = "5000" });
        using var client = await hub.KeyAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, "crafter", new string('[', 1000) + new string(']', 1000))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(client, "crafter", "\"" + new string('x', 6000) + "\"")).Status);
        using var reader = await hub.KeyAsync(KeyScopes.Read);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(reader, "crafter", "{}")).Status);
        using var nobody = hub.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(nobody, "crafter", "{}")).Status);
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await client.PostAsync("/api/ingest/crafter", text)).StatusCode);
    }

    [Fact]
    public async Task Answers_504_for_an_adapter_that_hangs_and_the_hub_runs_on()
    {
        using var folder = new PluginFolder("HangsInMap", "ThrowsInMap");
        await using var hub = await folder.StartAsync(settings: new() { ["Plugins:CallTimeoutMs"] = "300" });
        using var client = await hub.KeyAsync();
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await PostAsync(client, "hangs", "1")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(client, "throws", "1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(client, "throws", "\"good\"")).Status);
        Assert.Equal("throws", Text(await GetAsync(client, "/api/runs/thrown"), "type"));
        // Its MapBack throws: the usual document stands in.
        Assert.Equal("thrown", Text(await GetAsync(client, "/api/runs/thrown/download"), "id"));
    }

    [Fact]
    public async Task Serves_a_format_that_only_a_plugin_knows()
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync();
        using var client = await hub.KeyAsync();
        const string invoice = """{ "number": "R-1", "lines": [1.50, 2] }""";
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(client, "invoice", invoice)).Status);
        Assert.Equal(2, (await GetAsync(client, "/api/runs/R-1/steps")).GetProperty("steps").GetArrayLength());
        Assert.Equal(invoice, await client.GetStringAsync("/api/runs/R-1/download"));
    }

    [Fact]
    public async Task Writes_once_for_one_idempotency_key()
    {
        using var folder = new PluginFolder("ThrowsInMap");
        await using var hub = await folder.StartAsync();
        using var client = await hub.KeyAsync();
        client.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        var (_, first) = await PostAsync(client, "throws", "\"good\"");
        var (_, second) = await PostAsync(client, "throws", "\"good\"");
        Assert.True(first.GetProperty("runs")[0].GetProperty("created").GetBoolean());
        Assert.Equal(first.GetRawText(), second.GetRawText());
    }

    static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(HttpClient client, string type, string document)
    {
        using var content = new StringContent(document, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/api/ingest/" + type, content);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    static async Task<JsonElement> GetAsync(HttpClient client, string url) => JsonDocument.Parse(await client.GetStringAsync(url)).RootElement;

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    static void AssertSame(string sent, string got)
    {
        Assert.True(Same(JsonDocument.Parse(sent).RootElement, JsonDocument.Parse(got).RootElement), $"Sent:\n{sent}\nGot back:\n{got}");

        static bool Same(JsonElement a, JsonElement b) => a.ValueKind == b.ValueKind && a.ValueKind switch
        {
            JsonValueKind.Object => a.EnumerateObject().Select(p => p.Name).SequenceEqual(b.EnumerateObject().Select(p => p.Name)) && a.EnumerateObject().All(p => Same(p.Value, b.GetProperty(p.Name))),
            JsonValueKind.Array => a.GetArrayLength() == b.GetArrayLength() && a.EnumerateArray().Zip(b.EnumerateArray()).All(pair => Same(pair.First, pair.Second)),
            JsonValueKind.Number => a.GetRawText() == b.GetRawText(),
            JsonValueKind.String => a.GetString() == b.GetString(),
            _ => true,
        };
    }
}
