using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.IntegrationTests.Stats;

/// <summary>Random runs with the deltas that their writing would have left, some folded and some not.</summary>
static class StatsSeed
{
    public static async Task<List<RunRow>> FillAsync(TestHub hub, Random random, int count = 400)
    {
        var rows = Enumerable.Range(1, count).Select(n => RandomRuns.Row(random, n)).ToList();
        // Anywhere within the hour, so that ranges cut hours in two.
        foreach (var row in rows) row.SortAt += random.Next(3600) * 1_000_000L + random.Next(1000);
        await hub.SeedAsync(rows);
        await DeltasAsync(hub, rows.Take(count / 2), 1);
        // A run that was counted, and is counted otherwise now.
        await DeltasAsync(hub, rows.Take(20), -1);
        await hub.Get<FoldRollups>().HandleAsync(default);
        await DeltasAsync(hub, rows.Take(20), 1);
        await DeltasAsync(hub, rows.Skip(count / 2), 1);
        // Another tenant's.
        var theirs = Enumerable.Range(1, 50).Select(n => RandomRuns.Row(random, n)).ToList();
        foreach (var row in theirs) (row.TenantNo, row.RunNo) = (row.TenantNo + 1, row.RunNo + (1L << 40));
        await hub.SeedAsync(theirs);
        await DeltasAsync(hub, theirs, 1);
        return rows;
    }

    /// <summary>What a run adds to the figures.</summary>
    public static RollupFact Fact(RunRow run) => new(run.Status, run.Tokens ?? 0, run.CostNano ?? 0, 0, 0, false, false, run.Status.IsFinal() ? run.DurationMs : null);

    static Task DeltasAsync(TestHub hub, IEnumerable<RunRow> rows, int sign) => hub.Get<WriteLane>().Run(async (scope, ct) =>
    {
        foreach (var run in rows)
        {
            var cell = new RollupCell();
            cell.Add(Fact(run), sign);
            await scope.Sql.Prepare("""
                INSERT INTO rollup_deltas (kind, tenant_no, hour, lane, type, workflow_name, workflow_version, environment, trigger, step_name, step_type, model, data)
                VALUES (0, @tenant_no, @hour, @lane, @type, @workflow_name, @workflow_version, @environment, @trigger, '', 0, '', @data)
                """).With(run.TenantNo, run.SortAt / RollupKey.MicrosPerHour, (long)run.Lane, run.Type, run.WorkflowName, run.WorkflowVersion ?? "", run.Environment, run.Trigger ?? "", cell.ToBytes()).ExecuteAsync(ct);
        }
    }, default);
}
