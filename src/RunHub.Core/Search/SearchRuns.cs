using System.Diagnostics;
using Microsoft.Data.Sqlite;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Search;

/// <summary>A run that matches.</summary>
/// <param name="Run">Its row.</param>
/// <param name="Score">How well; only to compare with others of the same answer. A run found by an id it carries has 100.</param>
/// <param name="Snippets">Where the words are, the best place first; empty for a run found by an id.</param>
public sealed record FoundRun(RunRow Run, double Score, IReadOnlyList<SearchSnippet> Snippets);

/// <summary>What a search found.</summary>
/// <param name="Runs">The best, best first; the newer first where they are equal.</param>
/// <param name="Looked">How many matching runs were weighed.</param>
/// <param name="IsComplete">False: there are more matching runs than were weighed; those are the newest ones.</param>
public sealed record SearchAnswer(IReadOnlyList<FoundRun> Runs, int Looked, bool IsComplete);

/// <summary>How far the index is behind.</summary>
/// <param name="Lag">Age of the oldest event it has not taken in; zero: none.</param>
/// <param name="IsFilling">True: it is new, and not all older runs are in it yet.</param>
public sealed record SearchLag(TimeSpan Lag, bool IsFilling);

/// <summary>Searches the texts of runs: the best first, and pieces of text for lists.</summary>
public sealed class SearchRuns
{
    /// <summary>Matching runs that are weighed; of more the newest.</summary>
    public const int MaxWeighed = 1000;

    /// <summary>Most runs of an answer.</summary>
    public const int MaxLimit = 100;

    static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(450);
    readonly Database database;
    readonly SearchStore store;
    readonly TimeProvider time;

    internal SearchRuns(Database database, SearchStore store, TimeProvider time) => (this.database, this.store, this.time) = (database, store, time);

    /// <summary>
    /// The best matches of a question among the runs a filter lets through. Of more than <see cref="MaxWeighed"/> matching runs the newest are
    /// weighed; after 450 ms what has been weighed by then is the answer.
    /// </summary>
    /// <param name="tenantNo">Whose runs.</param>
    /// <param name="filter">With a text (<c>q</c>); its order is not asked for.</param>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    /// <param name="snippets">Pieces of text for each run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<SearchAnswer> HandleAsync(long tenantNo, RunFilter filter, int limit, int snippets, CancellationToken cancellationToken)
    {
        var search = filter.Of<SearchField.Condition>() ?? throw new ArgumentException("The filter asks for no text.", nameof(filter));
        await using var sql = await database.ReadAsync(cancellationToken);
        var candidates = await SearchHits.FindAsync(sql, store, tenantNo, search, MaxWeighed, look: true, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        var matcher = new SearchMatcher(search.Words);
        var found = new List<FoundRun>();
        var (looked, late) = (0, false);
        var ids = candidates.Ids.Select(h => h.RunNo).ToHashSet();
        foreach (var piece in candidates.Ids.Concat(candidates.Texts).Chunk(50))
        {
            if (Stopwatch.GetElapsedTime(start) > MaxTime)
            {
                late = true;
                break;
            }

            looked += piece.Length;
            var rows = await RowsAsync(sql, tenantNo, [.. piece.Select(h => h.RunNo)], cancellationToken);
            rows.RemoveAll(row => !filter.MatchesBesideText(RunSummary.From(row)));
            var texts = await store.DocumentsAsync(sql, [.. rows.Select(r => r.RunNo)], cancellationToken);
            foreach (var row in rows)
            {
                if (texts.GetValueOrDefault(row.RunNo) is { } text && matcher.Has(text))
                    found.Add(new FoundRun(row, ids.Contains(row.RunNo) ? 100 + matcher.Score(text) : matcher.Score(text), matcher.Snippets(text, snippets)));
                else if (ids.Contains(row.RunNo))
                    found.Add(new FoundRun(row, 100, []));
            }
        }

        var best = found.OrderByDescending(f => Math.Round(f.Score, 3)).ThenByDescending(f => f.Run.SortAt).ThenByDescending(f => f.Run.RunNo).Take(limit).ToList();
        return new SearchAnswer(best, looked, candidates.AreAll && !late);
    }

    /// <summary>
    /// The best piece of text for each of some runs that were found by a question, for lists, which show the workflow's name anyway;
    /// runs found by that or by an id alone have none.
    /// </summary>
    public async Task<IReadOnlyDictionary<long, SearchSnippet>> SnippetsAsync(SearchText text, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        if (!text.HasWords || runNos.Count == 0) return new Dictionary<long, SearchSnippet>();
        await using var sql = await database.ReadAsync(cancellationToken);
        var matcher = new SearchMatcher(text);
        return (await store.DocumentsAsync(sql, runNos, cancellationToken)).Where(d => matcher.Has(d.Value))
            .Select(d => (d.Key, Snippet: matcher.Snippets(d.Value, 2).FirstOrDefault(s => s.Kind != SearchKind.Name || s.Text.Contains(SearchDocumentBuilder.Between, StringComparison.Ordinal)))).Where(s => s.Snippet is not null).ToDictionary(s => s.Key, s => s.Snippet!);
    }

    /// <summary>How far the index is behind, on whichever node it is filled.</summary>
    public async Task<SearchLag> LagAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await LagAsync(sql, cancellationToken);
    }

