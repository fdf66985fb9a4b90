using RunHub.Filter;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Stats;

/// <summary>
/// Figures of what a filter matches. Exact from the rollups where the filter asks for nothing but their dimensions; else, and for
/// ranges of a few hours, from the runs themselves, up to a number of rows and a time. What was not looked at is said.
/// </summary>
public sealed class ReadStats
{
    /// <summary>Index entries that a scan looks at.</summary>
    public const int MaxLooks = 50_000;

    /// <summary>Buckets where nothing is said.</summary>
    public const int DefaultBuckets = 40;

    /// <summary>Most buckets.</summary>
    public const int MaxBuckets = 200;

    const long Hour = RollupKey.MicrosPerHour;

    // Up to here the hours of the rollups are too coarse.
    const long ShortRange = 6 * Hour;
    static readonly TimeSpan RollupTime = TimeSpan.FromMilliseconds(300), ScanTime = TimeSpan.FromMilliseconds(300), EdgeTime = TimeSpan.FromMilliseconds(150);

    /// <summary>What a figure is made of.</summary>
    internal static RowProjection<RunRow> Columns { get; } = RunRow.Table.Project(
        "run_no", "status", "sort_at", "duration_ms", "tokens", "cost_nano", "compute_ms", "retries", "attempt", "parent_run_id", "first_pass_success");

    readonly Database database;
    readonly SearchStore search;
    readonly TimeProvider time;

    internal ReadStats(Database database, SearchStore search, TimeProvider time) => (this.database, this.search, this.time) = (database, search, time);

    /// <summary>Reads them.</summary>
    /// <param name="tenantNo">Whose runs.</param>
    /// <param name="filter">Which; its order and page do not count.</param>
    /// <param name="buckets">Most stretches of time, 1–200.</param>
    /// <param name="offset">How far the reader's clock is ahead of UTC: long buckets begin with the reader's day.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Http.ProblemException">400 for a tag pattern that stands for too much.</exception>
    public async Task<RunStats> HandleAsync(long tenantNo, RunFilter filter, int buckets, TimeSpan offset, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToMicros();
        var (from, to) = Times(filter);
        // Hours are too coarse for a short range.
        var byHour = RollupReader.Fits(filter) && !(from > long.MinValue && Math.Min(to, now) - from <= ShortRange);
        await using var sql = await database.ReadAsync(cancellationToken);
        return (byHour ? await FromRollupsAsync(sql, tenantNo, filter, Split(), cancellationToken) : null)
            ?? await FromRunsAsync(sql, tenantNo, filter, Split(), cancellationToken);

        TimeSplit Split() => new(from, to, now, Math.Clamp(buckets, 1, MaxBuckets), (long)offset.TotalMicroseconds, byHour);
    }

    internal static (long From, long To) Times(RunFilter filter)
    {
        var times = filter.Conditions.OfType<TimeField.Condition>().ToList();
        return (times.Where(c => c.IsFrom).Select(c => c.Micros).Append(long.MinValue).Max(), times.Where(c => !c.IsFrom).Select(c => c.Micros).Append(long.MaxValue).Min());
    }

    async Task<RunStats> FromRunsAsync(SqlSession sql, long tenantNo, RunFilter filter, TimeSplit split, CancellationToken cancellationToken)
    {
        var (cell, seen) = (new RollupCell(), new List<(long, RunStatus)>());
        var end = await InTransactionAsync(sql, filter, () => new RunScan(sql, search, tenantNo, filter).ReadAsync(Columns, MaxLooks, ScanTime, null, run =>
        {
            cell.Add(RollupFacts.FactOf(run), 1);
            seen.Add((run.SortAt, run.Status));
        }, cancellationToken), cancellationToken);
        // A range that could not be read to its beginning is not shown as if nothing had been there.
        if (end is { IsComplete: false, Since: { } since }) split = split.Since(since);
        foreach (var (at, status) in seen) split.Add(at, status);
        long[] byStatus = [.. cell.ByStatus];
        var any = filter.Conditions.Any(c => c.Field == FilterFields.Status) ? null : byStatus;
        var (stretches, length) = split.Cut();
        return new RunStats(byStatus, any, stretches, length, end.IsComplete, end.Since, StatsSource.Scan, new RunFigures(cell, end.IsComplete, end.Since));
    }

