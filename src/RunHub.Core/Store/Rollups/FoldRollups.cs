using System.Data.Common;

namespace RunHub.Store.Rollups;

/// <summary>
/// Folds deltas into the rollup tables, a few thousand at a time, in the write lane: reading, adding up and deleting them
/// is one transaction, so that a reader who adds unfolded deltas to the tables counts each once.
/// </summary>
public sealed class FoldRollups(WriteLane lane)
{
    const int BatchSize = 2000;
    const string Dims = "tenant_no, hour, lane, type, workflow_name, workflow_version, environment, trigger";
    const string StepDims = Dims + ", step_name, step_type, model";

    /// <summary>Folds all there is now; answers how many deltas.</summary>
    public async Task<int> HandleAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var folded = await lane.Run(FoldBatchAsync, cancellationToken);
            total += folded;
            if (folded < BatchSize) return total;
        }
    }

    static async ValueTask<int> FoldBatchAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        // One node folds at a time: two of them adding to the same cell would lose one sum.
        if (!scope.Sql.IsSqlite) await scope.Sql.Prepare("SELECT pg_advisory_xact_lock(@lock)").With(PostgresLocks.FoldRollups).ExecuteAsync(cancellationToken);
        var cells = new Dictionary<RollupKey, RollupCell>();
        var seqs = new List<long>();
        await using (var reader = await scope.Sql.Prepare($"SELECT seq, kind, {StepDims}, data FROM rollup_deltas ORDER BY seq LIMIT @limit")
            .With((long)BatchSize).ReadAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                seqs.Add(reader.GetInt64(0));
                var key = ReadKey(reader);
                if (!cells.TryGetValue(key, out var cell)) cells[key] = cell = new RollupCell();
                cell.Add(RollupCell.FromBytes((byte[])reader.GetValue(13)));
            }
        }

        foreach (var (key, cell) in cells.OrderBy(c => c.Key.Hour)) await AddAsync(scope, key, cell, cancellationToken);
        var delete = scope.Sql.Prepare("DELETE FROM rollup_deltas WHERE seq = @seq");
        foreach (var seq in seqs) await delete.With(seq).ExecuteAsync(cancellationToken);
        return seqs.Count;
    }

    static RollupKey ReadKey(DbDataReader r) => new(r.GetInt64(1) == 1, r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetString(5), r.GetString(6),
        r.GetString(7), r.GetString(8), r.GetString(9), r.GetString(10), r.GetInt64(11), r.GetString(12));

    static async Task AddAsync(WriteScope scope, RollupKey key, RollupCell delta, CancellationToken cancellationToken)
    {
        var table = key.IsStep ? "step_rollups" : "run_rollups";
        var names = (key.IsStep ? StepDims : Dims).Split(", ");
        object?[] values = [key.TenantNo, key.Hour, key.Lane, key.Type, key.WorkflowName, key.WorkflowVersion, key.Environment, key.Trigger,
            .. key.IsStep ? new object?[] { key.StepName, key.StepType, key.Model } : []];
        var where = string.Join(" AND ", names.Select(n => $"{n} = @{n}"));
        var old = await scope.Sql.Prepare($"SELECT data FROM {table} WHERE {where}").With(values).FirstAsync(r => (byte[])r.GetValue(0), cancellationToken);
        if (old is not null) delta.Add(RollupCell.FromBytes(old));
        await scope.Sql.Prepare($"""
            INSERT INTO {table} ({string.Join(", ", names)}, data) VALUES ({string.Join(", ", names.Select(n => "@" + n))}, @data)
            ON CONFLICT ({string.Join(", ", names)}) DO UPDATE SET data = excluded.data
            """).With([.. values, delta.ToBytes()]).ExecuteAsync(cancellationToken);
    }
}
