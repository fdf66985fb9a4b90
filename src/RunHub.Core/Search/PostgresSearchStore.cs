using System.Data.Common;
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

    // What waits to be merged is read by every question from its beginning to its end.
    public override Task RestAsync(CancellationToken cancellationToken) => lane.Run(async (scope, ct) =>
    {
        await scope.Sql.Prepare("SELECT gin_clean_pending_list(oid) FROM pg_class WHERE oid = 'ix_search_words'::regclass AND pg_has_role(relowner, 'USAGE')").ExecuteAsync(ct);
    }, cancellationToken);

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
        var (data, words) = (new byte[entries.Count][], new string[entries.Count]);
        for (var i = 0; i < entries.Count; i++)
        {
            (data[i], words[i]) = (entries[i].Document.ToBytes(), $"'#{entries[i].TenantNo}' {entries[i].Document.ToVector()}");
            if (pace is not null) await pace.BreatheAsync(cancellationToken);
        }

        long[] runNos = [.. entries.Select(e => e.RunNo)], tenantNos = [.. entries.Select(e => e.TenantNo)], sortAts = [.. entries.Select(e => e.SortAt)];
        await lane.Run(async (scope, ct) =>
        {
            // Another node that believes it is the one: its place is not ours any more.
            var seq = await scope.Sql.Prepare("SELECT value FROM search_state WHERE key = 'seq' FOR UPDATE").ScalarAsync<long?>(ct);
            if (seq is { } now && now != before.Seq) throw new InvalidOperationException("Another node fills the search index.");
            // One statement for all: the lane is held for each way to the server and back.
            if (gone.Count > 0) await scope.Sql.Prepare("DELETE FROM search WHERE run_no = ANY(@gone)").With(gone.ToArray()).ExecuteAsync(ct);
            if (runNos.Length > 0)
            {
                await scope.Sql.Prepare("""
                    INSERT INTO search (run_no, tenant_no, sort_at, data, words)
                    SELECT e.run_no, e.tenant_no, e.sort_at, e.data, CAST(e.words AS tsvector) FROM unnest(@run_nos, @tenant_nos, @sort_ats, @data, @words) AS e (run_no, tenant_no, sort_at, data, words)
                    ON CONFLICT (run_no) DO UPDATE SET sort_at = EXCLUDED.sort_at, data = EXCLUDED.data, words = EXCLUDED.words WHERE search.data <> EXCLUDED.data
                    """).With(runNos, tenantNos, sortAts, data, words).ExecuteAsync(ct);
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

    /// <summary>
    /// By the index of words where they are rare, along the key from the newest down where they are common. The planner is not asked which: a
    /// statement that is used often is planned once for all questions, and where it is planned for each, a word that is not among the commonest is taken to
    /// be in one run of some hundred. A sample says it, and each way is the only one its statement leaves open (docs/adr/0018-rare-words-on-postgresql.md).
    /// </summary>
    public override async Task<List<SearchHit>?> HitsAsync(SqlSession sql, long tenantNo, SearchText text, int limit, CancellationToken cancellationToken)
    {
        if (!text.HasWords) return [];
        var (first, last) = (tenantNo << 40, (tenantNo << 40) | ((1L << 40) - 1));
        var query = Query(tenantNo, text.ToVectorQuery());
        await sql.Prepare($"BEGIN READ ONLY; SET LOCAL jit = off; SET LOCAL statement_timeout = {MaxTime.TotalMilliseconds:0}; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off").ExecuteAsync(cancellationToken);
        try
        {
            var whole = Query(tenantNo, text.ToWordsQuery(withPrefix: false));
            var sample = await SampleAsync(sql, first, last, whole, Query(tenantNo, text.ToWordsQuery(withPrefix: true)), cancellationToken);
            if (sample.IsCommon)
            {
                return await sql.Prepare("""
                    SELECT sort_at, run_no FROM search WHERE words @@ (SELECT CAST(@query AS tsquery)) AND run_no >= @first AND run_no <= @last
                    ORDER BY run_no DESC LIMIT @limit
                    """).With(query, first, last, (long)limit).ListAsync(Hit, cancellationToken);
            }

            // Only the index of words is left. No range of run_no here: a plan for all questions would read the tenant's whole key to narrow few hits down.
            await sql.Prepare("SET LOCAL enable_bitmapscan = on; SET LOCAL enable_indexscan = off").ExecuteAsync(cancellationToken);
            return sample.HasRareWords && text.HasPrefix
                // The index gathers every entry of every word that begins so before it gives the first: the few runs with the other words are asked instead.
                ? await sql.Prepare("""
                    SELECT sort_at, run_no FROM search WHERE words @@ (SELECT CAST(@whole AS tsquery)) AND coalesce(words @@ (SELECT CAST(@query AS tsquery)), FALSE) AND tenant_no = @tenant_no
                    ORDER BY run_no DESC LIMIT @limit
                    """).With(whole, query, tenantNo, (long)limit).ListAsync(Hit, cancellationToken)
                : await sql.Prepare("SELECT sort_at, run_no FROM search WHERE words @@ (SELECT CAST(@query AS tsquery)) AND tenant_no = @tenant_no ORDER BY run_no DESC LIMIT @limit")
                    .With(query, tenantNo, (long)limit).ListAsync(Hit, cancellationToken);
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
            .With(tenantNo << 40, (tenantNo << 40) | ((1L << 40) - 1), (long)limit).ListAsync(Hit, cancellationToken);

    /// <summary>
    /// Asks some runs from all of a tenant's time: not the newest, because a word of one bad hour is not a common one. Words in a row count as words
    /// anywhere, which is what the index reads for them.
    /// </summary>
    static async Task<Sample> SampleAsync(SqlSession sql, long first, long last, string whole, string all, CancellationToken cancellationToken)
    {
        // The fence (OFFSET 0) has each text asked once, and a question in brackets is read once and not for each of them.
        var counts = await sql.Prepare($"""
            SELECT count(*), count(*) FILTER (WHERE has > 0), count(*) FILTER (WHERE has = 2), coalesce(max(span), 0) FROM (
              SELECT CASE WHEN s.words @@ (SELECT CAST(@whole AS tsquery)) THEN CASE WHEN s.words @@ (SELECT CAST(@all AS tsquery)) THEN 2 ELSE 1 END ELSE 0 END AS has, b.newest - b.oldest + 1 AS span
              FROM (SELECT (SELECT run_no FROM search WHERE run_no >= @first AND run_no <= @last ORDER BY run_no LIMIT 1) AS oldest,
                           (SELECT run_no FROM search WHERE run_no >= @first AND run_no <= @last ORDER BY run_no DESC LIMIT 1) AS newest) b
              CROSS JOIN generate_series(0, {Sample.Places - 1}) AS place
              CROSS JOIN LATERAL (SELECT words FROM search WHERE run_no >= b.oldest + (b.newest - b.oldest) / {Sample.Places} * place AND run_no <= b.newest ORDER BY run_no LIMIT {Sample.Runs}) s
              OFFSET 0) asked
            """).With(whole, all, first, last).FirstAsync(r => new Sample(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)), cancellationToken);
        return counts ?? new Sample(0, 0, 0, 0);
    }

    static SearchHit Hit(DbDataReader reader) => new(reader.GetInt64(0), reader.GetInt64(1));

    // The tenant is a word of its own: one index serves them all.
    static string Query(long tenantNo, string words) => words.Length == 0 ? $"'#{tenantNo}'" : $"'#{tenantNo}' & {words}";

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

    /// <summary>What some of a tenant's runs say about the words of a question.</summary>
    /// <param name="Asked">How many were asked.</param>
    /// <param name="Whole">How many have its whole words.</param>
    /// <param name="All">How many have the begun one too.</param>
    /// <param name="Span">How many runs the tenant has at most, by their numbers.</param>
    sealed record Sample(long Asked, long Whole, long All, long Span)
    {
        /// <summary>Places between the oldest and the newest run.</summary>
        public const int Places = 32;

        /// <summary>Runs asked at each place.</summary>
        public const int Runs = 16;

        // Reading these from the index takes a fifth of a second; far more than a list takes from it.
        const long MostFromIndex = 20_000;

        // Fewer are chance.
        const long Fewest = 4;

        /// <summary>So many runs match that they are found sooner by walking.</summary>
        public bool IsCommon => All >= Fewest && All * Span > MostFromIndex * Asked;

        /// <summary>The whole words alone leave few runs.</summary>
        public bool HasRareWords => Whole <= 1;
    }
}
