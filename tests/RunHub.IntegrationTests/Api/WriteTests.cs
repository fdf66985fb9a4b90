using System.IO.Compression;
using System.Text;
using RunHub.Store;

namespace RunHub.IntegrationTests.Api;

public sealed class WriteTests
{
    [Theory, Engines]
    public async Task A_run_grows_by_posts_and_patches(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var made = await client.PostAsync("/api/runs", """{"workflow_name":"w"}""");
        var id = (string)made.Json!["id"]!;
        Assert.Equal((201, "queued"), (made.Status, (string?)made.Json["status"]));
        Assert.Equal((200, "running"), await StatusAsync($$"""{"id":"{{id}}","status":"running","owner":"ana"}"""));
        Assert.Equal((200, "completed"), await StatusAsync($$"""{"id":"{{id}}","status":"success"}"""));
        // Late news of an earlier state: the status stays, the rest merges.
        Assert.Equal((200, "completed"), await StatusAsync($$"""{"id":"{{id}}","status":"running","lead_id":"L7"}"""));
        var conflict = await client.PostAsync("/api/runs", $$"""{"id":"{{id}}","status":"failed"}""");
        Assert.Equal((409, "$.status", "application/problem+json"), (conflict.Status, conflict.Path, conflict.Type));
        Assert.Equal(200, (await client.PatchAsync($"/api/runs/{id}", """{"owner":null,"tags":["x"]}""")).Status);
        var run = (await client.ReadAsync($"/api/runs/{id}")).Json!;
        Assert.Equal(("completed", "L7", null, "x"), ((string?)run["status"], (string?)run["lead_id"], (string?)run["owner"], (string?)run["tags"]![0]));

        async Task<(int, string?)> StatusAsync(string body)
        {
            var reply = await client.PostAsync("/api/runs", body);
            return (reply.Status, (string?)reply.Json!["status"]);
        }
    }

    [Theory, Engines]
    public async Task A_batch_writes_the_valid_and_tells_the_others(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        const string batch = """[{"id":"a","workflow_name":"w"},{"id":"b","workflow_name":"w","status":"nope"},{"id":"c"},{"id":"d","workflow_name":"w"}]""";
        var reply = await client.PostAsync("/api/runs", batch);
        Assert.Equal((200, 2), (reply.Status, (int)reply.Json!["accepted"]!));
        Assert.Equal([(1, "b", 400, "$.status"), (2, "c", 400, "$.workflow_name")],
            reply.Json["rejected"]!.AsArray().Select(r => ((int)r!["index"]!, (string)r["id"]!, (int)r["status"]!, (string)r["path"]!)));
        Assert.Equal([(0, "a", true), (3, "d", true)], reply.Json["runs"]!.AsArray().Select(r => ((int)r!["index"]!, (string)r["id"]!, (bool)r["created"]!)));
        Assert.Equal(2, await RunsAsync(hub));

        foreach (var (n, body) in new[] { (1, batch.Replace("\"a\"", "\"e\"", StringComparison.Ordinal)), (2, """[{"id":"e","workflow_name":"w"},{"id":"f"}]""") })
        {
            var refused = await client.PostAsync("/api/runs?atomic=true", body);
            Assert.Equal((400, 0), (refused.Status, (int)refused.Json!["accepted"]!));
            Assert.Equal(n == 1 ? "$[1].status" : "$[1].workflow_name", refused.Path);
        }

        Assert.Equal(2, await RunsAsync(hub));
    }

    [Theory, Engines]
    public async Task Lines_stand_each_for_itself(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var reply = await client.PostAsync("/api/runs", "{\"id\":\"a\",\"workflow_name\":\"w\"}\nnonsense\n\n{\"id\":\"b\",\"workflow_name\":\"w\"}\n", "application/x-ndjson");
        Assert.Equal((200, 2, 1), (reply.Status, (int)reply.Json!["accepted"]!, (int)reply.Json["rejected"]![0]!["index"]!));
    }

