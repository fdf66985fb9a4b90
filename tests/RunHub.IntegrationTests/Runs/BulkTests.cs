using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunHub.Access;
using RunHub.Store;
using Xunit.Abstractions;
using static RunHub.IntegrationTests.Api.JsonCalls;

namespace RunHub.IntegrationTests.Runs;

/// <summary>Something done to many runs: previewed, frozen, paced, reported, taken back.</summary>
public sealed class BulkTests(ITestOutputHelper output)
{
    [Theory, Engines]
    public async Task Everything_that_matches_is_tagged_and_untagged_again(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await ReportAsync(key, 450, i => i % 3 == 0 ? "failed" : "completed", i => i % 5 == 0 ? ["old", "outage"] : ["old"]);
        var request = new { name = "Known outage", action = new { kind = "tag", add = new[] { "outage" }, remove = new[] { "old" } }, filter = "status=failed" };

        var preview = await PostAsync(key, "/api/bulk-actions/preview", request);
        Assert.Equal(150, preview.GetProperty("count").GetInt64());
        Assert.False(preview.GetProperty("is_capped").GetBoolean());
        Assert.Equal(5, preview.GetProperty("sample").GetArrayLength());
        Assert.Equal(90, await CountAsync(key, "tag=outage"));

        var bulk = await DoneAsync(key, await PostAsync(key, "/api/bulk-actions", request));
        Assert.Equal((150, 150, 0, 0), Figures(bulk));
        Assert.Equal(210, await CountAsync(key, "tag=outage"));
        Assert.Equal(300, await CountAsync(key, "tag=old"));

        var undo = await DoneAsync(key, await PostAsync(key, $"/api/bulk-actions/{Id(bulk)}/undo", null));
        Assert.Equal((150, 150, 0, 0), Figures(undo));
        Assert.Equal(90, await CountAsync(key, "tag=outage"));
        Assert.Equal(450, await CountAsync(key, "tag=old"));
        await RefusedAsync(key, $"/api/bulk-actions/{Id(bulk)}/undo", null, HttpStatusCode.Conflict, "already");
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(300, await sql.Prepare("SELECT count(*) FROM audit WHERE action = 'run.tagged'").ScalarAsync<long>(default));
    }

    [Theory, Engines, Trait("Category", "Long")]
    public async Task A_hundred_thousand_runs_are_tagged_while_others_are_taken_in(string engine)
    {
        const int runs = 100_000;
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await ReportAsync(key, runs, _ => "failed");
        var began = TimeProvider.System.GetTimestamp();
        var bulk = await PostAsync(key, "/api/bulk-actions", new { action = new { kind = "tag", add = new[] { "outage" }, remove = Array.Empty<string>() }, filter = "status=failed" });
        var (waits, progress) = (new List<double>(), new List<long>());
        while (true)
        {
            // A lock held until the end would let nothing in between one tenth and the next.
            var before = TimeProvider.System.GetTimestamp();
            await PostAsync(key, "/api/runs", new { id = $"beside{waits.Count}", workflow_name = "beside", status = "completed" });
            waits.Add(TimeProvider.System.GetElapsedTime(before).TotalMilliseconds);
            if (waits.Count % 20 != 0) continue;
            bulk = await key.GetFromJsonAsync<JsonElement>("/api/bulk-actions/" + Id(bulk));
            progress.Add(bulk.GetProperty("done").GetInt64() * 10 / runs);
            if (bulk.GetProperty("state").GetString() == "completed") break;
        }

        Assert.Equal((runs, runs, 0, 0), Figures(bulk));
        Assert.True(progress.Distinct().Count() >= 9, $"Seen between reports: {string.Join(' ', progress.Distinct())} tenths");
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(runs, await sql.Prepare("SELECT count(*) FROM run_tags WHERE tag = 'outage'").ScalarAsync<long>(default));
        Assert.Equal(waits.Count, await sql.Prepare("SELECT count(*) FROM runs WHERE workflow_name = 'beside'").ScalarAsync<long>(default));
        waits.Sort();
        output.WriteLine($"figure: {engine}: {runs} runs tagged in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s; {waits.Count} runs reported beside it, answered after {waits[waits.Count / 2]:0.0} ms (median), {waits[waits.Count * 99 / 100]:0.0} ms (p99), {waits[^1]:0} ms (longest)");
    }

    [Theory, Engines]
    public async Task The_set_is_frozen_when_the_action_begins(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await ReportAsync(key, 20, _ => "failed");
        var bulk = await PostAsync(key, "/api/bulk-actions", new { action = new { kind = "tag", add = new[] { "t" }, remove = Array.Empty<string>() }, filter = "status=failed", pause_after = 5 });
        bulk = await UntilAsync(key, bulk, "paused");
        Assert.Equal((20, 5, 0, 0), Figures(bulk));
        await ReportAsync(key, 7, _ => "failed", prefix: "late");
        await PostAsync(key, $"/api/bulk-actions/{Id(bulk)}/resume", null);
        Assert.Equal((20, 20, 0, 0), Figures(await DoneAsync(key, bulk)));
        Assert.Equal(20, await CountAsync(key, "tag=t"));
    }