    // Null: the rollups cannot be asked now.
    async Task<RunStats?> FromRollupsAsync(SqlSession sql, long tenantNo, RunFilter filter, TimeSplit split, CancellationToken cancellationToken)
    {
        var statuses = RollupReader.Statuses(filter);
        var anyStatus = statuses.All(s => s);
        var (sum, byHour, any) = (new RollupSum(), new Dictionary<long, long[]>(), new long[6]);
        var edges = HourRange.Of(split.From, split.To);
        // Cells know all statuses, so single runs must, too.
        var whole = filter.Without("status").Without("-status");
        var edgeCells = new List<(long Hour, byte[] Cell)>();
        var (isComplete, since) = (true, (long?)null);
        var figures = (RunFigures?)null;
        await RunLister.BeginAsync(sql, cancellationToken);
        try
        {
            var end = await new RollupReader(sql, tenantNo, filter).ReadAsync(edges.Touched, null, RollupTime, (hour, _, cell) =>
            {
                // Of an hour that begins or ends inside the range single runs are counted.
                if (edges.IsEdge(hour)) edgeCells.Add((hour, cell));
                else Add(hour, cell);
            }, cancellationToken);
            if (end is not { Stopped: var stopped }) return null;
            if (stopped is { } hour) (isComplete, since) = (false, (hour + 1) * Hour);
            var late = false;
            foreach (var window in edges.Windows)
            {
                var edge = window.From / Hour;
                if (stopped >= edge || edgeCells.All(c => c.Hour != edge)) continue;
                var runs = new List<RunRow>();
                late = late || !(await new RunScan(sql, search, tenantNo, whole).ReadAsync(Columns, MaxLooks, EdgeTime, window, runs.Add, cancellationToken)).IsComplete;
                if (!late) runs.ForEach(AddRun);
                // Too many for a moment: the whole hour stands for its part, and that is said.
                else foreach (var (at, cell) in edgeCells) if (at == edge) Add(at, cell);
            }

            isComplete &= !late;
            if (anyStatus) figures = new RunFigures(sum.ToCell(), isComplete, since);
        }
        finally
        {
            await RunLister.EndAsync(sql);
        }

        foreach (var (hour, counts) in byHour)
            for (var s = 0; s < counts.Length; s++) split.Add(hour * Hour, (RunStatus)s, counts[s]);
        if (since is { } seen) split = split.Since(seen);
        long[] byStatus = [.. any.Select((n, s) => statuses[s] ? n : 0)];
        // Cells do not tell what the runs of one status took.
        figures ??= await FiguresAsync(sql, tenantNo, filter, cancellationToken);
        var (stretches, length) = split.Cut();
        return new RunStats(byStatus, any, stretches, length, isComplete, since, StatsSource.Rollups, figures);

        void Add(long hour, byte[] cell)
        {
            if (anyStatus) sum.Add(cell);
            RollupSum.ByStatus(cell, any);
            if (!byHour.TryGetValue(hour, out var counts)) byHour[hour] = counts = new long[6];
            Span<long> own = stackalloc long[6];
            RollupSum.ByStatus(cell, own);
            for (var s = 0; s < own.Length; s++) counts[s] += statuses[s] ? own[s] : 0;
        }

        void AddRun(RunRow run)
        {
            var cell = new RollupCell();
            cell.Add(RollupFacts.FactOf(run), 1);
            if (anyStatus) sum.Add(cell.ToBytes());
            any[(int)run.Status]++;
            if (statuses[(int)run.Status]) split.Add(run.SortAt, run.Status);
        }
    }

    async Task<RunFigures> FiguresAsync(SqlSession sql, long tenantNo, RunFilter filter, CancellationToken cancellationToken)
    {
        var cell = new RollupCell();
        var end = await InTransactionAsync(sql, filter, () => new RunScan(sql, search, tenantNo, filter).ReadAsync(Columns, MaxLooks, ScanTime, null, run => cell.Add(RollupFacts.FactOf(run), 1), cancellationToken), cancellationToken);
        return new RunFigures(cell, end.IsComplete, end.Since);
    }

    /// <summary>Runs a scan in a transaction of its own, unless it asks the search index, which must not be in one.</summary>
    internal static async Task<ScanEnd> InTransactionAsync(SqlSession sql, RunFilter filter, Func<Task<ScanEnd>> scan, CancellationToken cancellationToken)
    {
        if (filter.Words is not null) return await scan();
        await RunLister.BeginAsync(sql, cancellationToken);
        try
        {
            return await scan();
        }
        finally
        {
            await RunLister.EndAsync(sql);
        }
    }
}

/// <summary>The hours of a range, and the parts of an hour at its ends.</summary>
/// <param name="Touched">First and last hour that has a part in it.</param>
/// <param name="Windows">The parts of an hour.</param>
readonly record struct HourRange((long First, long Last) Touched, IReadOnlyList<(long From, long To)> Windows)
{
    const long Hour = RollupKey.MicrosPerHour;

    /// <summary>Of a range; the smallest and the largest number stand for no end.</summary>
    public static HourRange Of(long from, long to)
    {
        var first = from == long.MinValue ? long.MinValue : from / Hour;
        var last = to == long.MaxValue ? long.MaxValue : (to - 1) / Hour;
        var windows = new List<(long, long)>();
        if (to <= from) return new((0, -1), windows);
        var endsInside = to != long.MaxValue && to % Hour != 0;
        // The newer end first: what is not complete is not complete before a moment.
        if (endsInside) windows.Add((Math.Max(from, last * Hour), to));
        if (from != long.MinValue && from % Hour != 0 && !(endsInside && first == last)) windows.Add((from, Math.Min(to, (first + 1) * Hour)));
        return new((first, last), windows);
    }

    /// <summary>Is only a part of this hour in the range.</summary>
    public bool IsEdge(long hour)
    {
        foreach (var (from, _) in Windows)
            if (from / Hour == hour) return true;
        return false;
    }
}
