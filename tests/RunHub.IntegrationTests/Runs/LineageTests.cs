using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.IntegrationTests.Api;

namespace RunHub.IntegrationTests.Runs;

public sealed class LineageTests
{
    [Theory, Engines]
    public async Task A_run_tells_its_parent_its_root_its_children_its_attempts_and_what_it_answered(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        foreach (var run in new[]
        {
            """{"id":"first","workflow_name":"w","business_event_id":"e","status":"failed","started_at":"2025-01-01T10:00:00Z"}""",
            """{"id":"second","workflow_name":"w","business_event_id":"e","started_at":"2025-01-01T11:00:00Z"}""",
            """{"id":"dup","workflow_name":"w","business_event_id":"e"}""",
            """{"id":"elsewhere","workflow_name":"other","business_event_id":"e"}""",
            """{"id":"child","workflow_name":"w","parent_run_id":"second"}""",
            """{"id":"grandchild","workflow_name":"w","parent_run_id":"child"}""",
            """{"id":"orphan","workflow_name":"w","parent_run_id":"unknown"}""",
        })
            Assert.InRange((await client.PostAsync("/api/runs", run)).Status, 200, 201);
        var second = await LineageAsync(client, "second");
        Assert.Equal(["second", "first"], Ids(second["attempts"]));
        Assert.Equal([2, 1], second["attempts"]!["runs"]!.AsArray().Select(r => (int?)r!["attempt"] ?? 1));
        Assert.Equal(["child"], Ids(second["children"]));
        Assert.Equal("dup", (string?)second["duplicates"]!["items"]![0]!["id"]);
        Assert.Equal("first", (string?)second["root"]!["id"]);
        var grandchild = await LineageAsync(client, "grandchild");
        Assert.Equal(("child", "first"), ((string?)grandchild["parent"]!["id"], (string?)grandchild["root_run_id"]));
        var orphan = await LineageAsync(client, "orphan");
        Assert.Equal("unknown", (string?)orphan["parent_run_id"]);
        Assert.Null(orphan["parent"]);
        Assert.Equal(Ids(second["attempts"]), await ListAsync(client, (string)second["attempts"]!["query"]!));
        Assert.Equal(404, (await (await hub.KeyAsync(tenant: "other")).ReadAsync("/api/runs/second/lineage")).Status);
        var page = await (await hub.SignInAsync(Role.Viewer)).GetStringAsync("/runs/second");
        foreach (var href in new[] { "/runs/first", "/runs/child" }) Assert.Contains($"href=\"{href}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"lineage\"", await (await hub.SignInAsync(Role.Viewer)).GetStringAsync("/runs/elsewhere"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Many_children_come_in_part_with_their_number_and_the_way_to_them_all(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"a,b*c","workflow_name":"w","batch_id":"night 1"}""");
        await client.PostAsync("/api/runs", new JsonArray([.. Enumerable.Range(0, 30).Select(i => (JsonNode)new JsonObject { ["id"] = "c" + i, ["workflow_name"] = "w", ["parent_run_id"] = "a,b*c", ["batch_id"] = "night 1" })]).ToJsonString());
        var lineage = await LineageAsync(client, "a,b*c");
        Assert.Equal((20, 30, false), (Ids(lineage["children"]).Count, (int)lineage["children"]!["total"]!, (bool)lineage["children"]!["more"]!));
        Assert.Equal(31, (int)lineage["batch"]!["total"]!);
        Assert.Equal(30, (await ListAsync(client, (string)lineage["children"]!["query"]! + "&limit=200")).Count);
        Assert.Equal(31, (await ListAsync(client, (string)lineage["batch"]!["query"]! + "&limit=200")).Count);
    }

    [Theory, Engines]
    public async Task Runs_of_a_batch_are_kept_out_until_they_are_asked_for(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """[{"id":"day","workflow_name":"w"},{"id":"night","workflow_name":"w","batch_id":"b"}]""");
        foreach (var (query, expected) in new[] { ("", "day"), ("lane=production", "day"), ("lane=backfill", "night"), ("lane=all", "day,night"), ("batch=b", "night"), ("batch=b&lane=production", "") })
            Assert.Equal(expected, string.Join(',', (await ListAsync(client, query)).Order(StringComparer.Ordinal)));
        var browser = await hub.SignInAsync(Role.Viewer);
        var list = await browser.GetStringAsync("/runs");
        Assert.Contains("href=\"/runs?lane=backfill\"", list, StringComparison.Ordinal);
        Assert.Contains("href=\"/runs?lane=all\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Backfill</b>", list, StringComparison.Ordinal);
        Assert.Contains("<b>Backfill</b>", await browser.GetStringAsync("/runs?lane=all"), StringComparison.Ordinal);
        // What goes without saying is not said: where a batch names the runs, all lanes are shown.
        var batch = await browser.GetStringAsync("/runs?batch=b");
        Assert.Matches("id=\"lane-all\" href=\"/runs\\?batch=b\" aria-current=\"true\"", batch);
        await using var sql = await hub.Get<RunHub.Store.Database>().ReadAsync(default);
        Assert.Equal([0L, 1L], await sql.Prepare("SELECT DISTINCT lane FROM rollup_deltas WHERE kind = 0 ORDER BY lane").ListAsync(r => r.GetInt64(0), default));
    }

    static async Task<JsonNode> LineageAsync(HttpClient client, string id)
    {
        var reply = await client.ReadAsync($"/api/runs/{Uri.EscapeDataString(id)}/lineage");
        Assert.Equal(200, reply.Status);
        return reply.Json!;
    }

    static async Task<List<string>> ListAsync(HttpClient client, string query) =>
        [.. (await client.ReadAsync("/api/runs?" + query)).Json!["runs"]!.AsArray().Select(r => (string)r!["id"]!)];

    static List<string> Ids(JsonNode? related) => [.. related!["runs"]!.AsArray().Select(r => (string)r!["id"]!)];
}