    [Theory, Engines]
    public async Task Times_that_were_relative_are_absolute_once_the_action_is_made(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        var now = hub.Get<TimeProvider>().GetUtcNow();
        await PostAsync(key, "/api/runs", new[] { new { id = "old", workflow_name = "invoice", started_at = now.AddHours(-30) }, new { id = "recent", workflow_name = "invoice", started_at = now.AddHours(-3) } });
        var bulk = await DoneAsync(key, await PostAsync(key, "/api/bulk-actions", new { action = new { kind = "tag", add = new[] { "t" } }, filter = "from=24h" }));
        Assert.Equal((1, 1, 0, 0), Figures(bulk));
        var kept = RunHub.Filter.RunFilter.Parse(bulk.GetProperty("filter").GetString()!);
        Assert.Equal(now.AddHours(-24).UtcDateTime, DateTimeOffset.Parse(kept.Text("from"), System.Globalization.CultureInfo.InvariantCulture).UtcDateTime, TimeSpan.FromMinutes(2));
        Assert.Equal(now.UtcDateTime, DateTimeOffset.Parse(kept.Text("to"), System.Globalization.CultureInfo.InvariantCulture).UtcDateTime, TimeSpan.FromMinutes(2));
    }

    [Theory, Engines]
    public async Task Runs_it_cannot_be_done_to_are_reported_one_by_one_and_tried_again(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await ReportAsync(key, 4, _ => "failed");
        var full = Enumerable.Range(0, 64).Select(i => "t" + i).ToArray();
        await PostAsync(key, "/api/runs/run2/tags", new { add = full });
        var bulk = await DoneAsync(key, await PostAsync(key, "/api/bulk-actions", new { action = new { kind = "tag", add = new[] { "one more" }, remove = Array.Empty<string>() }, run_ids = new[] { "run0", "run1", "run2", "nowhere", "run0" } }));
        Assert.Equal((4, 2, 0, 2), Figures(bulk));
        var failed = (await key.GetFromJsonAsync<JsonElement>($"/api/bulk-actions/{Id(bulk)}/items?state=failed")).GetProperty("items");
        Assert.Equal(["run2", "nowhere"], failed.EnumerateArray().Select(i => i.GetProperty("run_id").GetString()));
        Assert.Contains("64 tags", failed[0].GetProperty("reason").GetString(), StringComparison.Ordinal);

        await PostAsync(key, "/api/runs/run2/tags", new { remove = full[..2] });
        await PostAsync(key, $"/api/bulk-actions/{Id(bulk)}/retry", null);
        Assert.Equal((4, 3, 0, 1), Figures(await DoneAsync(key, bulk)));
    }

    [Theory, Engines]
    public async Task Deleting_is_for_admins_and_cannot_be_taken_back(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var oper = await hub.SignInAsync(Role.Operator);
        await ReportAsync(key, 60, i => i < 50 ? "failed" : "completed");
        var request = new { action = new { kind = "delete" }, filter = "status=failed" };
        await RefusedAsync(oper, "/api/bulk-actions", request, HttpStatusCode.Forbidden, "admin");
        var bulk = await DoneAsync(key, await PostAsync(key, "/api/bulk-actions", request));
        Assert.Equal((50, 50, 0, 0), Figures(bulk));
        Assert.Equal(10, await CountAsync(key, ""));
        await RefusedAsync(key, $"/api/bulk-actions/{Id(bulk)}/undo", null, HttpStatusCode.Conflict, "cannot be taken back");
        Assert.Equal("run0", (await key.GetFromJsonAsync<JsonElement>($"/api/bulk-actions/{Id(bulk)}/items")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("run_id").GetString()).Order(StringComparer.Ordinal).First());
    }

