using RunHub.Filter;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Stats;

/// <summary>A value of a field, and how many runs have it.</summary>
/// <param name="Value">The value, as a filter takes it.</param>
/// <param name="Count">How many.</param>
public readonly record struct FacetCount(string Value, long Count);

/// <summary>The values of a field among the runs that the rest of a filter matches.</summary>
/// <param name="Values">The most frequent first; equal ones in code point order.</param>
/// <param name="IsComplete">The counts are of all runs; else at least these.</param>
/// <param name="Source">Where they come from.</param>
public sealed record FacetPage(IReadOnlyList<FacetCount> Values, bool IsComplete, StatsSource Source);

/// <summary>
/// Counts the values of a field: from the rollups where they know field and filter, else among the newest runs, a limited number of them for a
/// limited time.
/// </summary>
public sealed class ReadFacets
{
    /// <summary>Index entries that a count looks at.</summary>
    public const int MaxLooks = 20_000;

    /// <summary>Most values of an answer.</summary>
    public const int MaxValues = 200;

    static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(250);

    // What is read of a run to know its value.
    static readonly Dictionary<string, (string Column, Func<RunRow, IEnumerable<string?>> Values)> Columns = new(StringComparer.Ordinal)
    {
        ["status"] = ("status", r => [r.Status.ToName()]),
        ["workflow"] = ("workflow_name", r => [r.WorkflowName]),
        ["type"] = ("type", r => [r.Type]),
        ["env"] = ("environment", r => [r.Environment]),
        ["version"] = ("workflow_version", r => [r.WorkflowVersion]),
        ["trigger"] = ("trigger", r => [r.Trigger]),
        ["tag"] = ("tags", r => TextList.Split(r.TagsText)),
        ["error_class"] = ("error_class", r => [r.ErrorClass]),
        ["error_code"] = ("error_code", r => [r.ErrorCode]),
        ["node"] = ("failed_node", r => [r.FailedNode]),
        ["owner"] = ("owner", r => [r.Owner]),
        ["actor"] = ("actor", r => [r.Actor]),
        ["model"] = ("models", r => TextList.Split(r.Models)),
    };

    static readonly Dictionary<string, RowProjection<RunRow>> Projections = Columns.ToDictionary(c => c.Key, c => RunRow.Table.Project("run_no", c.Value.Column), StringComparer.Ordinal);

    readonly Database database;
    readonly SearchStore search;

    internal ReadFacets(Database database, SearchStore search) => (this.database, this.search) = (database, search);

    /// <summary>Fields whose values can be counted.</summary>
    public static IReadOnlyCollection<string> Fields => Columns.Keys;

    /// <summary>Counts.</summary>
    /// <param name="tenantNo">Whose runs.</param>
    /// <param name="filter">Which; what it asks of the field itself does not count.</param>
    /// <param name="field">One of <see cref="Fields"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Http.ProblemException">400 for a tag pattern that stands for too much.</exception>
    public async Task<FacetPage> HandleAsync(long tenantNo, RunFilter filter, string field, CancellationToken cancellationToken)
    {
        var rest = filter.Without(field);
        await using var sql = await database.ReadAsync(cancellationToken);
        var edges = HourRange.Of(ReadStats.Times(rest).From, ReadStats.Times(rest).To);
        return (RollupReader.Fits(rest) && RollupReader.Dimensions.TryGetValue(field, out var dimension) ? await FromRollupsAsync(sql, tenantNo, rest, field, dimension, edges, cancellationToken) : null)
            ?? await FromRunsAsync(sql, tenantNo, rest, field, cancellationToken);
    }

    async Task<FacetPage> FromRunsAsync(SqlSession sql, long tenantNo, RunFilter rest, string field, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var end = await ReadStats.InTransactionAsync(sql, rest, () => ScanAsync(sql, tenantNo, rest, field, null, value => counts[value] = counts.GetValueOrDefault(value) + 1, cancellationToken), cancellationToken);
        return Page(counts, end.IsComplete, StatsSource.Scan);
    }

    Task<ScanEnd> ScanAsync(SqlSession sql, long tenantNo, RunFilter rest, string field, (long From, long To)? window, Action<string> see, CancellationToken cancellationToken)
    {
        var values = Columns[field].Values;
        return new RunScan(sql, search, tenantNo, rest).ReadAsync(Projections[field], MaxLooks, MaxTime, window, run =>
        {
            foreach (var value in values(run))
                if (!string.IsNullOrEmpty(value)) see(value);
        }, cancellationToken);
    }

    // Null: the rollups cannot be asked now.
    async Task<FacetPage?> FromRollupsAsync(SqlSession sql, long tenantNo, RunFilter rest, string field, string dimension, HourRange edges, CancellationToken cancellationToken)
    {
        var statuses = RollupReader.Statuses(rest);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        bool isComplete;
        await RunLister.BeginAsync(sql, cancellationToken);
        try
        {
            var partial = new List<(long Hour, string? Value, byte[] Cell)>();
            var end = await new RollupReader(sql, tenantNo, rest).ReadAsync(edges.Touched, dimension, MaxTime, (hour, value, cell) =>
            {
                if (edges.IsEdge(hour)) partial.Add((hour, value, cell));
                else Add(value, cell);
            }, cancellationToken);
            if (end is not { Stopped: var stopped }) return null;
            var late = false;
            foreach (var window in edges.Windows)
            {
                var edge = window.From / RollupKey.MicrosPerHour;
                if (stopped >= edge || partial.TrueForAll(c => c.Hour != edge)) continue;
                var found = new List<string>();
                late = late || !(await ScanAsync(sql, tenantNo, rest, field, window, found.Add, cancellationToken)).IsComplete;
                if (late) foreach (var (hour, value, cell) in partial) if (hour == edge) Add(value, cell);
                if (!late) foreach (var value in found) counts[value] = counts.GetValueOrDefault(value) + 1;
            }

            isComplete = stopped is null && !late;
        }
        finally
        {
            await RunLister.EndAsync(sql);
        }

        return Page(counts, isComplete, StatsSource.Rollups);

        void Add(string? value, byte[] cell)
        {
            if (string.IsNullOrEmpty(value)) return;
            Span<long> byStatus = stackalloc long[6];
            RollupSum.ByStatus(cell, byStatus);
            long count = 0;
            for (var s = 0; s < byStatus.Length; s++) count += statuses[s] ? byStatus[s] : 0;
            counts[value] = counts.GetValueOrDefault(value) + count;
        }
    }

    static FacetPage Page(Dictionary<string, long> counts, bool isComplete, StatsSource source) => new(
        [.. counts.Where(c => c.Value > 0).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(MaxValues).Select(c => new FacetCount(c.Key, c.Value))], isComplete, source);
}
