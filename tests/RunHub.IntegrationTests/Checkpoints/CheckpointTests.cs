using System.Globalization;
using System.Text.Json.Nodes;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Checkpoints;

/// <summary>LangGraph's tables, with the run in place of the thread.</summary>
public sealed class CheckpointTests
{
    static string Id(int n) => string.Create(CultureInfo.InvariantCulture, $"1f0b2c3d-4e5f-6{n:000}-8001-0242ac120002");

    static string Json(int n, string ns = "", string? value = null)
    {
        var (id, parent) = (Id(n), n == 0 ? "null" : $"\"{Id(n - 1)}\"");
        value ??= string.Create(CultureInfo.InvariantCulture, $$"""{"v":4,"id":"{{id}}","ts":"2025-10-28T10:14:{{n:00}}Z","channel_values":{"n":{{n}} } }""");
        return $$"""
            {"checkpoint_ns":"{{ns}}","checkpoint_id":"{{id}}","parent_checkpoint_id":{{parent}},"type":"json","checkpoint":{{value}},
             "metadata":{"source":"{{(n == 0 ? "input" : "loop")}}","step":{{n - 1}},"parents":{} } }
            """;
    }

    [Theory, Engines]
    public async Task A_checkpoint_comes_back_as_it_was_put_and_latest_is_the_greatest_id(string engine)
    {
        await using var hub = await StartAsync(engine);
        var client = await hub.KeyAsync();
        // Out of order, and one alone by its address.
        Assert.Equal(201, (await client.PostAsync("/api/runs/r/checkpoints", "[" + Json(2) + "," + Json(0) + "]")).Status);
        Assert.Equal(201, (await client.CallAsync(HttpMethod.Put, $"/api/runs/r/checkpoints/{Id(1)}", System.Text.Encoding.UTF8.GetBytes(Json(1)), "application/json")).Status);
        var latest = (await client.ReadAsync("/api/runs/r/checkpoints/latest")).Json!;
        ApiHttp.AssertHas(JsonNode.Parse(Json(2)), latest);
        Assert.Equal(("loop", 1, "2025-10-28T10:14:02Z"), ((string)latest["source"]!, (int)latest["step"]!, (string)latest["created_at"]!));
        ApiHttp.AssertHas(JsonNode.Parse(Json(0)), (await client.ReadAsync($"/api/runs/r/checkpoints/{Id(0)}")).Json);
        var list = (await client.ReadAsync("/api/runs/r/checkpoints")).Json!;
        Assert.Equal([Id(2), Id(1), Id(0)], list["checkpoints"]!.AsArray().Select(c => (string)c!["checkpoint_id"]!));
        Assert.Equal([Id(0)], (await client.ReadAsync($"/api/runs/r/checkpoints?before={Id(1)}")).Json!["checkpoints"]!.AsArray().Select(c => (string)c!["checkpoint_id"]!));
    }