    [Theory, Engines]
    public async Task It_survives_a_restart_and_stops_when_its_author_may_no_longer_do_it(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        string id;
        await using (var hub = await TestHub.StartAsync(engine, database: database))
        {
            using var key = await hub.KeyAsync();
            using var person = await hub.SignInAsync(Role.Operator);
            await ReportAsync(key, 300, _ => "failed");
            id = Id(await PostAsync(person, "/api/bulk-actions", new { action = new { kind = "assign", owner = "ana" }, filter = "", rate = 20 }));
            await UntilAsync(key, id, b => b.GetProperty("done").GetInt64() > 0);
        }

        await using (var hub = await TestHub.StartAsync(engine, database: database))
        {
            using var key = await hub.KeyAsync();
            var before = (await key.GetFromJsonAsync<JsonElement>($"/api/bulk-actions/{id}")).GetProperty("done").GetInt64();
            Assert.InRange(before, 1, 299);
            await UntilAsync(key, id, b => b.GetProperty("done").GetInt64() > before);
            var member = (await key.GetFromJsonAsync<JsonElement>("/api/admin/users")).GetProperty("users").EnumerateArray().Single().GetProperty("email").GetString();
            using var removed = await key.DeleteAsync($"/api/admin/users/{member}");
            Assert.True(removed.IsSuccessStatusCode, await removed.Content.ReadAsStringAsync());
            var paused = await UntilAsync(key, id, b => b.GetProperty("state").GetString() == "paused");
            Assert.Contains("may no longer", paused.GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.InRange(paused.GetProperty("done").GetInt64(), 2, 299);
        }
    }

    [Theory, Engines]
    public async Task Another_tenant_neither_sees_nor_touches_it(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        await ReportAsync(key, 3, _ => "failed");
        var id = Id(await DoneAsync(key, await PostAsync(key, "/api/bulk-actions", new { action = new { kind = "reopen" }, filter = "" })));
        await RefusedAsync(other, $"/api/bulk-actions/{id}/retry", null, HttpStatusCode.NotFound, id);
        Assert.Equal(0, (await other.GetFromJsonAsync<JsonElement>("/api/bulk-actions")).GetProperty("bulk_actions").GetArrayLength());
        var theirs = await DoneAsync(other, await PostAsync(other, "/api/bulk-actions", new { action = new { kind = "tag", add = new[] { "x" } }, run_ids = new[] { "run0" } }));
        Assert.Equal((1, 0, 0, 1), Figures(theirs));
        Assert.Equal(0, await CountAsync(key, "tag=x"));
    }

    [Theory]
    [InlineData("""{"action":{"kind":"explode"},"filter":""}""", "$.action.kind")]
    [InlineData("""{"action":{"kind":"undo"},"run_ids":["a"]}""", "$.action.kind")]
    [InlineData("""{"action":{"kind":"tag","tags":["x"]},"filter":""}""", "$.action")]
    [InlineData("""{"action":{"kind":"tag","add":["\u0000"]},"filter":""}""", "$.tags[0]")]
    [InlineData("""{"action":{"kind":"resolve"},"filter":""}""", "$.reason")]
    [InlineData("""{"action":{"kind":"tag","add":["x"]}}""", "$.filter")]
    [InlineData("""{"action":{"kind":"tag","add":["x"]},"filter":"status=broken"}""", "query.status")]
    [InlineData("""{"action":{"kind":"tag","add":["x"]},"filter":"tenant=other"}""", "query.tenant")]
    [InlineData("""{"action":{"kind":"tag","add":["x"]},"filter":"","rate":0}""", "$.rate")]
    [InlineData("""{"action":{"kind":"tag","add":["x"]},"run_ids":[]}""", "$.run_ids")]
    [InlineData("""{"action":{},"filter":""}""", "$.action.kind")]
    [InlineData("""[]""", "$")]
    public async Task A_request_that_is_not_right_says_where(string body, string where)
    {
        await using var hub = await TestHub.StartAsync();
        using var key = await hub.KeyAsync();
        using var answer = await key.PostAsync("/api/bulk-actions", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Contains(where, text, StringComparison.Ordinal);
        Assert.Equal(0, (await key.GetFromJsonAsync<JsonElement>("/api/bulk-actions")).GetProperty("bulk_actions").GetArrayLength());
    }

    static async Task ReportAsync(HttpClient client, int count, Func<int, string> status, Func<int, string[]>? tags = null, string prefix = "run")
    {
        foreach (var piece in Enumerable.Range(0, count).Chunk(200))
            await PostAsync(client, "/api/runs", piece.Select(i => new { id = prefix + i, workflow_name = "invoice", status = status(i), tags = tags?.Invoke(i) ?? [] }));
    }

    static string Id(JsonElement bulk) => bulk.GetProperty("id").GetString()!;

    static (long Total, long Done, long Unchanged, long Failed) Figures(JsonElement bulk) =>
        (bulk.GetProperty("total").GetInt64(), bulk.GetProperty("done").GetInt64(), bulk.GetProperty("unchanged").GetInt64(), bulk.GetProperty("failed").GetInt64());

    static Task<JsonElement> DoneAsync(HttpClient client, JsonElement bulk) => UntilAsync(client, bulk, "completed");

    static Task<JsonElement> UntilAsync(HttpClient client, JsonElement bulk, string state) => UntilAsync(client, Id(bulk), b => b.GetProperty("state").GetString() == state);

    static async Task<JsonElement> UntilAsync(HttpClient client, string id, Func<JsonElement, bool> isSo)
    {
        JsonElement bulk = default;
        await Eventually.TrueAsync(async () => isSo(bulk = await client.GetFromJsonAsync<JsonElement>("/api/bulk-actions/" + id)));
        return bulk;
    }

    static async Task<int> CountAsync(HttpClient client, string filter)
    {
        var count = 0;
        for (var token = ""; token is not null;)
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/api/runs?limit=200&{filter}{(token.Length > 0 ? "&next_token=" + Uri.EscapeDataString(token) : "")}");
            count += page.GetProperty("runs").GetArrayLength();
            token = page.GetProperty("next_token").GetString();
        }

        return count;
    }
}
