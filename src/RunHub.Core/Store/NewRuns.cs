using RunHub.Model;

namespace RunHub.Store;

/// <summary>
/// Runs a transaction makes because it saw no other that does the same work. On PostgreSQL another writer may be making that other
/// at the same time, and neither sees it: so each looks again at the end of its commit, where one goes after the other, and the
/// later one begins anew and finds it. Locks taken beforehand would be thousands for a batch, and hold up those who never meet.
/// </summary>
sealed class NewRuns
{
    readonly List<NewRun> list = [];

    /// <summary>What this transaction itself gave its business event: no meeting, and not to be seen in what it merely wrote to.</summary>
    readonly HashSet<long> own = [];

    /// <summary>A run was made for a business event of which these runs were seen.</summary>
    public void ForEvent(RunRow row, IEnumerable<long> seen) => list.Add(new NewRun(row.TenantNo, row.RunNo, row.WorkflowName, row.BusinessEventId, null, null, [.. seen]));

    /// <summary>A run was made by the spans of a trace, of which none was seen.</summary>
    public void BySpans(RunRow row) => list.Add(new NewRun(row.TenantNo, row.RunNo, null, null, row.TraceId, null, []));

    /// <summary>A report made a run and names a trace whose spans had made none.</summary>
    public void WithTrace(RunRow row) => list.Add(new NewRun(row.TenantNo, row.RunNo, null, null, null, Ids.OfTrace(row.TenantNo, row.TraceId!), []));

    /// <summary>A run that was there was given another business event.</summary>
    public void Renamed(RunRow row) => own.Add(row.RunNo);

    public void Clear()
    {
        list.Clear();
        own.Clear();
    }

    public int Mark() => list.Count;

    public void RollBackTo(int mark) => list.RemoveRange(mark, list.Count - mark);

    /// <summary>Looks again whether others made one of the same.</summary>
    /// <param name="sql">The transaction, near its end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MetAnotherException">Somebody else made one meanwhile.</exception>
    public async Task CheckAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        if (list.Count == 0) return;
        long[] known = [.. own.Concat(list.Select(r => r.RunNo)).Distinct()];
        await CheckAsync(r => r.Event is not null, "r.tenant_no = mine.tenant_no AND r.business_event_id = mine.event AND r.workflow_name = mine.workflow AND r.parent_run_id IS NULL");
        await CheckAsync(r => r.Trace is not null, "r.tenant_no = mine.tenant_no AND r.trace_id = mine.trace");
        await CheckAsync(r => r.Made is not null, $"r.tenant_no = mine.tenant_no AND r.id = mine.made AND (r.flags & {(int)RunFlags.MadeByTrace}) <> 0");

        async Task CheckAsync(Func<NewRun, bool> which, string same)
        {
            NewRun[] some = [.. list.Where(which)];
            if (some.Length == 0) return;
            var found = await sql.Prepare($"""
                SELECT mine.place, r.run_no FROM unnest(@tenants, @workflows, @events, @traces, @made) WITH ORDINALITY AS mine(tenant_no, workflow, event, trace, made, place)
                JOIN runs r ON {same} AND r.run_no <> ALL(@known)
                """).With(Array.ConvertAll(some, r => r.TenantNo), Array.ConvertAll(some, r => r.Workflow), Array.ConvertAll(some, r => r.Event),
                    Array.ConvertAll(some, r => r.Trace), Array.ConvertAll(some, r => r.Made), known)
                .ListAsync(r => (Place: (int)r.GetInt64(0) - 1, RunNo: r.GetInt64(1)), cancellationToken);
            if (found.Exists(f => !some[f.Place].Seen.Contains(f.RunNo))) throw new MetAnotherException();
        }
    }

    readonly record struct NewRun(long TenantNo, long RunNo, string? Workflow, string? Event, string? Trace, string? Made, long[] Seen);
}

/// <summary>Another writer made, at the same time, what a new run belongs to: the work is done again and finds it.</summary>
sealed class MetAnotherException() : Exception("Another run that does the same work was written at the same time.");
