using RunHub.Model;

namespace RunHub.Store.Rollups;

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

/// <summary>
/// What is usual for a workflow and environment: runs that ended in the 30 days up to the hour of the run, from the rollups and what
/// is not folded into them yet, read at one moment so that each counts once.
/// </summary>
public static class Baseline
{
    const int Hours = 30 * 24;

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
        await ReadAsync(sql, run, "data, ''", "run_rollups", 0, (_, data) => Add(durations, RollupCell.FromBytes(data)), cancellationToken);
        if (run is { DurationMs: { } own } && run.Status.IsFinal()) durations.Add(Histogram.BucketOf(own), -1);
        return Usual.Of(durations);
    }

    /// <summary>How long its steps take, by name; without those of the run itself. Names that are too rare to have figures of their own are missing.</summary>
    /// <param name="sql">A reading session without a transaction.</param>
    /// <param name="run">The run.</param>
    /// <param name="steps">All of its steps.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyDictionary<string, Usual>> OfStepsAsync(SqlSession sql, RunRow run, IReadOnlyCollection<StepRow> steps, CancellationToken cancellationToken)
    {
        var names = steps.Where(IsMeasured).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var byName = new Dictionary<string, Histogram>(StringComparer.Ordinal);
        if (names.Count == 0) return new Dictionary<string, Usual>(StringComparer.Ordinal);
        await ReadAsync(sql, run, "data, step_name", "step_rollups", 1, (name, data) =>
        {
            if (!names.Contains(name)) return;
            if (!byName.TryGetValue(name, out var durations)) byName[name] = durations = new Histogram();
            Add(durations, RollupCell.FromBytes(data));
        }, cancellationToken);
        foreach (var step in steps.Where(IsMeasured))
            if (byName.TryGetValue(step.Name, out var durations)) durations.Add(Histogram.BucketOf(step.DurationMs!.Value), -1);
        return byName.ToDictionary(p => p.Key, p => Usual.Of(p.Value), StringComparer.Ordinal);
    }

    static bool IsMeasured(StepRow step) => step.DurationMs is not null && step.Status.IsFinal();

    static async Task ReadAsync(SqlSession sql, RunRow run, string columns, string table, long kind, Action<string, byte[]> add, CancellationToken cancellationToken)
    {
        var last = run.SortAt / RollupKey.MicrosPerHour;
        await using var moment = await Snapshot.BeginAsync(sql, cancellationToken);
        await using (var reader = await sql.Prepare(Folded.Replace("{0}", columns, StringComparison.Ordinal).Replace("{1}", table, StringComparison.Ordinal))
            .With(last - Hours, last, run.TenantNo, (long)run.Lane, run.Type, run.WorkflowName, run.Environment).ReadAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) add(reader.GetString(1), (byte[])reader.GetValue(0));
        }

        await using var deltas = await sql.Prepare($"SELECT {columns} FROM rollup_deltas WHERE kind = @kind AND hour BETWEEN @first AND @last AND {Where}")
            .With(kind, last - Hours, last, run.TenantNo, (long)run.Lane, run.Type, run.WorkflowName, run.Environment).ReadAsync(cancellationToken);
        while (await deltas.ReadAsync(cancellationToken)) add(deltas.GetString(1), (byte[])deltas.GetValue(0));
    }

    static void Add(Histogram durations, RollupCell cell)
    {
        foreach (var (bucket, count) in cell.Durations.Buckets) durations.Add(bucket, count);
    }
}
