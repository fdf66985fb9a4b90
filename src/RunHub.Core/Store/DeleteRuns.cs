using RunHub.Access;
using RunHub.Model;
using RunHub.Store.Events;

namespace RunHub.Store;

/// <summary>What a deletion did.</summary>
/// <param name="Deleted">Ids that are gone.</param>
/// <param name="Failed">Ids that are not, and why.</param>
/// <param name="Rows">Rows per table.</param>
public sealed record DeletionReport(IReadOnlyList<string> Deleted, IReadOnlyList<(string Id, string Reason)> Failed, IReadOnlyDictionary<string, long> Rows);

/// <summary>
/// Deletes runs and all their traces, a few at a time so that ingest goes on. Each piece is one transaction with its audit
/// rows and a last event per run that carries nothing but the id. Rollups keep their figures.
/// </summary>
public sealed class DeleteRuns(WriteLane lane, Blobs.KeepBlobs blobs, IEnumerable<IRunData> runData)
{
    const int RunsPerTransaction = 25;

    // Children first, in the reverse order of registration: Core's own tables, runs among them, are registered first.
    readonly IRunData[] runData = [.. runData.Reverse()];

    /// <summary>Deletes; an id that is not there fails for itself.</summary>
    public async Task<DeletionReport> HandleAsync(Caller caller, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var deleted = new List<string>();
        var failed = new List<(string, string)>();
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var piece in ids.Distinct(StringComparer.Ordinal).Chunk(RunsPerTransaction))
        {
            var (gone, counts) = await lane.Run((scope, ct) => ApplyAsync(scope, caller, piece, null, ct), cancellationToken);
            deleted.AddRange(gone);
            failed.AddRange(piece.Except(gone, StringComparer.Ordinal).Select(id => (id, "There is no such run here.")));
            foreach (var (table, count) in counts) rows[table] = rows.GetValueOrDefault(table) + count;
        }

        // After the commits: bytes are no rows. What a crash leaves here is swept.
        await blobs.ClearAsync(CancellationToken.None);
        return new DeletionReport(deleted, failed, rows);
    }

    /// <summary>Deletes inside the lane; an id that is not there is left out of what is gone.</summary>
    /// <param name="scope">The open transaction.</param>
    /// <param name="caller">Who deletes.</param>
    /// <param name="ids">At most some tens.</param>
    /// <param name="because">What the audit rows say beside it, such as the bulk action it belongs to.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async ValueTask<(List<string> Gone, Dictionary<string, long> Rows)> ApplyAsync(WriteScope scope, Caller caller, IReadOnlyList<string> ids, string? because, CancellationToken cancellationToken)
    {
        var (gone, numbers) = (new List<string>(), new List<long>());
        foreach (var id in ids)
        {
            if (await RunReader.FindAsync(scope, caller.Tenant.No, id, cancellationToken) is not { } run) continue;
            gone.Add(id);
            numbers.Add(run.RunNo);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.Kind == CallerKind.User ? "user" : "key", caller.Name, "run.deleted", "run", id,
                new { run.WorkflowName, Status = run.Status.ToName(), SortAt = Times.ToIso(run.SortAt), because }), cancellationToken);
        }

        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var data in runData)
            foreach (var (table, count) in await data.DeleteAsync(scope, numbers, cancellationToken))
                rows[table] = rows.GetValueOrDefault(table) + count;
        for (var i = 0; i < gone.Count; i++)
            scope.Emit(new EventDraft(caller.Tenant.No, numbers[i], EventType.RunDeleted, EventText.OfDeleted(gone[i])));
        return (gone, rows);
    }
}

/// <summary>Core's own run-keyed tables. Tags go by the run's key, which their table does not lead with.</summary>
sealed class CoreRunData() : RunTables("steps", "payloads", "annotations", "logs", "log_totals", "events", "run_duplicates", "runs"), IRunData
{
    const string Own = "SELECT tenant_no, sort_at, tags FROM runs WHERE run_no = @run_no";

    IReadOnlyList<string> IRunData.Tables => ["run_tags", .. Tables];

    async Task<IReadOnlyDictionary<string, long>> IRunData.CountAsync(SqlSession sql, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, long>(await CountAsync(sql, runNos, cancellationToken), StringComparer.Ordinal);
        long tags = 0;
        foreach (var runNo in runNos)
            tags += (await sql.Prepare(Own).With(runNo).FirstAsync(r => TextList.Split(r.Text(2)).Length, cancellationToken));
        rows["run_tags"] = tags;
        return rows;
    }

    async Task<IReadOnlyDictionary<string, long>> IRunData.DeleteAsync(WriteScope scope, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        long tags = 0;
        foreach (var runNo in runNos)
        {
            var (tenantNo, sortAt, list) = await scope.Sql.Prepare(Own).With(runNo).FirstAsync(r => (r.GetInt64(0), r.GetInt64(1), TextList.Split(r.Text(2))), cancellationToken);
            foreach (var tag in list ?? [])
                tags += await scope.Sql.Prepare("DELETE FROM run_tags WHERE tenant_no = @tenant_no AND tag = @tag AND sort_at = @sort_at AND run_no = @run_no")
                    .With(tenantNo, tag, sortAt, runNo).ExecuteAsync(cancellationToken);
        }

        return new Dictionary<string, long>(await DeleteAsync(scope, runNos, cancellationToken), StringComparer.Ordinal) { ["run_tags"] = tags };
    }
}
