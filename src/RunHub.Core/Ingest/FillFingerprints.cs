using Quartz;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Ingest;

/// <summary>
/// Gives failures that were stored before there were fingerprints theirs, some hundreds at a time: worked out beside the write lane, which
/// only takes them down. What is left is an index, so that whoever stops in between goes on there, and who has nothing to do knows at once.
/// </summary>
public sealed class FillFingerprints(Database database, WriteLane lane)
{
    const int BatchSize = 500;

    static readonly RowProjection<RunRow> Columns = RunRow.Table.Project("run_no", "workflow_name", "error_code", "error_class", "error_message");

    /// <summary>Fills all there are now; answers how many.</summary>
    public async Task<int> HandleAsync(CancellationToken cancellationToken)
    {
        var (filled, after) = (0, -1L);
        while (true)
        {
            var runs = await NextAsync(after, cancellationToken);
            if (runs.Count == 0) return filled;
            var fingerprints = runs.ConvertAll(r => (r.RunNo, Fingerprint: ErrorFingerprint.Of(r)));
            filled += await lane.Run(async (scope, ct) =>
            {
                var written = 0;
                // One that was written meanwhile has got its own, or has not failed after all.
                foreach (var (runNo, fingerprint) in fingerprints)
                    written += await scope.Sql.Prepare("UPDATE runs SET fingerprint = @fingerprint WHERE run_no = @run_no AND status = 4 AND fingerprint IS NULL").With(fingerprint, runNo).ExecuteAsync(ct);
                return written;
            }, cancellationToken);
            if (runs.Count < BatchSize) return filled;
            after = runs[^1].RunNo;
        }
    }

    async Task<List<RunRow>> NextAsync(long after, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        // Said outright: the table's own order would do as well, and be walked to its end.
        var index = sql.IsSqlite ? "INDEXED BY ix_runs_no_fingerprint" : "";
        return await sql.Prepare($"SELECT {Columns.Sql} FROM runs {index} WHERE status = 4 AND fingerprint IS NULL AND run_no > @after ORDER BY run_no LIMIT @limit").With(after, (long)BatchSize)
            .ListAsync(r => Columns.Read(r), cancellationToken);
    }
}

/// <summary>Fills fingerprints that are missing, after an update from a version without them.</summary>
[DisallowConcurrentExecution]
public sealed class FillFingerprintsJob(FillFingerprints fill) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await fill.HandleAsync(cancellationToken);
        }
        catch (LaneFullException)
        {
            // Ingest has the lane to itself now; the next time goes on where this one stopped.
        }
    }
}
