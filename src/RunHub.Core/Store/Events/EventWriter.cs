namespace RunHub.Store.Events;

/// <summary>
/// Writes a transaction's events, last of all. On PostgreSQL under an advisory lock held to the commit, so that
/// <c>seq</c> order is commit order and a reader's cursor skips none.
/// </summary>
static class EventWriter
{
    public static async Task WriteAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        if (scope.Events.Count == 0) return;
        if (!scope.Sql.IsSqlite)
        {
            await scope.Sql.Prepare("SELECT pg_advisory_xact_lock(@lock)").With(PostgresLocks.CommitOrder).ExecuteAsync(cancellationToken);
            // Here and nowhere else: whoever committed before is seen now, whoever has not will look after us.
            await scope.NewRuns.CheckAsync(scope.Sql, cancellationToken);
        }

        var insert = scope.Sql.Prepare("INSERT INTO events (tenant_no, run_no, type, at, data) VALUES (@tenant_no, @run_no, @type, @at, @data)");
        HashSet<long>? gone = null;
        foreach (var e in scope.Events)
            if (e.Type == EventType.RunDeleted) (gone ??= []).Add(e.RunNo);
        foreach (var e in scope.Events)
        {
            // Others of this commit may have reported what was deleted after them: of a run that is gone only that is told.
            if (e.Type != EventType.RunDeleted && gone?.Contains(e.RunNo) is true) continue;
            await insert.With(e.TenantNo, e.RunNo, (long)e.Type, scope.Now, e.Data).ExecuteAsync(cancellationToken);
        }
    }
}
