using RunHub.Filter;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Errors.List;

/// <summary>Failures with one fingerprint among those a filter matches.</summary>
/// <param name="Fingerprint">What they have in common.</param>
/// <param name="Workflow">Their workflow.</param>
/// <param name="ErrorClass">Their class.</param>
/// <param name="ErrorCode">Their code.</param>
/// <param name="Message">The message of the latest.</param>
/// <param name="Count">How many.</param>
/// <param name="FirstSeen">Start of the earliest of them, microseconds since 1970.</param>
/// <param name="LastSeen">Start of the latest.</param>
/// <param name="Versions">Workflow versions, latest first, at most <see cref="ReadErrors.MaxVersions"/>.</param>
/// <param name="Samples">Ids of the latest.</param>
/// <param name="Standing">What people decided about it, and when it was seen over all time.</param>
public sealed record ErrorGroup(string Fingerprint, string Workflow, string? ErrorClass, string? ErrorCode, string? Message, long Count, long FirstSeen, long LastSeen,
    IReadOnlyList<string> Versions, IReadOnlyList<string> Samples, ErrorStanding Standing);

/// <summary>Groups of failures, those seen last first.</summary>
/// <param name="Groups">The groups.</param>
/// <param name="Failures">Failures that were looked at.</param>
/// <param name="SearchedBackTo">Failures before this were not looked at; null: all were.</param>
/// <param name="More">There are more groups.</param>
public sealed record ErrorGroups(IReadOnlyList<ErrorGroup> Groups, long Failures, long? SearchedBackTo, bool More);

/// <summary>Which groups to show.</summary>
public enum ErrorChoice
{
    /// <summary>Open and regressed.</summary>
    Open,

    /// <summary>Resolved.</summary>
    Resolved,

    /// <summary>Ignored.</summary>
    Ignored,

    /// <summary>All of them.</summary>
    All,
}

/// <summary>Groups the failures that a filter matches: a walk over the list's own index, newest first, up to <see cref="MaxFailures"/>.</summary>
public sealed class ReadErrors(RunQuery query, Database database, TimeProvider time)
{
    /// <summary>Failures that are looked at.</summary>
    public const int MaxFailures = 10_000;

    /// <summary>Groups that are told.</summary>
    public const int MaxGroups = 200;

    /// <summary>Versions of a group that are told.</summary>
    public const int MaxVersions = 5;

    const int MaxSamples = 3;
    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(3);

    static readonly RowProjection<RunRow> Columns = RunRow.Table.Project("run_no", "id", "workflow_name", "workflow_version", "status", "sort_at", "duration_ms", "error_code", "error_class", "error_message", "fingerprint");

    /// <summary>The groups.</summary>
    /// <param name="tenantNo">Whose.</param>
    /// <param name="filter">Which runs; of them the failed ones.</param>
    /// <param name="choice">Which groups.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ErrorGroups> HandleAsync(long tenantNo, RunFilter filter, ErrorChoice choice, CancellationToken cancellationToken)
    {
        var failed = filter.With("status", "failed").SortedBy(RunSort.Default);
        var found = new Dictionary<string, Gathered>(StringComparer.Ordinal);
        var (looked, token, begun, at) = (0L, (string?)null, time.GetTimestamp(), 0L);
        do
        {
            var page = await query.ListAsync(tenantNo, failed, token, RunFilter.MaxLimit, Columns, cancellationToken);
            foreach (var run in page.Runs)
            {
                looked++;
                at = run.SortAt;
                if (run.Fingerprint is not { } fingerprint) continue;
                if (!found.TryGetValue(fingerprint, out var group)) found[fingerprint] = group = new Gathered(run);
                group.Add(run);
            }

            at = page.SearchedBackTo ?? at;
            token = page.NextToken;
        }
        while (token is not null && looked < MaxFailures && time.GetElapsedTime(begun) < MaxTime);

        var groups = new List<ErrorGroup>();
        var more = false;
        await using var sql = await database.ReadAsync(cancellationToken);
        // What nobody has dealt with is open: only what may be shown is looked up, one by one.
        var said = await ErrorStates.AllAsync(sql, tenantNo, cancellationToken);
        foreach (var gathered in found.Values.OrderByDescending(g => g.Latest.SortAt).ThenByDescending(g => g.Latest.RunNo))
        {
            if (!MayBe(said.GetValueOrDefault(gathered.Latest.Fingerprint!), choice)) continue;
            var standing = await ErrorStates.FindAsync(sql, tenantNo, gathered.Latest.Fingerprint!, cancellationToken);
            if (!Wanted(standing.State, choice)) continue;
            if (more = groups.Count == MaxGroups) break;
            groups.Add(gathered.ToGroup(standing));
        }

        return new ErrorGroups(groups, looked, token is null ? null : at, more);
    }

    static bool MayBe(ErrorState said, ErrorChoice choice) => choice switch
    {
        ErrorChoice.All => true,
        ErrorChoice.Resolved => said == ErrorState.Resolved,
        ErrorChoice.Ignored => said == ErrorState.Ignored,
        // A resolved one may have come back.
        _ => said != ErrorState.Ignored,
    };

    static bool Wanted(ErrorState state, ErrorChoice choice) => choice switch
    {
        ErrorChoice.All => true,
        ErrorChoice.Resolved => state == ErrorState.Resolved,
        ErrorChoice.Ignored => state == ErrorState.Ignored,
        _ => state is ErrorState.Open or ErrorState.Regressed,
    };

    sealed class Gathered(RunRow latest)
    {
        readonly List<string> versions = [], samples = [];
        long count, first;

        public RunRow Latest => latest;

        public void Add(RunRow run)
        {
            count++;
            first = run.SortAt;
            if (samples.Count < MaxSamples) samples.Add(run.Id);
            if (run.WorkflowVersion is { } version && versions.Count < MaxVersions && !versions.Contains(version, StringComparer.Ordinal)) versions.Add(version);
        }

        public ErrorGroup ToGroup(ErrorStanding standing) =>
            new(latest.Fingerprint!, latest.WorkflowName, latest.ErrorClass, latest.ErrorCode, latest.ErrorMessage, count, first, latest.SortAt, versions, samples, standing);
    }
}
