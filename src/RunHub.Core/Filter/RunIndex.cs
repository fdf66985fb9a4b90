using RunHub.Model;

namespace RunHub.Filter;

/// <summary>
/// A way into the runs in the order of the list: an index that ends in <c>(sort_at, run_no)</c>, and the values of the columns
/// before these. Where the filter leaves several values open, each combination is a branch; the engine merges the
/// branches lazily, so a page costs what it shows.
/// </summary>
/// <param name="Name">Name of the index; the table's for <c>run_tags</c>.</param>
/// <param name="Columns">Columns between the tenant and <c>sort_at</c>.</param>
/// <param name="Branches">One value for each of them, per branch.</param>
/// <param name="Takes">The condition it answers; null: none.</param>
/// <param name="TakesLane">Lane is answered.</param>
/// <param name="TakesStatus">Lane and status are answered.</param>
sealed record RunIndex(string Name, string[] Columns, IReadOnlyList<object[]> Branches, FilterCondition? Takes = null, bool TakesLane = false, bool TakesStatus = false)
{
    /// <summary>Most branches of one statement.</summary>
    public const int MaxBranches = 48;

    /// <summary>Most tags walked side by side; each pair of them costs a condition that shows a run once.</summary>
    const int MaxTagBranches = 8;

    static readonly (FilterField Field, string Index)[] ByReference =
    [
        (FilterFields.Trace, "ix_runs_trace"),
        (FilterFields.Parent, "ix_runs_parent"),
        (FilterFields.BusinessEvent, "ix_runs_business_event"),
        (FilterFields.Batch, "ix_runs_batch"),
        (FilterFields.Thread, "ix_runs_thread"),
        (FilterFields.Lead, "ix_runs_lead"),
        (FilterFields.Agent, "ix_runs_agent"),
        (FilterFields.Fingerprint, "ix_runs_fingerprint"),
    ];

    static readonly (FilterField Field, string Index)[] ByKind =
    [
        (FilterFields.Workflow, "ix_runs_workflow"),
        (FilterFields.Type, "ix_runs_type"),
        (FilterFields.Env, "ix_runs_environment"),
    ];

    /// <summary>True: the branches are tags of <c>run_tags</c>.</summary>
    public bool IsTags => Name == "run_tags";

    /// <summary>Runs that the search has found: given by number, nothing but the text is answered.</summary>
    public static RunIndex Hits { get; } = new("hits", [], [[]]);

    /// <summary>The indexes that can lead, most selective first by nature; never empty.</summary>
    public static List<RunIndex> For(RunFilter filter, RunSegment segment, DistinctValues values)
    {
        var found = new List<RunIndex>();
        foreach (var (field, index) in ByReference)
        {
            if (filter.Find(field.Key) is TextField.Condition { OnlyExact: true } c && c.Exact.Length <= MaxBranches)
                found.Add(new RunIndex(index, [((TextField)field).Column], [.. c.Exact.Select(v => new object[] { v })], c));
        }

        if (values.Tags is { Count: <= MaxTagBranches } tags) found.Add(new RunIndex("run_tags", ["tag"], [.. tags.Select(t => new object[] { t })], filter.Find(FilterFields.Tag.Key)));
        var laneStatuses = filter.Lanes.SelectMany(l => segment.Statuses.Select(s => (long)l * 8 + (long)s)).ToArray();
        foreach (var (field, index) in ByKind)
        {
            if (filter.Find(field.Key) is not TextField.Condition c) continue;
            var texts = field == FilterFields.Workflow ? values.Workflows : c.OnlyExact ? c.Exact : null;
            if (texts is not null && texts.Count * laneStatuses.Length <= MaxBranches)
            {
                found.Add(new RunIndex(index, [((TextField)field).Column, "lane_status"],
                    [.. texts.SelectMany(v => laneStatuses.Select(s => new object[] { v, s }))], c, TakesLane: true, TakesStatus: true));
            }
        }

        if (segment.Statuses.Count < RunStatuses.All.Count)
            found.Add(new RunIndex("ix_runs_status", ["lane_status"], [.. laneStatuses.Select(s => new object[] { s })], TakesLane: true, TakesStatus: true));
        else if (found.Count == 0)
            found.Add(new RunIndex("ix_runs_sort", ["lane"], [.. filter.Lanes.Select(l => new object[] { (long)l })], TakesLane: true));
        return found;
    }
}

/// <summary>Which part of the search a segment answers.</summary>
enum SearchPart
{
    /// <summary>Both, or nothing is searched.</summary>
    All,

    /// <summary>Runs that carry the text as an id, or an id that begins with it.</summary>
    Ids,

    /// <summary>Runs whose text matches, and that carry no such id.</summary>
    Texts,
}

/// <summary>A list is a row of segments, one after the other, each in order of time.</summary>
/// <param name="Statuses">Statuses in it.</param>
/// <param name="Search">Part of the search in it.</param>
/// <param name="HasDuration">Sorted by duration: the runs with one, then those without. Null: both.</param>
sealed record RunSegment(IReadOnlyList<RunStatus> Statuses, SearchPart Search = SearchPart.All, bool? HasDuration = null)
{
    /// <summary>The segments of a list, in order.</summary>
    public static List<RunSegment> Of(RunFilter filter, bool idsFirst)
    {
        if (filter.Sort.By == RunSortBy.Duration) return [new RunSegment(filter.Statuses, HasDuration: true), new RunSegment(filter.Statuses, HasDuration: false)];
        IEnumerable<IReadOnlyList<RunStatus>> groups = filter.Sort switch
        {
            { By: RunSortBy.StartedAt } => [filter.Statuses],
            { Descending: true } => filter.Statuses.OrderDescending().Select(s => new[] { s }),
            _ => filter.Statuses.Order().Select(s => new[] { s }),
        };
        return [.. groups.SelectMany(g => idsFirst ? [new RunSegment(g, SearchPart.Ids), new RunSegment(g, SearchPart.Texts)] : new[] { new RunSegment(g) })];
    }
}
