using System.Diagnostics;
using Microsoft.Data.Sqlite;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;

namespace RunHub.Filter;

/// <summary>How far a scan came.</summary>
/// <param name="IsComplete">It saw every run.</param>
/// <param name="Since">Not complete: it saw those that began later than this, microseconds since 1970; null: none for certain.</param>
readonly record struct ScanEnd(bool IsComplete, long? Since);

/// <summary>
/// Reads what a filter matches, newest first, up to so many index entries and so long: for figures that no rollup has. In the
/// transaction of its session if there is one, but with a text outside any; after one that was interrupted nothing more can be read there.
/// </summary>
sealed class RunScan(SqlSession sql, SearchStore store, long tenantNo, RunFilter filter)
{
    const int CheckEvery = 64;
    readonly RunFilter filter = filter.SortedBy(RunSort.Default);

    /// <summary>Reads.</summary>
    /// <param name="columns">What is read of each run.</param>
    /// <param name="looks">Most index entries; the same number in all calls of a kind, because it is part of the statement.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="window">Only runs from the first, and before the second time; null: all.</param>
    /// <param name="see">Is given each run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Http.ProblemException">400 for a tag pattern that stands for too much.</exception>
    public async Task<ScanEnd> ReadAsync(RowProjection<RunRow> columns, int looks, TimeSpan time, (long From, long To)? window, Action<RunRow> see, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        await using var interrupt = sql.InterruptOn(limit.Token);
        long? seen = null;
        try
        {
            return filter.Of<SearchField.Condition>() is { } search
                ? await HitsAsync(search, columns, looks, time, See, limit.Token)
                : await WalkAsync(columns, looks, time, window, See, limit.Token);
        }
        catch (Exception e) when (limit.IsCancellationRequested && e is SqliteException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new ScanEnd(IsComplete: false, seen);
        }

        void See(RunRow run, long at)
        {
            seen = at;
            see(run);
        }
    }

    async Task<ScanEnd> WalkAsync(RowProjection<RunRow> columns, int looks, TimeSpan time, (long From, long To)? window, Action<RunRow, long> see, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var values = await DistinctValues.FindAsync(sql, tenantNo, filter, cancellationToken);
        if (values.AreNone) return new ScanEnd(IsComplete: true, null);
        var text = new RunListSql(tenantNo, filter, values, sql.IsSqlite);
        var segment = RunSegment.Of(filter, idsFirst: false)[0];
        var after = window is { } w ? text.Later(text.Start, (w.To, long.MinValue)) : text.Start;
        var index = await ShortestAsync(text, RunIndex.For(filter, segment, values), after, looks, cancellationToken);
        await using (var reader = await text.Scan(index, segment, columns, after, window?.From, looks).On(sql).ReadAsync(cancellationToken))
        {
            for (var rows = 1; await reader.ReadAsync(cancellationToken); rows++)
            {
                var at = reader.GetInt64(0);
                see(columns.Read(reader, 2), at);
                if (rows % CheckEvery == 0 && Stopwatch.GetElapsedTime(began) > time) return new ScanEnd(IsComplete: false, at);
            }
        }

        // One more than it may look at tells whether others follow.
        var next = await text.Frontier(index, after, window?.From, looks + 1).On(sql).FirstAsync(r => (long?)r.GetInt64(0), cancellationToken);
        return new ScanEnd(next is null, next);
    }

    async Task<RunIndex> ShortestAsync(RunListSql text, List<RunIndex> indexes, (long SortAt, long RunNo) after, int looks, CancellationToken cancellationToken)
    {
        if (indexes.Count == 1) return indexes[0];
        var (best, fewest) = (indexes[0], (long)looks);
        foreach (var index in indexes)
        {
            var count = await text.Count(index, after, (int)Math.Max(1, fewest)).On(sql).ScalarAsync<long>(cancellationToken);
            if (count < fewest) (best, fewest) = (index, count);
        }

        return best;
    }

    // What the search index found, a piece at a time, newest first. It wants no transaction.
    async Task<ScanEnd> HitsAsync(SearchField.Condition search, RowProjection<RunRow> columns, int most, TimeSpan time, Action<RunRow, long> see, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var values = await DistinctValues.FindAsync(sql, tenantNo, filter, cancellationToken);
        if (values.AreNone) return new ScanEnd(IsComplete: true, null);
        await store.PrepareAsync(sql, cancellationToken);
        var found = await SearchHits.FindAsync(sql, store, tenantNo, search, store.MaxHits, look: true, cancellationToken);
        var text = new RunListSql(tenantNo, filter, values, sql.IsSqlite);
        var segment = RunSegment.Of(filter, idsFirst: false)[0];
        var (from, to) = text.Times;
        var all = found.Ids.Concat(found.Texts).Where(h => h.SortAt >= from && h.SortAt < to).OrderByDescending(h => h.SortAt).ThenByDescending(h => h.RunNo).ToList();
        var oldest = found.AreAll || all.Count == 0 ? (long?)null : all[^1].SortAt;
        var looked = 0;
        foreach (var piece in all.Chunk(100))
        {
            if ((looked += piece.Length) > most || Stopwatch.GetElapsedTime(began) > time) return new ScanEnd(IsComplete: false, piece[0].SortAt);
            foreach (var (run, at) in await text.Hits(segment, columns, [.. piece.Select(h => h.RunNo)]).On(sql).ListAsync(r => (columns.Read(r, 2), r.GetInt64(0)), cancellationToken)) see(run, at);
        }

        return new ScanEnd(found.AreAll, oldest);
    }
}
