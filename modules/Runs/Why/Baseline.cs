using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Runs.Why;

/// <summary>How long something usually takes.</summary>
/// <param name="Count">How many were measured, without the one that is looked at.</param>
/// <param name="P50">Half took less, milliseconds; null: too few.</param>
/// <param name="P95">19 of 20 took less, milliseconds; null: too few.</param>
public readonly record struct Usual(long Count, long? P50, long? P95)
{
    /// <summary>Fewer say nothing about what is usual.</summary>
    public const int Fewest = 20;

    /// <summary>Longer than 19 of 20, beyond what a bucket of the histogram can be off.</summary>
    public bool IsExceededBy(long? ms) => ms > P95 * 1.02;

    internal static Usual Of(Histogram durations) => durations.Count < Fewest ? new(Math.Max(0, durations.Count), null, null)
        : new(durations.Count, (long)Math.Round(durations.Quantile(0.5)!.Value), (long)Math.Round(durations.Quantile(0.95)!.Value));
}

/// <summary>A step that took longer than it usually does.</summary>
/// <param name="Step">The step.</param>
/// <param name="Usual">What is usual for steps of its name in this workflow and environment.</param>
public sealed record SlowStep(StepRow Step, Usual Usual);

/// <summary>
/// What is usual for a workflow and environment: runs that ended in the 30 days up to the hour of the run, from the rollups and what
/// is not folded into them yet, read at one moment so that each counts once.
/// </summary>
public static class Baseline
{
    const int Hours = 30 * 24, MaxSteps = 1000, MaxShown = 5;

    const string Where = "tenant_no = @tenant_no AND lane = @lane AND type = @type AND workflow_name = @workflow_name AND environment = @environment";

    // A look-up for each hour: the hours of other workflows are not read.
    const string Folded = """
        WITH RECURSIVE hours (at) AS (SELECT CAST(@first AS BIGINT) UNION ALL SELECT at + 1 FROM hours WHERE at < @last)
        SELECT {0} FROM hours CROSS JOIN {1} r
        WHERE r.tenant_no = @tenant_no AND r.hour = hours.at AND r.lane = @lane AND r.type = @type AND r.workflow_name = @workflow_name AND r.environment = @environment
        """;

    /// <summary>How long runs like this one take.</summary>
    public static async Task<Usual> OfRunAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var durations = new Histogram();
        await ReadAsync(sql, run, "data, ''", "run_rollups", 0, (_, cell) => Add(durations, cell), cancellationToken);
        if (run is { DurationMs: { } own } && run.Status.IsFinal()) durations.Add(Histogram.BucketOf(own), -1);
        return Usual.Of(durations);
    }

    /// <summary>Steps of a run that took longer than 19 of 20 of their name did, those that lost the most time first.</summary>
    public static async Task<IReadOnlyList<SlowStep>> SlowStepsAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var steps = (await RunReader.StepsAsync(sql, run.RunNo, StepPosition.Start, MaxSteps, cancellationToken)).Where(s => s.DurationMs is not null && s.Status.IsFinal()).ToList();
        var names = steps.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var byName = new Dictionary<string, Histogram>(StringComparer.Ordinal);
        await ReadAsync(sql, run, "data, step_name", "step_rollups", 1, (name, cell) =>
        {
            if (!names.Contains(name)) return;
            if (!byName.TryGetValue(name, out var durations)) byName[name] = durations = new Histogram();
            Add(durations, cell);
        }, cancellationToken);
        foreach (var step in steps)
            if (byName.TryGetValue(step.Name, out var durations)) durations.Add(Histogram.BucketOf(step.DurationMs!.Value), -1);
        var slow = from step in steps
                   where byName.ContainsKey(step.Name)
                   let usual = Usual.Of(byName[step.Name])
                   where usual.IsExceededBy(step.DurationMs)
                   orderby step.DurationMs - usual.P50 descending
                   select new SlowStep(step, usual);
        return [.. slow.Take(MaxShown)];
    }

    static async Task ReadAsync(SqlSession sql, RunRow run, string columns, string table, long kind, Action<string, RollupCell> add, CancellationToken cancellationToken)
    {
        var last = run.SortAt / RollupKey.MicrosPerHour;
        await using var moment = await Snapshot.BeginAsync(sql, cancellationToken);
        await using (var reader = await sql.Prepare(Folded.Replace("{0}", columns, StringComparison.Ordinal).Replace("{1}", table, StringComparison.Ordinal))
            .With(last - Hours, last, run.TenantNo, (long)run.Lane, run.Type, run.WorkflowName, run.Environment).ReadAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) add(reader.GetString(1), RollupCell.FromBytes((byte[])reader.GetValue(0)));
        }

        await using var deltas = await sql.Prepare($"SELECT {columns} FROM rollup_deltas WHERE kind = @kind AND hour BETWEEN @first AND @last AND {Where}")
            .With(kind, last - Hours, last, run.TenantNo, (long)run.Lane, run.Type, run.WorkflowName, run.Environment).ReadAsync(cancellationToken);
        while (await deltas.ReadAsync(cancellationToken)) add(deltas.GetString(1), RollupCell.FromBytes((byte[])deltas.GetValue(0)));
    }

    static void Add(Histogram durations, RollupCell cell)
    {
        foreach (var (bucket, count) in cell.Durations.Buckets) durations.Add(bucket, count);
    }
}
