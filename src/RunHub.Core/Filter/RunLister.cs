using System.Data.Common;
using Microsoft.Data.Sqlite;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;

namespace RunHub.Filter;

/// <summary>Makes one page: segment after segment until it is full, or has looked at enough.</summary>
sealed class RunLister(SqlSession sql, SearchStore search, long tenantNo, RunFilter filter, RowProjection<RunRow> columns, int limit, CancellationToken cancellationToken)
{
    // What an index that may not be the best is given before the others are measured.
    const int FirstLooks = 1_000;
    const int Interrupted = 9; // SQLITE_INTERRUPT

    // Asking the text of a run costs fifty times what asking its row does.
    const int TextLooks = 500;
    static readonly TimeSpan TextTime = TimeSpan.FromMilliseconds(450);
    readonly long began = System.Diagnostics.Stopwatch.GetTimestamp();
    SearchHits? hits;
    readonly List<RunRow> runs = [];
    readonly List<(long SortAt, long RunNo, long Duration, int Segment)> keys = [];
    int looksLeft = RunQuery.MaxLooks;

    // One more than the page holds tells whether another follows.
    int Missing => limit + 1 - runs.Count;

    public async Task<RunPage> PageAsync(PageToken? token)
    {
        var values = await DistinctValues.FindAsync(sql, tenantNo, filter, cancellationToken);
        if (values.AreNone) return new RunPage([], null, null);
        var text = new RunListSql(tenantNo, filter, values, sql.IsSqlite);
        if (filter.Of<SearchField.Condition>() is { } asked)
        {
            await search.PrepareAsync(sql, cancellationToken);
            hits = await SearchHits.FindAsync(sql, search, tenantNo, asked, search.MaxHits, look: filter.Sort.By != RunSortBy.StartedAt, cancellationToken);
        }

        // A text that very many ids begin with names none of them.
        var idsFirst = token?.IdsFirst ?? (hits is { HasFewIds: true } && filter.Sort.By != RunSortBy.Duration);
        var segments = RunSegment.Of(filter, idsFirst);
        var single = segments.Count == 1 && !text.HasRest(RunIndex.For(filter, segments[0], values)[0], segments[0]);
        if (single) return await RunAsync(text, segments, values, token, idsFirst);

        // Several statements must see the same runs, or what they tell of how far they looked would not fit together.
        await BeginAsync(sql, cancellationToken);
        try
        {
            return await RunAsync(text, segments, values, token, idsFirst);
        }
        finally
        {
            await EndAsync(sql);
        }
    }

