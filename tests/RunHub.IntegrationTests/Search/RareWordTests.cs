using RunHub.Store;

namespace RunHub.IntegrationTests.Search;

/// <summary>How one run is found among very many on PostgreSQL. Which way was taken shows in what the server counts of its indexes.</summary>
public sealed class RareWordTests
{
    const int Many = 60_000;

    [Fact]
    public async Task A_rare_word_is_read_from_the_index_of_words_whatever_was_asked_before()
    {
        if (TestDatabase.PostgresServer is null) return;
        await using var database = await TestDatabase.CreateAsync("PostgreSql");
        const int Asks = 12;
        long before;
        await using (var hub = await FilledAsync(database))
        {
            var client = await hub.KeyAsync();
            before = await CountedAsync(hub, "search_pkey", "idx_tup_read");
            // A statement that is asked often is planned once for all words, and common ones make such a plan look cheap.
            for (var i = 0; i < Asks; i++) await SearchHub.ListAsync(client, "common");
            for (var i = 0; i < Asks; i++) Assert.Equal(["r1"], await SearchHub.ListAsync(client, "quokka"));
        }

        // A connection tells what it read when it ends.
        await using var reader = await TestHub.StartAsync("PostgreSql", new(StringComparer.Ordinal) { ["Search:Enabled"] = "false" }, database: database);
        await Eventually.TrueAsync(async () => await CountedAsync(reader, "ix_search_words", "idx_scan") >= Asks);
        var read = await CountedAsync(reader, "search_pkey", "idx_tup_read") - before;
        // Each asks a sample of some hundred runs, a common word reads some thousand more; one that reads the key reads all.
        Assert.InRange(read, 1, Asks * 8_000L);
    }

    [Fact]
    public async Task Beside_rare_words_a_beginning_of_very_many_is_found_and_words_in_a_row_are_in_that_row()
    {
        if (TestDatabase.PostgresServer is null) return;
        await using var database = await TestDatabase.CreateAsync("PostgreSql");
        await using var hub = await FilledAsync(database);
        var client = await hub.KeyAsync();
        foreach (var (q, expected) in new (string, string[])[]
        {
            ("quokka comm", ["r1"]), ("\"quokka 17\" comm", ["r1"]), ("\"17 quokka\" comm", []), ("quokka.17.comm", ["r1"]), ("quokka.comm", []), ("quokka other", []), ("quok", ["r1"]), ("comm", ["r1"]),
        })
        {
            Assert.Equal(expected, await SearchHub.ListAsync(client, q));
        }

        Assert.Equal(["r1"], await SearchHub.SearchAsync(client, "quokka comm"));
        Assert.Empty(await SearchHub.SearchAsync(await hub.KeyAsync(tenant: "other"), "quokka comm"));
    }

    /// <summary>A run, and newer entries of very many others, which stand in the index alone: making them takes a second.</summary>
    static async Task<TestHub> FilledAsync(TestDatabase database)
    {
        var hub = await SearchHub.StartAsync("PostgreSql", database);
        await SearchHub.ReportAsync(await hub.KeyAsync(), new { id = "r1", workflow_name = "w", status = "completed", name = "quokka 17 common" });
        await hub.IndexAsync();
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare($"""
            INSERT INTO search (run_no, tenant_no, sort_at, data, words)
            SELECT run_no + n, tenant_no, sort_at, data, CAST('''#' || tenant_no || ''' ''common'':1 ''w' || n || ''':2' AS tsvector) FROM search, generate_series(1, {Many}) AS n
            """).ExecuteAsync(ct), default);
        await hub.Get<FreshStatistics>().HandleAsync(default);
        return hub;
    }

    static async Task<long> CountedAsync(TestHub hub, string index, string what)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare($"SELECT {what} FROM pg_stat_user_indexes WHERE indexrelname = @index").With(index).ScalarAsync<long>(default);
    }
}