    [Theory, Engines]
    public async Task Steps_are_refused_one_by_one_or_together(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"r","workflow_name":"w","steps":[{"id":"done","name":"n","status":"completed"}]}""");
        const string batch = """[{"id":"s1","name":"a"},{"id":"s2"},{"id":"done","status":"failed"},{"name":"b"},{"type":7}]""";
        var reply = await client.PostAsync("/api/runs/r/steps", batch);
        Assert.Equal((200, 2, "r"), (reply.Status, (int)reply.Json!["accepted"]!, (string?)reply.Json["run_id"]));
        Assert.Equal([(1, 400, "$.name"), (2, 409, "$.status"), (4, 400, "$.type")],
            reply.Json["rejected"]!.AsArray().Select(r => ((int)r!["index"]!, (int)r["status"]!, (string)r["path"]!)));
        Assert.Equal([0, 3], reply.Json["steps"]!.AsArray().Select(s => (int)s!["index"]!));
        var made = (string)reply.Json["steps"]![1]!["id"]!;
        var refused = await client.PostAsync("/api/runs/r/steps?atomic=true", """[{"id":"s9","name":"a"},{"id":"done","status":"failed"}]""");
        Assert.Equal((409, "$[1].status"), (refused.Status, refused.Path));
        var ids = (await client.ReadAsync("/api/runs/r/steps")).Json!["steps"]!.AsArray().Select(s => (string)s!["id"]!);
        Assert.Equal(["done", "s1", made], ids);
        Assert.Equal(404, (await client.PostAsync("/api/runs/none/steps", """{"name":"a"}""")).Status);
    }

    [Theory, Engines]
    public async Task Steps_come_in_pages(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var steps = string.Join(',', Enumerable.Range(0, 7).Select(i => $$"""{"id":"s{{i}}","name":"n"}"""));
        await client.PostAsync("/api/runs", $$"""{"id":"r","workflow_name":"w","steps":[{{steps}}]}""");
        var ids = new List<string>();
        for (string? token = ""; token is not null;)
        {
            var page = (await client.ReadAsync($"/api/runs/r/steps?limit=3&next_token={token}")).Json!;
            ids.AddRange(page["steps"]!.AsArray().Select(s => (string)s!["id"]!));
            token = (string?)page["next_token"];
        }

        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"s{i}"), ids);
        Assert.Equal("query.limit", (await client.ReadAsync("/api/runs/r/steps?limit=0")).Path);
    }

    [Theory, Engines]
    public async Task A_repeated_key_gets_the_first_answer_and_writes_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var first = await client.PostAsync("/api/runs", """{"workflow_name":"w"}""", key: "\"k 1\"");
        var second = await client.PostAsync("/api/runs", """{"workflow_name":"w"}""", key: "k 1");
        Assert.Equal((201, 201), (first.Status, second.Status));
        Assert.Equal((string?)first.Json!["id"], (string?)second.Json!["id"]);
        Assert.Equal(first.Message.Headers.Location, second.Message.Headers.Location);
        Assert.True(second.Message.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(1, await RunsAsync(hub));

        var other = await client.PostAsync("/api/runs", """{"workflow_name":"v"}""", key: "k 1");
        Assert.Equal((422, "header.Idempotency-Key"), (other.Status, other.Path));
        // Another caller's key is another key; a refused request does not use one up.
        var stranger = await hub.KeyAsync();
        Assert.Equal(201, (await stranger.PostAsync("/api/runs", """{"workflow_name":"w"}""", key: "k 1")).Status);
        Assert.Equal(400, (await client.PostAsync("/api/runs", """{"workflow_name":7}""", key: "k2")).Status);
        Assert.Equal(201, (await client.PostAsync("/api/runs", """{"workflow_name":"w"}""", key: "k2")).Status);
        Assert.Equal((400, "header.Idempotency-Key"), Both(await client.PostAsync("/api/runs", """{"workflow_name":"w"}""", key: new string('k', 300))));
        static (int, string?) Both(ApiReply reply) => (reply.Status, reply.Path);
    }

    [Theory, Engines]
    public async Task Of_many_at_once_with_one_key_one_is_done(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.PostAsync("/api/runs", """{"workflow_name":"w"}""", key: "same")));
        Assert.All(replies, r => Assert.Contains(r.Status, new[] { 201, 409 }));
        Assert.Contains(replies, r => r.Status == 201);
        Assert.Equal(1, await RunsAsync(hub));
    }

    [Theory, Engines]
    public async Task Kept_answers_are_forgotten_after_their_time(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"workflow_name":"w"}""", key: "k");
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE idempotency_keys SET created_at = created_at - 90000000000").With().ExecuteAsync(ct), default);
        Assert.Equal(201, (await client.PostAsync("/api/runs", """{"workflow_name":"other"}""", key: "k")).Status);
        Assert.Equal(0, await hub.Get<RunHub.Http.IdempotentWrites>().PurgeAsync(default));
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE idempotency_keys SET created_at = created_at - 90000000000").With().ExecuteAsync(ct), default);
        Assert.Equal(1, await hub.Get<RunHub.Http.IdempotentWrites>().PurgeAsync(default));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Bodies_may_be_compressed(string encoding)
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync();
        var reply = await client.CallAsync(HttpMethod.Post, "/api/runs", Compress(encoding, """{"id":"r","workflow_name":"w"}"""u8.ToArray()), "application/json", encoding: encoding);
        Assert.Equal(201, reply.Status);
        var broken = await client.CallAsync(HttpMethod.Post, "/api/runs", """{"id":"s","workflow_name":"w"}"""u8.ToArray(), "application/json", encoding: encoding);
        Assert.Equal((400, "header.Content-Encoding"), (broken.Status, broken.Path));
    }

    [Theory, Engines]
    public async Task A_deleted_run_is_gone(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"r","workflow_name":"w","inputs_summary":{"a":1},"tags":["t"],"steps":[{"name":"n"}]}""");
        Assert.Equal(204, (await client.CallAsync(HttpMethod.Delete, "/api/runs/r")).Status);
        Assert.Equal(404, (await client.ReadAsync("/api/runs/r")).Status);
        Assert.Equal(404, (await client.CallAsync(HttpMethod.Delete, "/api/runs/r")).Status);
        Assert.Equal(0, await RunsAsync(hub));
    }

    internal static byte[] Compress(string encoding, byte[] plain)
    {
        using var to = new MemoryStream();
        using (Stream stream = encoding switch { "gzip" => new GZipStream(to, CompressionLevel.Fastest), "br" => new BrotliStream(to, CompressionLevel.Fastest), _ => new ZLibStream(to, CompressionLevel.Fastest) })
            stream.Write(plain);
        return to.ToArray();
    }

    internal static async Task<long> RunsAsync(TestHub hub)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare("SELECT count(*) FROM runs").ScalarAsync<long>(default);
    }
}
