using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunHub.Store;

namespace RunHub.IntegrationTests.Store;

/// <summary>The server of the database goes away, or what it said is lost on the way.</summary>
public sealed class AwayTests
{
    [PostgresFact]
    public async Task While_the_database_is_away_everybody_is_told_to_try_again_and_nothing_is_written_half()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("PostgreSql");
        await using var wire = Wire.To(database);
        await using var hub = await TestHub.StartAsync("PostgreSql", wire.Settings, database: database);
        using var client = await hub.KeyAsync();
        await PostAsync(client, new { id = "before", workflow_name = "w" }, HttpStatusCode.Created);
        wire.Cut();
        foreach (var attempt in new Func<Task<HttpResponseMessage>>[]
        {
            () => client.PostAsJsonAsync("/api/runs", new { id = "meanwhile", workflow_name = "w" }),
            () => client.GetAsync("/api/runs"),
            () => client.GetAsync("/api/runs/before"),
            () => client.PostAsJsonAsync("/api/runs/before/logs", new { msg = "line" }),
            () => client.PostAsJsonAsync("/api/runs/before/tags", new { add = new[] { "a" } }),
        })
        {
            using var answer = await attempt();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        wire.Cut(false);
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await client.PostAsJsonAsync("/api/runs", new { id = "after", workflow_name = "w" });
            return answer.IsSuccessStatusCode;
        });
        Assert.Equal(["after", "before"], (await IdsAsync(client)).Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task A_commit_whose_answer_is_lost_is_not_done_twice()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("PostgreSql");
        await using var wire = Wire.To(database);
        await using var hub = await TestHub.StartAsync("PostgreSql", wire.Settings, database: database);
        using var client = await hub.KeyAsync();
        for (var i = 0; i < 3; i++)
        {
            wire.LoseAnswers(1);
            var made = await PostAsync(client, new { workflow_name = "w", status = "running", steps = new[] { new { name = "one" } } }, HttpStatusCode.Created);
            Assert.Equal(0, Math.Max(0, wire.ToLose));
            var id = made.GetProperty("id").GetString();
            Assert.Equal(i + 1, (await IdsAsync(client)).Count);
            Assert.Single((await client.GetFromJsonAsync<JsonElement>($"/api/runs/{id}/steps")).GetProperty("steps").EnumerateArray());
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            Assert.Equal(i + 1, await sql.Prepare("SELECT count(*) FROM events WHERE type = 1").ScalarAsync<long>(default));
        }

        wire.LoseAnswers(1);
        using var gone = await client.DeleteAsync($"/api/runs/{(await IdsAsync(client))[0]}");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [PostgresFact]
    public async Task A_commit_nobody_can_ask_about_is_not_done_again_and_whoever_sent_it_makes_sure()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("PostgreSql");
        await using var wire = Wire.To(database);
        await using var hub = await TestHub.StartAsync("PostgreSql", wire.Settings, database: database);
        using var client = await hub.KeyAsync();
        wire.LoseAnswers(1, thenCut: true);
        await PostAsync(client, new { id = "r", workflow_name = "w", status = "running", steps = new[] { new { id = "s", name = "one" } } }, HttpStatusCode.ServiceUnavailable);
        wire.Cut(false);
        await Eventually.TrueAsync(async () =>
        {
            using var again = await client.PostAsJsonAsync("/api/runs", new { id = "r", workflow_name = "w", status = "running", steps = new[] { new { id = "s", name = "one" } } });
            return again.IsSuccessStatusCode;
        });
        Assert.Equal(["r"], await IdsAsync(client));
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(1, await sql.Prepare("SELECT count(*) FROM events").ScalarAsync<long>(default));
    }

    static async Task<JsonElement> PostAsync(HttpClient client, object run, HttpStatusCode expected)
    {
        using var answer = await client.PostAsJsonAsync("/api/runs", run);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    static async Task<List<string>> IdsAsync(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/api/runs")).GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()!)];
}
