using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunHub.IntegrationTests.Otlp;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.IntegrationTests.Store;

/// <summary>Several writers at once about the same thing: on PostgreSQL they do not see what the others have not committed yet.</summary>
public sealed class TogetherTests
{
    [Theory, Engines]
    public async Task Reports_of_one_business_event_at_the_same_time_are_one_run(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        for (var round = 0; round < 8; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PostAsync(client, new { id = Name($"r{round}_{i}"), workflow_name = "w", business_event_id = Name($"e{round}"), status = "running" })));
            Assert.Single(answers, a => a.Status == HttpStatusCode.Created);
            Assert.Single(answers.Select(a => a.Json.GetProperty("id").GetString()).Distinct(StringComparer.Ordinal));
        }

        var list = await client.GetFromJsonAsync<JsonElement>("/api/runs?limit=200");
        Assert.Equal(8, list.GetProperty("runs").GetArrayLength());
    }

    [Theory, Engines]
    public async Task A_report_and_the_spans_of_its_trace_at_the_same_time_are_one_run(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        for (var round = 0; round < 20; round++)
        {
            var trace = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
            var spans = Enumerable.Range(0, 4).Select(i => client.SendAsync(TraceMaker.Span(trace, i + 1, i == 0 ? 0 : 1, Name($"span {i}"), 0, 100)));
            await Task.WhenAll([PostAsync(client, new { id = Name($"reported{round}"), workflow_name = "w", diagnostics = new { trace_id = trace } }), .. spans]);
            var found = await client.GetFromJsonAsync<JsonElement>("/api/runs?limit=200");
            Assert.True(round + 1 == found.GetProperty("runs").GetArrayLength(), found.GetRawText());
            var steps = await client.GetFromJsonAsync<JsonElement>(Name($"/api/runs/reported{round}/steps"));
            Assert.Equal(4, steps.GetProperty("steps").GetArrayLength());
        }
    }

    [Theory, Engines]
    public async Task What_is_reported_while_its_run_is_deleted_goes_with_it_or_is_refused(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        for (var round = 0; round < 12; round++)
        {
            var id = Name($"r{round}");
            await PostAsync(client, new { id, workflow_name = "w", status = "running" });
            await Task.WhenAll(
                client.PostAsJsonAsync($"/api/runs/{id}/steps", new { name = "late" }),
                client.PostAsJsonAsync($"/api/runs/{id}/logs", new { msg = "late" }),
                client.PostAsJsonAsync($"/api/runs/{id}/annotate", new { note = "late" }),
                client.PutAsJsonAsync($"/api/runs/{id}/checkpoints/c1", new { checkpoint = new { a = 1 } }),
                client.DeleteAsync($"/api/runs/{id}"),
                client.PostAsJsonAsync($"/api/runs/{id}/steps", new { name = "later" }),
                client.PostAsJsonAsync($"/api/runs/{id}/tags", new { add = new[] { "late" } }));
        }

        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var tables = await sql.Prepare(sql.IsSqlite
            ? "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'run_no')"
            : "SELECT DISTINCT c.table_name FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.column_name = 'run_no'").ListAsync(r => r.GetString(0), default);
        Assert.Contains("steps", tables);
        foreach (var table in tables.Except(["runs", "search"], StringComparer.Ordinal))
        {
            // The last word about a deleted run is that it was deleted.
            var but = table == "events" ? $" AND type <> {(int)EventType.RunDeleted}" : "";
            Assert.Equal((table, 0L), (table, await sql.Prepare($"SELECT count(*) FROM {table} WHERE run_no IS NOT NULL{but} AND run_no NOT IN (SELECT run_no FROM runs)").ScalarAsync<long>(default)));
        }
    }

    [Theory, Engines]
    public async Task Tags_that_many_add_at_the_same_time_are_all_there(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await PostAsync(client, new { id = "r", workflow_name = "w" });
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => client.PostAsJsonAsync("/api/runs/r/tags", new { add = new[] { Name($"t{i}") } })));
        var run = await client.GetFromJsonAsync<JsonElement>("/api/runs/r");
        Assert.Equal(12, run.GetProperty("tags").GetArrayLength());
    }

    static string Name(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(HttpClient client, object run)
    {
        using var answer = await client.PostAsJsonAsync("/api/runs", run);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return (answer.StatusCode, JsonDocument.Parse(text).RootElement.Clone());
    }
}
