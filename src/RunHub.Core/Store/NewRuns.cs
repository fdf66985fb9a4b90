using RunHub.Model;

namespace RunHub.Store;

/// <summary>
/// Runs a transaction makes because it saw no other that does the same work. On PostgreSQL another writer may be making that other
/// at the same time, and neither sees it: so each looks again at the end of its commit, where one goes after the other, and the
/// later one begins anew and finds it. Locks taken beforehand would be thousands for a batch, and hold up those who never meet.
/// </summary>
/// <param name="isAlone">There is one writer (SQLite): nothing has to be remembered.</param>
sealed class NewRuns(bool isAlone)
{
    readonly List<NewRun> list = [];

    /// <summary>What this transaction itself gave its business event: no meeting, and not to be seen in what it merely wrote to.</summary>
    readonly HashSet<long> own = [];

    enum Why { Event, Spans, Report }

    /// <summary>A run was made for a business event of which these runs were seen.</summary>
    public void ForEvent(RunRow row, IEnumerable<long> seen) => Add(row, Why.Event, row.BusinessEventId!, seen);

    /// <summary>A run was made by the spans of a trace, of which none was seen.</summary>
    public void BySpans(RunRow row) => Add(row, Why.Spans, row.TraceId!, []);

    /// <summary>A report made a run and names a trace whose spans had made none.</summary>
    public void WithTrace(RunRow row) => Add(row, Why.Report, row.TraceId!, []);

    /// <summary>A run that was there was given another business event.</summary>
    public void Renamed(RunRow row)
    {
        if (!isAlone) own.Add(row.RunNo);
    }

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
        await CheckAsync(Why.Event, static r => r.Key, "r.business_event_id = mine.key AND r.workflow_name = mine.workflow AND r.parent_run_id IS NULL");
        await CheckAsync(Why.Spans, static r => r.Key, "r.trace_id = mine.key");
        await CheckAsync(Why.Report, static r => Ids.OfTrace(r.TenantNo, r.Key), $"r.id = mine.key AND (r.flags & {(int)RunFlags.MadeByTrace}) <> 0");

        async Task CheckAsync(Why why, Converter<NewRun, string> key, string same)
        {
            NewRun[] some = [.. list.Where(r => r.Why == why)];
            if (some.Length == 0) return;
            var found = await sql.Prepare($"""
                SELECT mine.place, r.run_no FROM unnest(@tenants, @keys, @workflows) WITH ORDINALITY AS mine(tenant_no, key, workflow, place)
                JOIN runs r ON r.tenant_no = mine.tenant_no AND {same} AND r.run_no <> ALL(@known)
                """).With(Array.ConvertAll(some, r => r.TenantNo), Array.ConvertAll(some, key), Array.ConvertAll(some, r => r.Workflow), known)
                .ListAsync(r => (Place: (int)r.GetInt64(0) - 1, RunNo: r.GetInt64(1)), cancellationToken);
            if (found.Exists(f => !some[f.Place].Seen.Contains(f.RunNo))) throw new MetAnotherException();
        }
    }

    void Add(RunRow row, Why why, string key, IEnumerable<long> seen)
    {
        if (!isAlone) list.Add(new NewRun(row.TenantNo, row.RunNo, why, key, row.WorkflowName, [.. seen]));
    }

    readonly record struct NewRun(long TenantNo, long RunNo, Why Why, string Key, string Workflow, long[] Seen);
}

/// <summary>Another writer made, at the same time, what a new run belongs to: the work is done again and finds it.</summary>
sealed class MetAnotherException() : Exception("Another run that does the same work was written at the same time.");