    [Theory, Engines]
    public async Task Values_of_every_type_come_back_and_none_is_loaded(string engine)
    {
        await using var hub = await StartAsync(engine);
        var client = await hub.KeyAsync();
        var random = new byte[500_000];
        new Random(1).NextBytes(random);
        foreach (var (type, value) in new[] { ("msgpack", Convert.ToBase64String(random)), ("bytes", ""), ("bytearray", "AAEC"), ("pickle", "gASVBQAAAAAAAACMAWGULg=="), ("ext+v2", "AA==") })
        {
            Assert.Equal(201, (await client.PostAsync("/api/runs/r/checkpoints", $$"""{"checkpoint_ns":"{{type}}","checkpoint_id":"c","type":"{{type}}","checkpoint":"{{value}}"}""")).Status);
            var got = (await client.ReadAsync("/api/runs/r/checkpoints/latest?checkpoint_ns=" + Uri.EscapeDataString(type))).Json!;
            Assert.Equal((type, value), ((string)got["type"]!, (string)got["checkpoint"]!));
        }

        Assert.Equal(201, (await client.PostAsync("/api/runs/r/checkpoints", """{"checkpoint_ns":"null","checkpoint_id":"c","type":"null","checkpoint":null}""")).Status);
        var none = (await client.ReadAsync("/api/runs/r/checkpoints/c?checkpoint_ns=null")).Json!.AsObject();
        Assert.True(none.ContainsKey("checkpoint") && none["checkpoint"] is null);
        // The spelling of JSON is kept: a number no double holds, and spaces.
        await client.PostAsync("/api/runs/r/checkpoints", Json(5, value: """{ "n": 12345678901234567890.10,  "é": "\u00e9" }"""));
        Assert.Contains("""{ "n": 12345678901234567890.10,  "é": "\u00e9" }""", await client.GetStringAsync("/api/runs/r/checkpoints/latest"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_ordinary_write_stays_as_it_first_came_and_a_special_one_is_replaced(string engine)
    {
        await using var hub = await StartAsync(engine);
        var client = await hub.KeyAsync();
        const string writes = """{"task_id":"t1","writes":[{"channel":"a","value":1},{"channel":"__interrupt__","value":"first?"},{"channel":"b","type":"bytes","value":"AAE="}]}""";
        var path = $"/api/runs/r/checkpoints/{Id(0)}/writes";
        Assert.Equal(3, (int)(await PutAsync(client, path, writes)).Json!["written"]!);
        Assert.Equal(0, (int)(await PutAsync(client, path, writes)).Json!["written"]!);
        Assert.Equal(1, (int)(await PutAsync(client, path, writes.Replace("first?", "second?", StringComparison.Ordinal).Replace(":1}", ":2}", StringComparison.Ordinal))).Json!["written"]!);
        Assert.Equal(1, (int)(await PutAsync(client, path, """{"task_id":"t0","task_path":"~__pregel_pull, x","writes":[{"channel":"__error__","value":"boom"}]}""")).Json!["written"]!);
        // The checkpoint itself comes after its writes.
        await client.PostAsync("/api/runs/r/checkpoints", Json(0));
        var got = (await client.ReadAsync($"/api/runs/r/checkpoints/{Id(0)}")).Json!["writes"]!.AsArray();
        Assert.Equal(["t0 -1 __error__ \"boom\"", "t1 -3 __interrupt__ \"second?\"", "t1 0 a 1", "t1 2 b \"AAE=\""], got.Select(w => $"{w!["task_id"]} {w["idx"]} {w["channel"]} {w["value"]!.ToJsonString()}"));
        var item = (await client.ReadAsync("/api/runs/r/checkpoints")).Json!["checkpoints"]![0]!;
        Assert.Equal((4, "__error__,__interrupt__"), ((int)item["writes"]!, string.Join(',', item["special_writes"]!.AsArray().Select(s => (string)s!))));
    }

    [Theory, Engines]
    public async Task Putting_twice_changes_nothing_and_tells_nobody(string engine)
    {
        await using var hub = await StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs/r/checkpoints", Json(1));
        var events = await CountAsync(hub, "events");
        var again = await client.PostAsync("/api/runs/r/checkpoints", Json(1));
        Assert.Equal((200, false), (again.Status, (bool)again.Json!["checkpoints"]![0]!["created"]!));
        Assert.Equal(events, await CountAsync(hub, "events"));
        Assert.Equal(200, (await client.PostAsync("/api/runs/r/checkpoints", Json(1, value: "{\"changed\":true}"))).Status);
        Assert.Equal(events + 1, await CountAsync(hub, "events"));
        Assert.True((bool)(await client.ReadAsync("/api/runs/r/checkpoints/latest")).Json!["checkpoint"]!["changed"]!);
        Assert.Equal(1, await CountAsync(hub, "checkpoints"));
    }

    [Theory, Engines]
    public async Task Pages_go_through_all_namespaces_once_each(string engine)
    {
        await using var hub = await StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs/r/checkpoints", "[" + string.Join(',', Enumerable.Range(0, 25).SelectMany(n => new[] { Json(n), Json(n, "agent:7|tool:1") })) + "]");
        var (seen, token) = (new List<string>(), (string?)"");
        while (token is not null)
        {
            var page = (await client.ReadAsync("/api/runs/r/checkpoints?limit=7&next_token=" + Uri.EscapeDataString(token))).Json!;
            seen.AddRange(page["checkpoints"]!.AsArray().Select(c => $"{c!["checkpoint_id"]} {c["checkpoint_ns"]}"));
            token = (string?)page["next_token"];
        }

        Assert.Equal(50, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
        Assert.Equal(25, (await client.ReadAsync("/api/runs/r/checkpoints?limit=200&checkpoint_ns=agent:7%7Ctool:1")).Json!["checkpoints"]!.AsArray().Count);
        Assert.Equal(25, (await client.ReadAsync("/api/runs/r/checkpoints?limit=200&checkpoint_ns=")).Json!["checkpoints"]!.AsArray().Count);
    }

    [Theory, Engines]
    public async Task What_is_wrong_is_told_with_its_place_and_nothing_is_written(string engine)
    {
        await using var hub = await StartAsync(engine, new() { ["Checkpoints:MaxBytes"] = "2000", ["Checkpoints:MaxPerRun"] = "3" });
        var client = await hub.KeyAsync();
        foreach (var (body, status, path) in new[]
        {
            ("[]", 400, "$"), ("7", 400, "$"), ("{", 400, "$"), ("""{"checkpoint":{}}""", 400, "$.checkpoint_id"), ("""{"checkpoint":{"id":5}}""", 400, "$.checkpoint.id"), ("""{"checkpoint_id":"a"}""", 400, "$.checkpoint"),
            ("""{"checkpoint_id":"latest","checkpoint":{}}""", 400, "$.checkpoint_id"), ("""{"checkpoint_id":"a/b","checkpoint":{}}""", 400, "$.checkpoint_id"), ("""{"checkpoint_id":"a\u0000","checkpoint":{}}""", 400, "$.checkpoint_id"),
            ("""{"checkpoint_id":"a","type":"pickle","checkpoint":{}}""", 400, "$.checkpoint"), ("""{"checkpoint_id":"a","type":"msgpack","checkpoint":"%%%"}""", 400, "$.checkpoint"), ("""{"checkpoint_id":"a","type":"a b","checkpoint":"AA=="}""", 400, "$.type"),
            ("""{"checkpoint_id":"a","checkpoint":{},"metadata":[]}""", 400, "$.metadata"), ("""{"checkpoint_id":"a","checkpoint":{},"writes":[{"channel":"c"}]}""", 400, "$.writes[0].task_id"), ("""{"checkpoint_id":"a","checkpoint":{},"writes":[{"task_id":"t","channel":"c","idx":-1}]}""", 400, "$.writes[0].idx"),
            ("[" + Json(0) + ",5]", 400, "$[1]"), ($$"""{"checkpoint_id":"a","checkpoint":"{{new string('x', 3000)}}"}""", 413, "$.checkpoint"), ("[" + string.Join(',', Enumerable.Range(0, 4).Select(n => Json(n))) + "]", 409, null),
        })
        {
            var reply = await client.PostAsync("/api/runs/r/checkpoints", body);
            Assert.True(reply.Status == status && (path is null || reply.Path == path), $"{body[..Math.Min(90, body.Length)]}: {reply.Status} {reply.Json}");
        }

        Assert.Equal(400, (await PutAsync(client, "/api/runs/r/checkpoints/a", """{"checkpoint_id":"b","checkpoint":{}}""")).Status);
        Assert.Equal(400, (await PutAsync(client, "/api/runs/r/checkpoints/latest/writes", """{"task_id":"t","writes":[]}""")).Status);
        Assert.Equal(404, (await client.PostAsync("/api/runs/none/checkpoints", Json(0))).Status);
        Assert.Equal(404, (await client.ReadAsync("/api/runs/r/checkpoints/latest")).Status);
        Assert.Equal((0, 0), (await CountAsync(hub, "checkpoints"), await CountAsync(hub, "checkpoint_writes")));
    }

    [Theory, Engines]
    public async Task They_are_the_tenants_own_and_go_with_their_run(string engine)
    {
        await using var hub = await StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs/r/checkpoints", Json(0));
        await PutAsync(client, $"/api/runs/r/checkpoints/{Id(0)}/writes", """{"task_id":"t","writes":[{"channel":"a","value":1}]}""");
        var stranger = await hub.KeyAsync(tenant: "other");
        Assert.Equal(404, (await stranger.ReadAsync("/api/runs/r/checkpoints/latest")).Status);
        Assert.Equal(404, (await stranger.PostAsync("/api/runs/r/checkpoints", Json(0))).Status);
        await client.CallAsync(HttpMethod.Delete, "/api/runs/r");
        Assert.Equal((0, 0), (await CountAsync(hub, "checkpoints"), await CountAsync(hub, "checkpoint_writes")));
    }

    [Theory, Engines]
    public async Task What_is_sent_under_a_duplicates_id_belongs_to_the_run_that_does_the_work(string engine)
    {
        await using var hub = await StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"first","workflow_name":"w","business_event_id":"e"}""");
        await client.PostAsync("/api/runs", """{"id":"second","workflow_name":"w","business_event_id":"e"}""");
        Assert.Equal(201, (await client.PostAsync("/api/runs/second/checkpoints", Json(0))).Status);
        Assert.Equal(200, (await client.ReadAsync("/api/runs/first/checkpoints/latest")).Status);
    }

    static async Task<TestHub> StartAsync(string engine, Dictionary<string, string?>? settings = null)
    {
        var hub = await TestHub.StartAsync(engine, settings);
        await (await hub.KeyAsync()).PostAsync("/api/runs", """{"id":"r","workflow_name":"w"}""");
        return hub;
    }

    static Task<ApiReply> PutAsync(HttpClient client, string path, string body) => client.CallAsync(HttpMethod.Put, path, System.Text.Encoding.UTF8.GetBytes(body), "application/json");

    static async Task<long> CountAsync(TestHub hub, string table)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare("SELECT count(*) FROM " + table).ScalarAsync<long>(default);
    }
}
