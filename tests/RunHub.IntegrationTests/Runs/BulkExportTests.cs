using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Runs;

/// <summary>Export as a bulk action: a file in parts, downloaded from its page, gone after some days.</summary>
public sealed class BulkExportTests
{
    [Theory, Engines]
    public async Task Makes_one_file_of_many_parts(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await ReportAsync(key, 450);
        var csv = await DoneAsync(key, await StartAsync(key, """{"action":{"kind":"export","format":"csv","columns":"id,status,input.n"},"filter":""}"""));
        Assert.Equal(450, (long)csv["done"]!);
        var lines = (await key.GetStringAsync((string)csv["file"]!["url"]!)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("id,status,input.n", lines[0]);
        Assert.Equal(451, lines.Length);
        Assert.Equal(450, lines.Skip(1).Select(l => l.Split(',')[0]).Distinct(StringComparer.Ordinal).Count());
        Assert.Contains("run7,completed,7", lines);

        var json = await DoneAsync(key, await StartAsync(key, """{"action":{"kind":"export","format":"json","include":["payloads"]},"filter":"workflow=w0"}"""));
        var runs = JsonNode.Parse(await key.GetStringAsync((string)json["file"]!["url"]!))!.AsArray();
        Assert.Equal(225, runs.Count);
        Assert.Equal(0, (int)runs.Single(r => (string)r!["id"]! == "run0")!["inputs_summary"]!["n"]!);

        var lined = await DoneAsync(key, await StartAsync(key, """{"action":{"kind":"export"},"run_ids":["run1","nowhere","run2"]}"""));
        Assert.Equal((2, 1), ((long)lined["done"]!, (long)lined["failed"]!));
        using var answer = await key.GetAsync((string)lined["file"]!["url"]!);
        Assert.Equal(2, (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)).Count());
        Assert.Equal((long)lined["file"]!["size"]!, answer.Content.Headers.ContentLength);
        Assert.StartsWith("attachment", answer.Content.Headers.ContentDisposition!.ToString(), StringComparison.Ordinal);
        Assert.Equal(409, (await key.PostAsync($"/api/bulk-actions/{(string)lined["id"]!}/undo", "{}")).Status);
    }

    [Theory, Engines]
    public async Task Is_the_tenants_alone_and_expires(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        using var viewer = await hub.SignInAsync(Role.Viewer);
        await ReportAsync(key, 3);
        var bulk = await DoneAsync(key, await StartAsync(key, """{"action":{"kind":"export","format":"csv"},"filter":""}"""));
        var url = (string)bulk["file"]!["url"]!;
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync(url)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(url)).StatusCode);
        Assert.NotNull((await ViewTests.ParseAsync(await viewer.GetStringAsync("/bulk/" + (string)bulk["id"]!))).QuerySelector($"a[href='{url}']"));
        Assert.Equal(403, (await viewer.PostAsync("/api/bulk-actions", """{"action":{"kind":"export"},"filter":""}""")).Status);

        Assert.Equal(0, await hub.Get<BulkFiles>().PurgeAsync(default));
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE bulk_actions SET finished_at = finished_at - @days").With(8L * 86_400_000_000).ExecuteAsync(ct), default);
        Assert.Equal(1, await hub.Get<BulkFiles>().PurgeAsync(default));
        Assert.Equal(HttpStatusCode.Gone, (await key.GetAsync(url)).StatusCode);
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(0, await sql.Prepare("SELECT count(*) FROM blobs").ScalarAsync<long>(default));
        Assert.Equal(0, await sql.Prepare("SELECT count(*) FROM bulk_parts").ScalarAsync<long>(default));
    }

    [Theory, Engines]
    public async Task Pauses_where_the_file_would_be_too_large(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new(StringComparer.Ordinal) { ["BulkActions:MaxFileBytes"] = "2000" });
        using var key = await hub.KeyAsync();
        await ReportAsync(key, 50);
        var id = await StartAsync(key, """{"action":{"kind":"export","include":["payloads"]},"filter":""}""");
        var paused = await UntilAsync(key, id, "paused");
        Assert.Contains("MaxFileBytes", (string)paused["reason"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await key.GetAsync($"/api/bulk-actions/{id}/file")).StatusCode);
        await key.PostAsync($"/api/bulk-actions/{id}/abort", "{}");
        Assert.Equal(HttpStatusCode.NotFound, (await key.GetAsync($"/api/bulk-actions/{id}/file")).StatusCode);
    }

    [Theory]
    [InlineData("""{"kind":"export","format":"xlsx"}""", "$.action.format")]
    [InlineData("""{"kind":"export","include":["everything"]}""", "$.action.include")]
    [InlineData("""{"kind":"export","columns":"colour"}""", "query.columns")]
    [InlineData("""{"kind":"export","colour":"red"}""", "$.action")]
    public async Task Settings_that_are_not_right_say_where(string action, string where)
    {
        await using var hub = await TestHub.StartAsync();
        using var key = await hub.KeyAsync();
        var answer = await key.PostAsync("/api/bulk-actions", $$"""{"action":{{action}},"filter":""}""");
        Assert.Equal((400, where), (answer.Status, answer.Path));
    }

    static async Task ReportAsync(HttpClient client, int count)
    {
        foreach (var piece in Enumerable.Range(0, count).Chunk(200))
            Assert.Equal(200, (await client.PostAsync("/api/runs", JsonSerializer.Serialize(piece.Select(i => new { id = "run" + i, workflow_name = "w" + i % 2, status = "completed", inputs_summary = new { n = i } })))).Status);
    }

    static async Task<string> StartAsync(HttpClient client, string body)
    {
        var answer = await client.PostAsync("/api/bulk-actions", body);
        Assert.True(answer.Status == 201, answer.Json?.ToJsonString());
        return (string)answer.Json!["id"]!;
    }

    static Task<JsonNode> DoneAsync(HttpClient client, string id) => UntilAsync(client, id, "completed");

    static async Task<JsonNode> UntilAsync(HttpClient client, string id, string state)
    {
        JsonNode? bulk = null;
        await Eventually.TrueAsync(async () => (string)(bulk = (await client.ReadAsync("/api/bulk-actions/" + id)).Json!)["state"]! == state);
        return bulk!;
    }
}
