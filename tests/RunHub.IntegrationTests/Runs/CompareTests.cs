using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.IntegrationTests.Api;

namespace RunHub.IntegrationTests.Runs;

public sealed class CompareTests
{
    const string Good = """
        {"id":"good","workflow_name":"w","workflow_version":"1","environment":"prod","status":"completed","started_at":"2025-01-01T10:00:00Z","duration_ms":1000,"inputs_summary":{"file":"a"},"outputs_summary":{"n":1},
         "steps":[{"id":"1","name":"fetch","status":"completed","duration_ms":100,"output":{"pages":1}},
                  {"id":"2","name":"read","type":"model","status":"completed","duration_ms":400,"details":{"model":"m1"},"output":{"text":"hi"}},
                  {"id":"3","name":"store","status":"completed","duration_ms":50}]}
        """;

    const string Bad = """
        {"id":"bad","workflow_name":"w","workflow_version":"2","environment":"prod","status":"failed","error_message":"no","started_at":"2025-01-01T11:00:00Z","duration_ms":3000,"inputs_summary":{"file":"a"},
         "steps":[{"id":"a","name":"fetch","status":"completed","duration_ms":150,"output":{ "pages": 1 }},
                  {"id":"b","name":"read","type":"model","status":"failed","duration_ms":2400,"details":{"model":"m2"},"error_message":"no"}]}
        """;

    [Theory, Engines]
    public async Task Two_runs_are_put_beside_each_other_and_part_at_the_step_that_went_another_way(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        foreach (var run in new[] { Good, Bad }) Assert.Equal(201, (await client.PostAsync("/api/runs", run)).Status);
        var found = (await client.ReadAsync("/api/runs/bad/compare/good")).Json!;
        Assert.Equal((false, 1), ((bool)found["same"]!, (int)found["first_divergence"]!));
        Assert.Equal(["fetch", "read", "store"], found["steps"]!.AsArray().Select(s => (string)s!["key"]!));
        Assert.Equal(["", "status,model,output", "missing"], found["steps"]!.AsArray().Select(s => string.Join(',', s!["differs"]!.AsArray().Select(d => (string)d!))));
        Assert.Equal((2000, 50, 2000), ((int)found["delta"]!["duration_ms"]!, (int)found["steps"]![0]!["delta"]!["duration_ms"]!, (int)found["steps"]![1]!["delta"]!["duration_ms"]!));
        Assert.True((bool)found["inputs"]!["same"]!);
        Assert.Equal("status", (string?)found["fields"]![0]!["name"]);
        Assert.False((bool)found["fields"]![0]!["same"]!);
        Assert.True((bool)found["fields"]!.AsArray()[^1]!["same"]!);
        Assert.Equal(found.ToJsonString(), (await client.ReadAsync("/api/runs/bad/compare/last-success")).Json!.ToJsonString());
        var browser = await hub.SignInAsync(Role.Viewer);
        var page = await browser.GetStringAsync("/runs/bad/compare/good");
        Assert.Contains("id=\"first-divergence\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"#step-1\"", page, StringComparison.Ordinal);
        Assert.Equal("/runs/bad/compare/good", (await browser.GetAsync("/runs/bad/compare/last-success")).Headers.Location?.ToString());
        Assert.Equal("/runs/bad/compare/a%20b", (await browser.GetAsync("/runs/bad/compare?with=a%20b")).Headers.Location?.ToString());
        Assert.Contains("No earlier success", await browser.GetStringAsync("/runs/good/compare/last-success"), StringComparison.Ordinal);
        Assert.Equal(404, (await client.ReadAsync("/api/runs/good/compare/last-success")).Status);
    }

    [Theory, Engines]
    public async Task The_last_success_is_the_newest_before_in_the_same_environment_and_lane(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """
            [{"id":"old","workflow_name":"w","environment":"prod","status":"completed","started_at":"2025-01-01T08:00:00Z"},
             {"id":"right","workflow_name":"w","environment":"prod","status":"completed","started_at":"2025-01-01T09:00:00Z"},
             {"id":"failed","workflow_name":"w","environment":"prod","status":"failed","started_at":"2025-01-01T09:10:00Z"},
             {"id":"dev","workflow_name":"w","environment":"dev","status":"completed","started_at":"2025-01-01T09:20:00Z"},
             {"id":"night","workflow_name":"w","environment":"prod","batch_id":"b","status":"completed","started_at":"2025-01-01T09:30:00Z"},
             {"id":"other","workflow_name":"v","environment":"prod","status":"completed","started_at":"2025-01-01T09:40:00Z"},
             {"id":"this","workflow_name":"w","environment":"prod","status":"failed","started_at":"2025-01-01T10:00:00Z"},
             {"id":"later","workflow_name":"w","environment":"prod","status":"completed","started_at":"2025-01-01T11:00:00Z"}]
            """);
        Assert.Equal("right", (string?)(await client.ReadAsync("/api/runs/this/compare/last-success")).Json!["other"]!["id"]);
    }

