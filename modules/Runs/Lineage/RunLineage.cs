using System.Data.Common;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Lineage;

/// <summary>A run that another one is related to.</summary>
/// <param name="Id">Public id.</param>
/// <param name="WorkflowName">Its workflow.</param>
/// <param name="Environment">Its environment.</param>
/// <param name="Status">Its status.</param>
/// <param name="Attempt">Which attempt it is; null: not said.</param>
/// <param name="SortAt">Start, else receipt; microseconds since 1970, UTC.</param>
public sealed record RelatedRun(string Id, string WorkflowName, string Environment, RunStatus Status, long? Attempt, long SortAt);

/// <summary>Runs related in the same way.</summary>
/// <param name="Runs">The newest of them, as many as were asked for.</param>
/// <param name="Total">How many there are, counted to 1,000.</param>
/// <param name="Query">Query of the list of runs that shows them all; null: there are none.</param>
public sealed record RelatedRuns(IReadOnlyList<RelatedRun> Runs, long Total, string? Query)
{
    /// <summary>None.</summary>
    public static RelatedRuns None { get; } = new([], 0, null);

    /// <summary>There are more than were counted.</summary>
    public bool HasMore => Total > RunLineage.CountedTo;
}

/// <summary>An id under which work arrived that the run was doing already.</summary>
/// <param name="Id">The id that was sent.</param>
/// <param name="At">When; microseconds since 1970, UTC.</param>
/// <param name="SentBy">Who sent it.</param>
public sealed record AnsweredDuplicate(string Id, long At, string SentBy);

/// <summary>Where a run comes from and what came of it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Parent">The run that started it; null with a <c>parent_run_id</c>: that one is not here.</param>
/// <param name="Root">The first of its line, when it is another one.</param>
/// <param name="Children">Runs it started, and its re-runs; newest first.</param>
/// <param name="Attempts">Attempts at the same business event, itself among them; newest first.</param>
/// <param name="Batch">Runs of the same batch, itself among them; newest first.</param>
/// <param name="Duplicates">Reports it answered in place of a run of their own; newest first.</param>
/// <param name="DuplicateCount">How many of those there are, counted to 1,000.</param>
public sealed record RunLineage(RunRow Run, RelatedRun? Parent, RelatedRun? Root, RelatedRuns Children, RelatedRuns Attempts, RelatedRuns Batch, IReadOnlyList<AnsweredDuplicate> Duplicates, long DuplicateCount)
{
    /// <summary>Relations are counted to here.</summary>
    public const int CountedTo = 1000;

    const string Columns = "id, workflow_name, environment, status, attempt, sort_at";
    const string One = $"SELECT {Columns} FROM runs WHERE tenant_no = @tenant_no AND id = @id";
    const string ChildrenOf = "FROM runs WHERE tenant_no = @tenant_no AND parent_run_id = @key";
    const string BatchOf = "FROM runs WHERE tenant_no = @tenant_no AND batch_id = @key";
    const string DuplicatesOf = "FROM run_duplicates WHERE run_no = @run_no AND id <> @made_id";
    // Looks at the newest few thousand runs of the event, whatever workflows they are of.
    const string AttemptsOf = "FROM (SELECT * FROM runs WHERE tenant_no = @tenant_no AND business_event_id = @key ORDER BY sort_at DESC, run_no DESC LIMIT 2000) r WHERE workflow_name = @workflow_name AND parent_run_id IS NULL";

    /// <summary>There is nothing to show.</summary>
    public bool IsEmpty => Run.ParentRunId is null && Root is null && Children.Total == 0 && Attempts.Total <= 1 && Batch.Total <= 1 && DuplicateCount == 0;

    /// <summary>Reads it.</summary>
    /// <param name="sql">A session.</param>
    /// <param name="run">The run.</param>
    /// <param name="limit">Most related runs of each kind.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<RunLineage> ReadAsync(SqlSession sql, RunRow run, int limit, CancellationToken cancellationToken)
    {
        var parent = run.ParentRunId is { } parentId ? await OneAsync(sql, run, parentId, cancellationToken) : null;
        var rootId = run.RootRunId is { } id && id != run.Id ? id : null;
        var root = rootId is null || rootId == run.ParentRunId ? null : await OneAsync(sql, run, rootId, cancellationToken);
        var children = await ManyAsync(sql, ChildrenOf, [run.TenantNo, run.Id], limit, Query("parent", run.Id), cancellationToken);
        var batch = run.BatchId is { } batchId ? await ManyAsync(sql, BatchOf, [run.TenantNo, batchId], limit, Query("batch", batchId), cancellationToken) : RelatedRuns.None;
        var attempts = run is { BusinessEventId: { } businessEvent, ParentRunId: null }
            ? await ManyAsync(sql, AttemptsOf, [run.TenantNo, businessEvent, run.WorkflowName], limit, $"{Query("business_event", businessEvent)}&{Query("workflow", run.WorkflowName)}&lane=all", cancellationToken)
            : RelatedRuns.None;
        // The id its trace gave the run before a report took it over leads to it as well, but is nobody's report.
        object?[] duplicatesOf = [run.RunNo, Ids.OfTrace(run.TenantNo, run.TraceId ?? "")];
        var duplicates = await sql.Prepare($"SELECT id, at, sent_by {DuplicatesOf} ORDER BY at DESC, id LIMIT @limit").With([.. duplicatesOf, (long)limit + 1])
            .ListAsync(r => new AnsweredDuplicate(r.GetString(0), r.GetInt64(1), r.GetString(2)), cancellationToken);
        var duplicateCount = duplicates.Count <= limit ? duplicates.Count : await CountAsync(sql, DuplicatesOf, duplicatesOf, cancellationToken);
        return new RunLineage(run, parent, root, children, attempts, batch, duplicates.Count > limit ? duplicates[..limit] : duplicates, duplicateCount);
    }

    static Task<RelatedRun?> OneAsync(SqlSession sql, RunRow run, string id, CancellationToken cancellationToken) =>
        sql.Prepare(One).With(run.TenantNo, id).FirstAsync(r => (RelatedRun?)Read(r), cancellationToken);

    static async Task<RelatedRuns> ManyAsync(SqlSession sql, string from, object?[] values, int limit, string query, CancellationToken cancellationToken)
    {
        var runs = await sql.Prepare($"SELECT {Columns} {from} ORDER BY sort_at DESC, run_no DESC LIMIT @limit").With([.. values, (long)limit + 1]).ListAsync(Read, cancellationToken);
        if (runs.Count == 0) return RelatedRuns.None;
        var total = runs.Count <= limit ? runs.Count : await CountAsync(sql, from, values, cancellationToken);
        return new RelatedRuns(runs.Count > limit ? runs[..limit] : runs, total, query);
    }

    static Task<long> CountAsync(SqlSession sql, string from, object?[] values, CancellationToken cancellationToken) =>
        sql.Prepare($"SELECT count(*) FROM (SELECT 1 {from} LIMIT {CountedTo + 1}) x").With(values).ScalarAsync<long>(cancellationToken);

    static RelatedRun Read(DbDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), (RunStatus)r.GetInt64(3), r.Long(4), r.GetInt64(5));

    static string Query(string field, string value) => field + "=" + Uri.EscapeDataString(FilterValue.Escape(value));
}
