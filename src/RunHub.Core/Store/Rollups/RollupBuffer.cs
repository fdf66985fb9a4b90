namespace RunHub.Store.Rollups;

/// <summary>
/// Collects what a transaction changes in the rollups and appends it as deltas, one row per touched cell. They are folded
/// into <c>run_rollups</c> and <c>step_rollups</c> by <see cref="FoldRollups"/>.
/// </summary>
sealed class RollupBuffer
{
    readonly List<(RollupKey Key, RollupFact Fact, int Sign)> entries = [];

    public void Add(in RollupKey key, in RollupFact fact, int sign) => entries.Add((key, fact, sign));

    public void Clear() => entries.Clear();

    public int Mark() => entries.Count;

    public void RollBackTo(int mark) => entries.RemoveRange(mark, entries.Count - mark);

    public static async Task WriteAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        var changes = scope.Rollups.entries;
        if (changes.Count == 0) return;
        var cells = new Dictionary<RollupKey, RollupCell>();
        foreach (var (key, fact, sign) in changes)
        {
            if (!cells.TryGetValue(key, out var cell)) cells[key] = cell = new RollupCell();
            cell.Add(fact, sign);
        }

        var insert = scope.Sql.Prepare("""
            INSERT INTO rollup_deltas (kind, tenant_no, hour, lane, type, workflow_name, workflow_version, environment, trigger, step_name, step_type, model, data)
            VALUES (@kind, @tenant_no, @hour, @lane, @type, @workflow_name, @workflow_version, @environment, @trigger, @step_name, @step_type, @model, @data)
            """);
        foreach (var (k, cell) in cells)
        {
            if (cell.IsZero) continue;
            await insert.With(k.IsStep ? 1L : 0L, k.TenantNo, k.Hour, k.Lane, k.Type, k.WorkflowName, k.WorkflowVersion, k.Environment, k.Trigger,
                k.StepName, k.StepType, k.Model, cell.ToBytes()).ExecuteAsync(cancellationToken);
        }
    }
}