    /// <summary>
    /// Begins a reading transaction. PostgreSQL plans for all rows that a walk may give; a list wants few, in the order of the
    /// index, and at once.
    /// </summary>
    public static Task BeginAsync(SqlSession sql, CancellationToken cancellationToken) => sql.Prepare(sql.IsSqlite
        ? "BEGIN"
        : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
        .ExecuteAsync(cancellationToken);

    /// <summary>
    /// Ends it. An interrupt that comes late may hit this statement instead of the read; it comes once, and a session must not
    /// go back to its pool with a transaction open.
    /// </summary>
    public static async Task EndAsync(SqlSession sql)
    {
        try
        {
            await sql.Prepare("ROLLBACK").ExecuteAsync(CancellationToken.None);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Interrupted)
        {
            await sql.Prepare("ROLLBACK").ExecuteAsync(CancellationToken.None);
        }
    }

    async Task<RunPage> RunAsync(RunListSql text, List<RunSegment> segments, DistinctValues values, PageToken? token, bool idsFirst)
    {
        var byDuration = filter.Sort.By == RunSortBy.Duration;
        // All that the search found are at hand; in another order than by time those found are what is ordered.
        var fromHits = hits is { AreAll: true } || hits is not null && filter.Sort.By != RunSortBy.StartedAt;
        var since = fromHits ? hits is { AreAll: false, Texts: [.., var last] } ? last.SortAt : byDuration ? long.MinValue : null
            : byDuration ? token is { } t ? t.Since : await WindowAsync(text, RunIndex.For(filter, segments[0], values)[0]) : (long?)null;
        for (var i = token?.Segment ?? 0; i < segments.Count; i++)
        {
            var here = token?.Segment == i ? token : null;
            if (fromHits || segments[i].Search == SearchPart.Ids)
            {
                await HitsAsync(text, segments[i], i, here, byDuration && i == 0);
            }
            else if (byDuration && i == 0)
            {
                await SortAsync(text, segments[0], values, here, since);
            }
            else
            {
                var after = here is { } at ? text.Later(text.Start, (at.SortAt, at.RunNo)) : text.Start;
                if (await WalkAsync(text, segments[i], i, RunIndex.For(filter, segments[i], values), after, since) is { } stopped)
                    return Page(Token(i, stopped.SortAt, stopped.RunNo, 0), stopped.SortAt);
            }

            if (Missing > 0) continue;
            var end = keys[limit - 1];
            return Page(Token(end.Segment, end.SortAt, end.RunNo, end.Duration), searchedBackTo: null);
        }

        return Page(next: null, searchedBackTo: null);

        string Token(int segment, long sortAt, long runNo, long duration) =>
            new PageToken(segment, idsFirst, sortAt, runNo, duration, since ?? 0).Write(tenantNo, filter);

        RunPage Page(string? next, long? searchedBackTo)
        {
            if (runs.Count > limit) runs.RemoveRange(limit, runs.Count - limit);
            return new RunPage(runs, next, searchedBackTo ?? (since is > long.MinValue ? since : null));
        }
    }

    /// <summary>Walks a segment; answers where it stopped when it had looked at enough, null when it is full or at the end.</summary>
    async Task<(long SortAt, long RunNo)?> WalkAsync(RunListSql text, RunSegment segment, int number, List<RunIndex> indexes, (long SortAt, long RunNo) after, long? since)
    {
        var index = indexes[0];
        for (var chunk = 0; ; chunk++)
        {
            var hasRest = text.HasRest(index, segment);
            var looks = !hasRest ? RunListSql.Round(Missing) : chunk == 0 && indexes.Count > 1 ? Math.Min(FirstLooks, looksLeft) : looksLeft;
            if (hits is not null) looks = Math.Min(looks, TextLooks);
            await ReadAsync(text.Page(index, segment, columns, after, since, looks, Missing), number, withDuration: false);
            if (Missing <= 0 || !hasRest) return null;
            if (await text.Frontier(index, after, since, looks).On(sql).FirstAsync(Key, cancellationToken) is not { } frontier) return null;
            looksLeft -= looks;
            if (looksLeft < RunQuery.MaxLooks / 10 || hits is not null && System.Diagnostics.Stopwatch.GetElapsedTime(began) > TextTime) return frontier;
            after = frontier;
            if (indexes.Count > 1 && (hits is null || chunk == 0)) index = await ShortestAsync(text, indexes, after);
        }
    }

    /// <summary>The index with the fewest entries from here on; among long ones the first.</summary>
    async Task<RunIndex> ShortestAsync(RunListSql text, List<RunIndex> indexes, (long SortAt, long RunNo) after)
    {
        var (best, fewest) = (indexes[0], (long)RunQuery.MaxLooks);
        foreach (var index in indexes)
        {
            var count = await text.Count(index, after, (int)Math.Max(1, fewest)).On(sql).ScalarAsync<long>(cancellationToken);
            if (count < fewest) (best, fewest) = (index, count);
        }

        return best;
    }

    async Task SortAsync(RunListSql text, RunSegment segment, DistinctValues values, PageToken? after, long? since)
    {
        // Later pages allow for runs that arrived meanwhile, so that the window's old end does not move.
        var looks = after is null ? RunQuery.DurationWindow : 2 * RunQuery.DurationWindow;
        await ReadAsync(text.PageByDuration(RunIndex.For(filter, segment, values)[0], segment, columns, after, since, looks, Missing), segment: 0, withDuration: true);
    }

    /// <summary>The oldest time that sorting by duration looks at; the smallest number: all.</summary>
    async Task<long> WindowAsync(RunListSql text, RunIndex index) =>
        await text.Frontier(index, text.Start, since: null, RunQuery.DurationWindow).On(sql).FirstAsync(Key, cancellationToken) is { } oldest ? oldest.SortAt : long.MinValue;

    /// <summary>
    /// What of the search's hits passes the rest of the filter, a piece at a time in the order of the list; by duration all of them
    /// are read and ordered.
    /// </summary>
    async Task HitsAsync(RunListSql text, RunSegment segment, int number, PageToken? after, bool byDuration)
    {
        const int Piece = 100;
        var (from, to) = text.Times;
        var place = after is { } at && !byDuration ? text.Later(text.Start, (at.SortAt, at.RunNo)) : text.Start;
        IEnumerable<SearchHit> all = segment.Search switch { SearchPart.Ids => hits!.Ids, SearchPart.Texts => hits!.Texts, _ => hits!.Ids.Concat(hits.Texts) };
        all = all.Where(h => h.SortAt >= from && h.SortAt < to && (text.IsDescending ? (h.SortAt, h.RunNo).CompareTo(place) < 0 : (h.SortAt, h.RunNo).CompareTo(place) > 0));
        all = text.IsDescending ? all.OrderByDescending(h => h.SortAt).ThenByDescending(h => h.RunNo) : all.OrderBy(h => h.SortAt).ThenBy(h => h.RunNo);
        var read = new List<(long SortAt, long RunNo, long Duration, RunRow Run)>();
        foreach (var piece in all.Chunk(Piece))
        {
            var rows = await text.Hits(segment, columns, [.. piece.Select(h => h.RunNo)]).On(sql)
                .ListAsync(r => (SortAt: r.GetInt64(0), RunNo: r.GetInt64(1), Duration: r.Long(2 + columns.Count) ?? 0, Run: columns.Read(r, 2)), cancellationToken);
            rows.Sort((a, b) => text.IsDescending ? (b.SortAt, b.RunNo).CompareTo((a.SortAt, a.RunNo)) : (a.SortAt, a.RunNo).CompareTo((b.SortAt, b.RunNo)));
            read.AddRange(rows);
            if (!byDuration && read.Count >= Missing) break;
        }

        if (byDuration)
        {
            var largest = filter.Sort.Descending;
            (long, long, long) Rank(long duration, long sortAt, long runNo) => (largest ? -duration : duration, -sortAt, -runNo);
            read.Sort((a, b) => Rank(a.Duration, a.SortAt, a.RunNo).CompareTo(Rank(b.Duration, b.SortAt, b.RunNo)));
            if (after is { } t) read.RemoveAll(r => Rank(r.Duration, r.SortAt, r.RunNo).CompareTo(Rank(t.Duration, t.SortAt, t.RunNo)) <= 0);
        }

        foreach (var (sortAt, runNo, duration, run) in read.Take(Missing).ToList())
        {
            keys.Add((sortAt, runNo, byDuration ? duration : 0, number));
            runs.Add(run);
        }
    }

    async Task ReadAsync(SqlText page, int segment, bool withDuration)
    {
        await using var reader = await page.On(sql).ReadAsync(cancellationToken);
        while (Missing > 0 && await reader.ReadAsync(cancellationToken))
        {
            keys.Add((reader.GetInt64(0), reader.GetInt64(1), withDuration ? reader.GetInt64(2 + columns.Count) : 0, segment));
            runs.Add(columns.Read(reader, 2));
        }
    }

    static (long SortAt, long RunNo)? Key(DbDataReader reader) => (reader.GetInt64(0), reader.GetInt64(1));
}
