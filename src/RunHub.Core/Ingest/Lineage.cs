using RunHub.Model;
using RunHub.Store;

namespace RunHub.Ingest;

/// <summary>
/// What a new run is to those that are there. While a run of the same workflow and business event is open or completed,
/// that run is the answer; after it failed or was canceled, the new one is its next attempt. A run that names a parent is
/// always a run of its own: a child.
/// </summary>
sealed class Lineage(WriteScope scope)
{
    const int MaxSame = 50;

    static readonly string SameEventSql = $"""
        SELECT {RunRow.Table.All.Sql} FROM runs
        WHERE tenant_no = @tenant_no AND business_event_id = @business_event_id AND workflow_name = @workflow_name AND parent_run_id IS NULL
        ORDER BY sort_at DESC, run_no DESC LIMIT {MaxSame}
        """;

    /// <summary>
    /// Sets root and attempt of a new run; or answers the run that already does the same work, and remembers the id that
    /// was sent, so that later reports under it find that run.
    /// </summary>
    public async ValueTask<RunRow?> PlaceAsync(RunRow row, IngestItem item, CancellationToken cancellationToken)
    {
        if (row.ParentRunId is { } parentId)
        {
            if (row.RootRunId is null && await RunReader.FindAsync(scope.Sql, row.TenantNo, parentId, cancellationToken) is { } parent)
                row.RootRunId = parent.RootRunId ?? parent.Id;
            return null;
        }

        if (row.BusinessEventId is null || item.AsIs) return null;
        var same = await scope.Sql.Prepare(SameEventSql).With(row.TenantNo, row.BusinessEventId, row.WorkflowName).ListAsync(r => RunRow.Table.All.Read(r), cancellationToken);
        if ((same.Find(r => !r.Status.IsFinal()) ?? same.Find(r => r.Status == RunStatus.Completed)) is { } answer)
        {
            if (item.Run.Id is { } sent) await RememberAsync(answer, sent, item.Caller.Name, cancellationToken);
            return answer;
        }

        // More than were read cannot be told from those somebody makes now.
        if (same.Count < MaxSame) scope.NewRuns.ForEvent(row, same.Select(r => r.RunNo));
        if (same.Count == 0) return null;
        var last = same.MaxBy(r => r.Attempt ?? 1)!;
        row.RootRunId ??= last.RootRunId ?? last.Id;
        if (item.Run.Attempt is null) row.Attempt = (last.Attempt ?? 1) + 1;
        return null;
    }

    /// <summary>From now on this id leads to this run, whichever it led to before.</summary>
    public async Task RememberAsync(RunRow answer, string sentId, string by, CancellationToken cancellationToken) => await scope.Sql.Prepare("""
        INSERT INTO run_duplicates (tenant_no, id, run_no, at, sent_by) VALUES (@tenant_no, @id, @run_no, @at, @sent_by)
        ON CONFLICT (tenant_no, id) DO UPDATE SET run_no = excluded.run_no, at = excluded.at, sent_by = excluded.sent_by WHERE run_duplicates.run_no <> excluded.run_no
        """).With(answer.TenantNo, sentId, answer.RunNo, scope.Now, by).ExecuteAsync(cancellationToken);

    /// <summary>The id is a run's own now: what it led to before is nobody's duplicate any more.</summary>
    public async Task ForgetAsync(RunRow run, CancellationToken cancellationToken) =>
        await scope.Sql.Prepare("DELETE FROM run_duplicates WHERE tenant_no = @tenant_no AND id = @id").With(run.TenantNo, run.Id).ExecuteAsync(cancellationToken);
}