    internal async Task<SearchLag> LagAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        if (await store.StateAsync(sql, cancellationToken) is not { } state) return new SearchLag(TimeSpan.Zero, IsFilling: true);
        var oldest = await sql.Prepare("SELECT at FROM events WHERE seq > @seq ORDER BY seq LIMIT 1").With(state.Seq).ScalarAsync<long?>(cancellationToken);
        var lag = oldest is { } at ? TimeSpan.FromMicroseconds(Math.Max(0, time.GetUtcNow().ToMicros() - at)) : TimeSpan.Zero;
        return new SearchLag(lag, state.WalkAt is not null);
    }

    static Task<List<RunRow>> RowsAsync(SqlSession sql, long tenantNo, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        var statement = new SqlText(sql.IsSqlite);
        statement.Add($"SELECT {RunQuery.SummaryColumns.Sql} FROM runs WHERE ");
        statement.In("run_no", runNos);
        // The plus keeps SQLite from walking an index of the tenant.
        statement.Add(" AND +tenant_no = ");
        statement.Value(tenantNo);
        return statement.On(sql).ListAsync(r => RunQuery.SummaryColumns.Read(r), cancellationToken);
    }
}

/// <summary>The runs a text can mean: those that carry it (or begin with it) as an id, and those whose text matches.</summary>
/// <param name="Ids">By id, at most <see cref="MaxIds"/>.</param>
/// <param name="Texts">By text, without those in <paramref name="Ids"/>, newest numbers first.</param>
/// <param name="AreAll">False: there are more.</param>
/// <param name="HasFewIds">The ids are all there are.</param>
sealed record SearchHits(IReadOnlyList<SearchHit> Ids, IReadOnlyList<SearchHit> Texts, bool AreAll, bool HasFewIds)
{
    /// <summary>Most runs found by an id that are listed first.</summary>
    public const int MaxIds = 2_000;

    static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(400);
    static readonly TimeSpan MaxLook = TimeSpan.FromMilliseconds(250);
    const int Interrupted = 9; // SQLITE_INTERRUPT

    /// <summary>Finds them.</summary>
    /// <param name="sql">Outside a transaction.</param>
    /// <param name="store">The index.</param>
    /// <param name="tenantNo">Whose runs.</param>
    /// <param name="search">The text.</param>
    /// <param name="limit">Most runs by text.</param>
    /// <param name="look">Where the index cannot say in time, look at the newest texts one by one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<SearchHits> FindAsync(SqlSession sql, SearchStore store, long tenantNo, SearchField.Condition search, int limit, bool look, CancellationToken cancellationToken)
    {
        var ids = await IdsAsync(sql, tenantNo, search, cancellationToken);
        var few = ids.Count <= MaxIds;
        if (!few) ids.RemoveRange(MaxIds, ids.Count - MaxIds);
        var texts = await TextsAsync(sql, store, tenantNo, search.Words, limit + 1, cancellationToken);
        var all = few && texts is not null && texts.Count <= limit;
        if (texts is null && look)
        {
            // Whole words at least, however old.
            texts = await TextsAsync(sql, store, tenantNo, search.Words.Whole(), limit + 1, cancellationToken) ?? [];
            texts = [.. texts.Union(await LookAsync(sql, store, tenantNo, search.Words, cancellationToken)).OrderByDescending(h => h.RunNo)];
        }

        texts ??= [];
        if (texts.Count > limit) texts.RemoveRange(limit, texts.Count - limit);
        var known = ids.Select(h => h.RunNo).ToHashSet();
        return new SearchHits(ids, texts.Where(h => !known.Contains(h.RunNo)).ToList(), all, few);
    }

    /// <summary>Where the index cannot say, because very many words begin so: the newest runs, one after the other.</summary>
    static async Task<List<SearchHit>> LookAsync(SqlSession sql, SearchStore store, long tenantNo, SearchText text, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var matcher = new SearchMatcher(text);
        var found = new List<SearchHit>();
        foreach (var piece in (await store.NewestAsync(sql, tenantNo, SearchRuns.MaxWeighed, cancellationToken)).Chunk(100))
        {
            if (Stopwatch.GetElapsedTime(start) > MaxLook) break;
            var documents = await store.DocumentsAsync(sql, [.. piece.Select(h => h.RunNo)], cancellationToken);
            found.AddRange(piece.Where(h => documents.GetValueOrDefault(h.RunNo) is { } document && matcher.Has(document)));
        }

        return found;
    }

    static async Task<List<SearchHit>?> TextsAsync(SqlSession sql, SearchStore store, long tenantNo, SearchText text, int limit, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(MaxTime);
        await using var interrupt = sql.InterruptOn(time.Token);
        try
        {
            return await store.HitsAsync(sql, tenantNo, text, limit, cancellationToken);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Interrupted && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>One walk of each index of ids; a run that carries the text twice is there once.</summary>
    static async Task<List<SearchHit>> IdsAsync(SqlSession sql, long tenantNo, SearchField.Condition search, CancellationToken cancellationToken)
    {
        var found = new HashSet<SearchHit>();
        foreach (var prefix in search.RunId.Prefixes) await FindAsync(text => text.BeginsWith("id", prefix));
        if (search.RunId.Endings.Count > 0) await FindAsync(text => search.RunId.FindEnding(text, tenantNo));
        foreach (var column in SearchField.OtherIdColumns) await FindAsync(text => text.BeginsWith(column, search.Prefix));
        return [.. found.OrderByDescending(h => h.SortAt).ThenByDescending(h => h.RunNo)];

        async Task FindAsync(Action<SqlText> condition)
        {
            var statement = new SqlText(sql.IsSqlite);
            statement.Add("SELECT sort_at, run_no FROM runs WHERE tenant_no = ");
            statement.Value(tenantNo);
            condition(statement.Add(" AND "));
            statement.Add(" LIMIT ").Add(MaxIds + 1);
            foreach (var hit in await statement.On(sql).ListAsync(r => new SearchHit(r.GetInt64(0), r.GetInt64(1)), cancellationToken)) found.Add(hit);
        }
    }
}