    [Theory, Engines]
    public async Task A_run_of_another_tenant_is_not_there(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await (await hub.KeyAsync()).PostAsync("/api/runs", Good);
        var stranger = await hub.KeyAsync(tenant: "other");
        await stranger.PostAsync("/api/runs", Bad);
        foreach (var path in new[] { "/api/runs/bad/compare/good", "/api/runs/good/compare/bad", "/api/runs/bad/compare/last-success" }) Assert.Equal(404, (await stranger.ReadAsync(path)).Status);
        var browser = await hub.SignInAsync(Role.Viewer, tenant: "other");
        foreach (var path in new[] { "/runs/bad/compare/good", "/runs/good/compare/bad", "/runs/good/compare" }) Assert.Equal(404, (int)(await browser.GetAsync(path)).StatusCode);
    }

    [Theory, Engines]
    public async Task A_run_compared_with_itself_shows_no_difference(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var random = new Random(4711);
        for (var i = 0; i < 8; i++)
        {
            var steps = new JsonArray([.. Enumerable.Range(0, random.Next(0, 30)).Select(n => (JsonNode)new JsonObject
            {
                ["id"] = "s" + n, ["name"] = "step" + random.Next(4), ["status"] = random.Next(3) == 0 ? "failed" : "completed",
                ["output"] = random.Next(4) switch { 0 => null, 1 => "text\n" + random.Next(), 2 => new string('x', 300_000), _ => new JsonObject { ["n"] = random.Next() } },
            })]);
            Assert.Equal(201, (await client.PostAsync("/api/runs", new JsonObject { ["id"] = "r" + i, ["workflow_name"] = "w", ["status"] = "completed", ["steps"] = steps }.ToJsonString())).Status);
            var found = (await client.ReadAsync($"/api/runs/r{i}/compare/r{i}")).Json!;
            Assert.True((bool)found["same"]!);
            Assert.Null(found["first_divergence"]);
            Assert.Equal(steps.Count, found["steps"]!.AsArray().Count);
            Assert.All(found["fields"]!.AsArray(), f => Assert.True((bool)f!["same"]!));
        }
    }

    [Theory, Engines]
    public async Task Large_payloads_are_compared_by_size_and_hash_and_many_steps_in_part_and_both_are_said(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        foreach (var (id, letter) in new[] { ("one", 'x'), ("two", 'y') })
        {
            var steps = new JsonArray([.. Enumerable.Range(0, 1001).Select(n => (JsonNode)new JsonObject { ["id"] = "s" + n, ["name"] = "n" + n, ["status"] = "completed" })]);
            Assert.Equal(201, (await client.PostAsync("/api/runs", new JsonObject { ["id"] = id, ["workflow_name"] = "w", ["outputs_summary"] = new JsonObject { ["t"] = new string(letter, 300_000) }, ["steps"] = steps }.ToJsonString())).Status);
        }

        var found = (await client.ReadAsync("/api/runs/one/compare/two")).Json!;
        Assert.Equal(("hash", false, 0), ((string?)found["outputs"]!["compared"], (bool)found["outputs"]!["same"]!, found["outputs"]!["lines"]!.AsArray().Count));
        Assert.NotEqual((string?)found["outputs"]!["run_sha256"], (string?)found["outputs"]!["other_sha256"]);
        Assert.Equal((true, 1000), ((bool)found["steps_truncated"]!, found["steps"]!.AsArray().Count));
        var page = await (await hub.SignInAsync(Role.Viewer)).GetStringAsync("/runs/one/compare/two");
        Assert.Contains("compared by size and hash only", page, StringComparison.Ordinal);
        Assert.Contains("more than 1,000 steps", page, StringComparison.Ordinal);
    }
}
