using System.Net;
using System.Net.Http.Json;
using RunHub.Search;
using RunHub.Store;

namespace RunHub.IntegrationTests.Search;

/// <summary>How the index keeps up with the runs.</summary>
public sealed class FollowTests
{
    [Theory, Engines]
    public async Task Follows_by_itself_within_seconds(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine, enabled: true);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, new { id = "r1", workflow_name = "w", status = "running", inputs_summary = new { text = "quokka" } });
        await Eventually.TrueAsync(async () => (await SearchHub.ListAsync(client, "quokka")).Count == 1);
        Assert.InRange((await hub.Get<SearchRuns>().LagAsync(default)).Lag, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Theory, Engines]
    public async Task What_changed_is_found_anew_and_what_went_is_not_found(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, new { id = "r1", workflow_name = "w", status = "running", name = "alpha" }, new { id = "r2", workflow_name = "w", status = "running", name = "alpha beta" });
        await hub.IndexAsync();
        Assert.Equal(2, (await SearchHub.ListAsync(client, "alpha")).Count);
        using (await client.PatchAsJsonAsync("/api/runs/r1", new { name = "gamma", annotations = new[] { new { note = "omega" } } })) { }
        await SearchHub.ReportAsync(client, new { id = "r2", status = "completed", steps = new[] { new { id = "s", name = "late", output = new { text = "delta" } } } });
        await hub.IndexAsync();
        Assert.Equal(["r2"], await SearchHub.ListAsync(client, "alpha"));
        Assert.Equal(["r1"], await SearchHub.ListAsync(client, "gamma omega"));
        Assert.Equal(["r2"], await SearchHub.ListAsync(client, "delta late beta"));
        using var gone = await client.DeleteAsync("/api/runs/r2");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        // Not even before the index has heard of it.
        Assert.Empty(await SearchHub.ListAsync(client, "beta"));
        Assert.Empty(await SearchHub.SearchAsync(client, "beta"));
        await hub.IndexAsync();
        Assert.Empty(await SearchHub.SearchAsync(client, "beta"));
        Assert.Equal(1, await CountAsync(hub));
    }

    [Theory, Engines]
    public async Task Goes_on_where_it_was_after_a_restart_and_fills_itself_when_it_is_new(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using (var hub = await SearchHub.StartAsync(engine, database))
        {
            var client = await hub.KeyAsync();
            await SearchHub.ReportAsync(client, new { id = "r1", workflow_name = "w", status = "completed", name = "alpha" });
            await hub.IndexAsync();
            // Not taken in before the end.
            await SearchHub.ReportAsync(client, new { id = "r2", workflow_name = "w", status = "completed", name = "alpha" });
        }

        await using (var hub = await SearchHub.StartAsync(engine, database))
        {
            var client = await hub.KeyAsync();
            Assert.Equal(["r1"], await SearchHub.ListAsync(client, "alpha"));
            await hub.IndexAsync();
            Assert.Equal(["r2", "r1"], await SearchHub.ListAsync(client, "alpha"));
        }

        if (engine == "Sqlite") foreach (var file in Directory.GetFiles(database.Folder, "search.db*")) File.Delete(file);
        else await ForgetAsync(database);
        await using (var hub = await SearchHub.StartAsync(engine, database))
        {
            var client = await hub.KeyAsync();
            Assert.Empty(await SearchHub.ListAsync(client, "alpha"));
            await hub.IndexAsync();
            Assert.Equal(["r2", "r1"], await SearchHub.ListAsync(client, "alpha"));
            Assert.False((await hub.Get<SearchRuns>().LagAsync(default)).IsFilling);
        }
    }

    [Theory, Engines]
    public async Task An_admin_of_the_installation_has_it_made_anew(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine, enabled: true);
        var admin = await hub.KeyAsync(installationAdmin: true);
        await SearchHub.ReportAsync(admin, new { id = "r1", workflow_name = "w", status = "completed", name = "alpha" });
        await Eventually.TrueAsync(async () => (await SearchHub.ListAsync(admin, "alpha")).Count == 1);
        using (var refused = await (await hub.KeyAsync()).PostAsync("/api/search/rebuild", null)) Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE runs SET name = 'omega'").ExecuteAsync(ct), default);
        using (var accepted = await admin.PostAsync("/api/search/rebuild", null)) Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await Eventually.TrueAsync(async () => (await SearchHub.ListAsync(admin, "omega")).Count == 1);
    }

    [PostgresFact]
    public async Task Of_several_nodes_one_fills_the_index_and_another_takes_over()
    {
        await using var database = await TestDatabase.CreateAsync("PostgreSql");
        var first = await SearchHub.StartAsync("PostgreSql", database, enabled: true);
        var folder = Path.Combine(database.Folder, "second");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(database.Folder, "master.key"), Path.Combine(folder, "master.key"));
        await using var second = await TestHub.StartAsync("PostgreSql", new(StringComparer.Ordinal) { ["Data:Folder"] = folder }, database: database);
        var client = await second.KeyAsync();
        await SearchHub.ReportAsync(await first.KeyAsync(), new { id = "r1", workflow_name = "w", status = "completed", name = "alpha" });
        await SearchHub.ReportAsync(client, new { id = "r2", workflow_name = "w", status = "completed", name = "alpha" });
        await Eventually.TrueAsync(async () => (await SearchHub.ListAsync(client, "alpha")).Count == 2);
        await first.DisposeAsync();
        await SearchHub.ReportAsync(client, new { id = "r3", workflow_name = "w", status = "completed", name = "alpha" });
        await Eventually.TrueAsync(async () => (await SearchHub.ListAsync(client, "alpha")).Count == 3);
        Assert.Equal(3, await CountAsync(second));
    }

    [Theory, Engines]
    public async Task Long_texts_are_cut_and_never_too_much(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var big = string.Join(' ', Enumerable.Range(0, 40_000).Select(n => $"w{n}"));
        await SearchHub.ReportAsync(client, new { id = "r1", workflow_name = "w", status = "completed", inputs_summary = new { text = big, after = "zzz" }, outputs_summary = new { text = "kept" } });
        await hub.IndexAsync();
        Assert.Equal(["r1"], await SearchHub.ListAsync(client, "w100 kept"));
        Assert.Empty(await SearchHub.ListAsync(client, "w39999"));
        Assert.Empty(await SearchHub.ListAsync(client, "zzz"));
    }

    [Theory, Engines]
    public async Task Log_lines_are_found_those_that_came_later_too_and_go_with_their_run(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, new { id = "r1", workflow_name = "w", status = "running", logs = new[] { new { msg = "plain quagga line", level = "info" } } }, new { id = "r2", workflow_name = "w", status = "running" });
        await hub.IndexAsync();
        Assert.Equal(["r1"], await SearchHub.ListAsync(client, "quagga"));
        var found = (await client.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/search?q=quagga")).GetProperty("runs")[0].GetProperty("snippets")[0];
        Assert.Equal(("log", "plain quagga line"), (found.GetProperty("field").GetString(), found.GetProperty("text").GetString()));
        using (var appended = await client.PostAsJsonAsync("/api/runs/r2/logs", new[] { new { msg = "bandicoot after quagga", level = "error" } })) Assert.Equal(HttpStatusCode.OK, appended.StatusCode);
        Assert.Empty(await SearchHub.ListAsync(client, "bandicoot"));
        await hub.IndexAsync();
        Assert.Equal(["r2"], await SearchHub.ListAsync(client, "bandicoot"));
        Assert.Equal(["r2", "r1"], await SearchHub.ListAsync(client, "quagga"));
        using (var gone = await client.DeleteAsync("/api/runs/r2")) Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Equal(["r1"], await SearchHub.SearchAsync(client, "quagga"));
        await hub.IndexAsync();
        Assert.Equal(1, await CountAsync(hub));
    }

    [Theory, Engines]
    public async Task Warnings_come_before_other_lines_and_leave_room_for_inputs(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        static object[] Lines(string level, string word) => [.. Enumerable.Range(0, 500).Select(n => new { msg = $"{word}{n} " + new string('x', 200), level, ts = "2026-11-01T10:00:00Z" })];
        await SearchHub.ReportAsync(client, new { id = "r1", workflow_name = "w", status = "completed", started_at = "2026-11-01T10:00:00Z", inputs_summary = new { text = "kept" }, logs = Lines("debug", "plain").Concat(Lines("warn", "grave")).ToArray() });
        await hub.IndexAsync();
        Assert.Equal(["r1"], await SearchHub.ListAsync(client, "grave0 kept plain0"));
        // Each kind ends somewhere.
        Assert.Empty(await SearchHub.ListAsync(client, "\"grave499\""));
        Assert.Empty(await SearchHub.ListAsync(client, "\"plain499\""));
    }

    [Theory, Engines]
    public async Task A_node_that_may_have_missed_news_does_not_make_the_index_anew(string engine)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(engine);
        long before;
        await using (var hub = await SearchHub.StartAsync(engine, database))
        {
            var client = await hub.KeyAsync();
            await SearchHub.ReportAsync(client, new { id = "r1", workflow_name = "w", name = "alpha" }, new { id = "r2", workflow_name = "w", name = "alpha" });
            await hub.IndexAsync();
            before = await CountAsync(hub);
            // Taken out behind the index's back: it comes back only when all of it is made anew.
            await ForgetAsync(hub, "r1");
        }

        await using (var hub = await SearchHub.StartAsync(engine, database, enabled: true))
        {
            var client = await hub.KeyAsync();
            hub.Get<RunHub.Feed.Signals>().Raise(FillSearchIndex.RebuildSignal);
            await SearchHub.ReportAsync(client, new { id = "r3", workflow_name = "w", name = "alpha" });
            await Eventually.TrueAsync(async () => (await SearchHub.SearchAsync(client, "alpha")).Contains("r3"));
            Assert.DoesNotContain("r1", await SearchHub.SearchAsync(client, "alpha"));
            // Asked for, it is made anew.
            using var admin = await hub.KeyAsync(installationAdmin: true);
            using (var asked = await admin.PostAsync("/api/search/rebuild", null)) Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
            await Eventually.TrueAsync(async () => (await SearchHub.SearchAsync(client, "alpha")).Contains("r1"));
            Assert.Equal(2, before);
        }
    }

    static async Task ForgetAsync(TestHub hub, string id)
    {
        var tenant = await hub.TenantAsync();
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var runNo = (await RunReader.FindAsync(sql, tenant.No, id, default))!.RunNo;
        if (!sql.IsSqlite)
        {
            await sql.Prepare("DELETE FROM search WHERE run_no = @run_no").With(runNo).ExecuteAsync(default);
            return;
        }

        await using var file = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=" + Path.Combine(hub.Database.Folder, "search.db"));
        await file.OpenAsync();
        await using var command = file.CreateCommand();
        command.CommandText = "DELETE FROM docs WHERE run_no = $run_no";
        command.Parameters.AddWithValue("$run_no", runNo);
        await command.ExecuteNonQueryAsync();
    }

    static async Task<long> CountAsync(TestHub hub)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        if (!sql.IsSqlite) return await sql.Prepare("SELECT count(*) FROM search").ScalarAsync<long>(default);
        await sql.Prepare("ATTACH DATABASE @file AS found").With(Path.Combine(hub.Database.Folder, "search.db")).ExecuteAsync(default);
        var count = await sql.Prepare("SELECT (SELECT count(*) FROM found.docs) + (SELECT count(*) FROM found.texts) - (SELECT count(DISTINCT doc) FROM found.vocabulary)").ScalarAsync<long>(default);
        await sql.Prepare("DETACH DATABASE found").ExecuteAsync(default);
        return count;
    }

    static async Task ForgetAsync(TestDatabase database)
    {
        await using var connection = new Npgsql.NpgsqlConnection(database.Settings["Database:ConnectionString"]);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("TRUNCATE search, search_state", connection);
        await command.ExecuteNonQueryAsync();
    }
}
