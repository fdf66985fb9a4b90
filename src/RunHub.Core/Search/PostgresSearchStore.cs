using System.Text;
using Npgsql;
using RunHub.Store;

namespace RunHub.Search;

/// <summary>
/// A <c>tsvector</c> with a GIN index in the hub's own database. The words come cut and folded (no dictionary of the server
/// has a say), and each vector carries its tenant as a word of its own, so that one index serves them all.
/// </summary>
sealed class PostgresSearchStore(WriteLane lane) : SearchStore
{
    static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(400);

    // Every vector that is looked at is unpacked: more costs more than walking the list.
    public override int MaxHits => 5_000;

    // A lane is held meanwhile.
    public override int MaxBatch => 100;

    public override async Task<SearchState?> OpenAsync(CancellationToken cancellationToken) => await lane.Run<SearchState?>(async (scope, ct) =>
    {
        var version = await scope.Sql.Prepare("SELECT value FROM search_state WHERE key = 'version'").ScalarAsync<long?>(ct);
        if (version == SearchWords.Version) return await ReadStateAsync(scope.Sql, ct);
        await scope.Sql.Prepare("DELETE FROM search").ExecuteAsync(ct);
        await scope.Sql.Prepare("DELETE FROM search_state").ExecuteAsync(ct);
        return null;
    }, cancellationToken);

    public override Task<SearchState?> StateAsync(SqlSession sql, CancellationToken cancellationToken) => ReadStateAsync(sql, cancellationToken);

    public override async Task WriteAsync(IReadOnlyList<SearchEntry> entries, IReadOnlyList<long> gone, SearchState before, SearchState after, SearchPace? pace, CancellationToken cancellationToken)
    {
        // Packed before the lane is entered.
        var rows = new List<(long RunNo, long TenantNo, long SortAt, byte[] Data, string Words)>(entries.Count);
        foreach (var e in entries)
        {
            rows.Add((e.RunNo, e.TenantNo, e.SortAt, e.Document.ToBytes(), $"'#{e.TenantNo}' {e.Document.ToVector()}"));
            if (pace is not null) await pace.BreatheAsync(cancellationToken);
        }

        await lane.Run(async (scope, ct) =>
        {
            // Another node that believes it is the one: its place is not ours any more.
            var seq = await scope.Sql.Prepare("SELECT value FROM search_state WHERE key = 'seq' FOR UPDATE").ScalarAsync<long?>(ct);
            if (seq is { } now && now != before.Seq) throw new InvalidOperationException("Another node fills the search index.");
            foreach (var runNo in gone) await scope.Sql.Prepare("DELETE FROM search WHERE run_no = @run_no").With(runNo).ExecuteAsync(ct);
            foreach (var (runNo, tenantNo, sortAt, data, words) in rows)
            {
                await scope.Sql.Prepare("""
                    INSERT INTO search (run_no, tenant_no, sort_at, data, words) VALUES (@run_no, @tenant_no, @sort_at, @data, CAST(@words AS tsvector))
                    ON CONFLICT (run_no) DO UPDATE SET sort_at = EXCLUDED.sort_at, data = EXCLUDED.data, words = EXCLUDED.words WHERE search.data <> EXCLUDED.data
                    """).With(runNo, tenantNo, sortAt, data, words).ExecuteAsync(ct);
            }

            await StoreStateAsync(scope.Sql, after, ct);
        }, cancellationToken);
    }

    public override async Task AskAnewAsync(WriteScope scope, CancellationToken cancellationToken) =>
        await scope.Sql.Prepare("INSERT INTO search_state (key, value) VALUES ('anew', @at) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value").With(scope.Now).ExecuteAsync(cancellationToken);

    public override async Task<bool> IsAskedAnewAsync(SqlSession sql, CancellationToken cancellationToken) =>
        await sql.Prepare("SELECT count(*) FROM search_state WHERE key = 'anew'").ScalarAsync<long>(cancellationToken) > 0;

    public override Task ClearAsync(SearchState state, CancellationToken cancellationToken) => lane.Run(async (scope, ct) =>
    {
        await scope.Sql.Prepare("TRUNCATE search").ExecuteAsync(ct);
        await scope.Sql.Prepare("DELETE FROM search_state WHERE key = 'anew'").ExecuteAsync(ct);
        await StoreStateAsync(scope.Sql, state, ct);
    }, cancellationToken);

    public override async Task<List<SearchHit>?> HitsAsync(SqlSession sql, long tenantNo, SearchText text, int limit, CancellationToken cancellationToken)
    {
        if (!text.HasWords) return [];
        await sql.Prepare($"BEGIN READ ONLY; SET LOCAL jit = off; SET LOCAL statement_timeout = {MaxTime.TotalMilliseconds:0}").ExecuteAsync(cancellationToken);
        try
        {
            // By the index of words where they are rare, along the key from the newest down where they are common: the planner knows.
            return await sql.Prepare("""
                SELECT sort_at, run_no FROM search WHERE words @@ CAST(@query AS tsquery) AND run_no >= @first AND run_no <= @last
                ORDER BY run_no DESC LIMIT @limit
                """).With(Query(text, tenantNo), tenantNo << 40, (tenantNo << 40) | ((1L << 40) - 1), (long)limit)
                .ListAsync(r => new SearchHit(r.GetInt64(0), r.GetInt64(1)), cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            await sql.Prepare("ROLLBACK").ExecuteAsync(CancellationToken.None);
        }
    }

    public override async Task<Dictionary<long, SearchDocument>> DocumentsAsync(SqlSession sql, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        if (runNos.Count == 0) return [];
        var statement = new Filter.SqlText(isSqlite: false);
        statement.Add("SELECT run_no, data FROM search WHERE ");
        statement.In("run_no", runNos);
        var rows = await statement.On(sql).ListAsync(r => (r.GetInt64(0), (byte[])r.GetValue(1)), cancellationToken);
        return rows.ToDictionary(r => r.Item1, r => SearchDocument.Read(r.Item2));
    }

    public override Task<List<SearchHit>> NewestAsync(SqlSession sql, long tenantNo, int limit, CancellationToken cancellationToken) =>
        sql.Prepare("SELECT sort_at, run_no FROM search WHERE run_no >= @first AND run_no <= @last ORDER BY run_no DESC LIMIT @limit")
            .With(tenantNo << 40, (tenantNo << 40) | ((1L << 40) - 1), (long)limit).ListAsync(r => new SearchHit(r.GetInt64(0), r.GetInt64(1)), cancellationToken);

    // The tenant is a word of its own: one index serves them all.
    static string Query(SearchText text, long tenantNo) => $"'#{tenantNo}' & {text.ToVectorQuery()}";

    static async Task<SearchState?> ReadStateAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        var rows = await sql.Prepare("SELECT key, value FROM search_state").ListAsync(r => (Key: r.GetString(0), Value: r.Long(1)), cancellationToken);
        return rows.Find(r => r.Key == "seq").Value is { } seq ? new SearchState(seq, rows.Find(r => r.Key == "walk_at").Value) : null;
    }

    static async Task StoreStateAsync(SqlSession sql, SearchState state, CancellationToken cancellationToken)
    {
        foreach (var (key, value) in new (string, long?)[] { ("version", SearchWords.Version), ("seq", state.Seq), ("walk_at", state.WalkAt) })
            await sql.Prepare("INSERT INTO search_state (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value").With(key, value).ExecuteAsync(cancellationToken);
    }
}
