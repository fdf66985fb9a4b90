using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Runs.Compare;

/// <summary>One step of a comparison.</summary>
/// <param name="Run">In the run; null: it has none.</param>
/// <param name="Other">In the other run; null: it had none.</param>
/// <param name="Moved">Both have it in another order.</param>
/// <param name="Input">Its inputs; null: neither has any.</param>
/// <param name="Output">Its outputs; null: neither has any.</param>
public sealed record ComparedStep(StepRow? Run, StepRow? Other, bool Moved, PayloadDiff? Input, PayloadDiff? Output)
{
    /// <summary>The step, in the run where it is there.</summary>
    public StepRow Step => Run ?? Other!;

    /// <summary>In what the runs part here: <c>missing</c>, <c>added</c>, <c>order</c>, <c>status</c>, <c>model</c>, <c>output</c>.</summary>
    public IReadOnlyList<string> Differs { get; } = [.. Ways(Run, Other, Moved, Output)];

    /// <summary>The inputs are not the same; what follows from an earlier step, so no divergence by itself.</summary>
    public bool InputDiffers => Input is { Same: false };

    static IEnumerable<string> Ways(StepRow? run, StepRow? other, bool moved, PayloadDiff? output)
    {
        if (run is null) yield return "missing";
        if (other is null) yield return "added";
        if (run is null || other is null) yield break;
        if (moved) yield return "order";
        if (run.Status != other.Status) yield return "status";
        if (!string.Equals(run.Model, other.Model, StringComparison.Ordinal)) yield return "model";
        if (output is { Same: false }) yield return "output";
    }
}

/// <summary>Two runs beside each other.</summary>
/// <param name="Run">The run that is looked at.</param>
/// <param name="Other">The one it is compared with, what was before.</param>
/// <param name="Inputs">Their inputs; null: neither has any, or not asked for.</param>
/// <param name="Outputs">Their outputs.</param>
/// <param name="Steps">Their steps, aligned.</param>
/// <param name="IsPart">One has more than <see cref="MaxSteps"/> steps; those after are not compared.</param>
public sealed record RunComparison(RunRow Run, RunRow Other, PayloadDiff? Inputs, PayloadDiff? Outputs, IReadOnlyList<ComparedStep> Steps, bool IsPart)
{
    /// <summary>Steps of each run that are compared.</summary>
    public const int MaxSteps = 1000;

    // Unpacked at once, and lines of differences in one answer: both bound what one request may take.
    const long BatchBytes = 8 << 20;
    const int MaxLines = 6000;

    /// <summary>Place of the first step in which they part; null: in none.</summary>
    public int? FirstDivergence { get; } = First(Steps);

    /// <summary>Nothing that is compared differs but times.</summary>
    public bool Same => FirstDivergence is null && Run.Status == Other.Status && Inputs is null or { Same: true } && Outputs is null or { Same: true } && Steps.All(s => !s.InputDiffers);

    /// <summary>Reads both and compares them.</summary>
    /// <param name="sql">Where to read.</param>
    /// <param name="run">The run.</param>
    /// <param name="other">The one before.</param>
    /// <param name="withLines">Say where payloads differ; else only whether, and nothing of the runs' own payloads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RunComparison> ReadAsync(SqlSession sql, RunRow run, RunRow other, bool withLines, CancellationToken cancellationToken)
    {
        var mine = await RunReader.StepsAsync(sql, run.RunNo, StepPosition.Start, MaxSteps + 1, cancellationToken);
        var theirs = await RunReader.StepsAsync(sql, other.RunNo, StepPosition.Start, MaxSteps + 1, cancellationToken);
        var isPart = mine.Count > MaxSteps || theirs.Count > MaxSteps;
        var aligned = AlignSteps.Of([.. mine.Take(MaxSteps)], [.. theirs.Take(MaxSteps)], AlignSteps.KeyOf);
        var diffs = new Diffs(sql, run.RunNo, other.RunNo, withLines ? MaxLines : 0);
        PayloadDiff? inputs = null, outputs = null;
        if (withLines)
        {
            var own = await diffs.OfAsync([(run.Inputs, other.Inputs), (run.Outputs, other.Outputs)], cancellationToken);
            (inputs, outputs) = (own[0], own[1]);
        }

        var found = await diffs.OfAsync([.. aligned.SelectMany(a => new[] { (withLines ? a.Run?.Input : null, withLines ? a.Other?.Input : null), (a.Run?.Output, a.Other?.Output) })], cancellationToken);
        var steps = aligned.Select((a, i) => new ComparedStep(a.Run, a.Other, a.Moved, found[i * 2], found[i * 2 + 1]));
        return new RunComparison(run, other, inputs, outputs, [.. steps], isPart);
    }

    /// <summary>The newest completed run of the same workflow, environment and lane before this one; null: there is none among the newest 20,000.</summary>
    public static async Task<RunRow?> LastSuccessAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var like = (long)run.Lane * 8 + (long)RunStatus.Completed;
        // Nearly always one of the newest: the second look is for workflows that run in another environment most of the time.
        foreach (var limit in new[] { 100L, 20_000L })
        {
            var found = await sql.Prepare("""
                SELECT run_no FROM (
                  SELECT run_no, environment, sort_at FROM runs
                  WHERE tenant_no = @tenant_no AND workflow_name = @workflow_name AND lane_status = @lane_status AND (sort_at, run_no) < (@sort_at, @run_no)
                  ORDER BY sort_at DESC, run_no DESC LIMIT @limit) newest
                WHERE environment = @environment ORDER BY sort_at DESC, run_no DESC LIMIT 1
                """).With(run.TenantNo, run.WorkflowName, like, run.SortAt, run.RunNo, limit, run.Environment).ScalarAsync<long?>(cancellationToken);
            if (found is { } no) return await RunReader.FindAsync(sql, no, cancellationToken);
        }

        return null;
    }

    static int? First(IReadOnlyList<ComparedStep> steps)
    {
        for (var i = 0; i < steps.Count; i++)
            if (steps[i].Differs.Count > 0) return i;
        return null;
    }

    /// <summary>Compares pairs of payloads, a few megabytes unpacked at a time.</summary>
    sealed class Diffs(SqlSession sql, long runNo, long otherNo, int mostLines)
    {
        int linesLeft = mostLines;

        public async Task<List<PayloadDiff?>> OfAsync(IReadOnlyList<(PayloadRef? Run, PayloadRef? Other)> pairs, CancellationToken cancellationToken)
        {
            var found = new List<PayloadDiff?>(pairs.Count);
            for (var from = 0; from < pairs.Count;)
            {
                var (to, bytes) = (from, 0L);
                while (to < pairs.Count && (to == from || bytes + Wanted(pairs[to]) <= BatchBytes)) bytes += Wanted(pairs[to++]);
                var batch = pairs.Skip(from).Take(to - from).Where(p => Wanted(p) > 0).ToList();
                var mine = await RunReader.PayloadsAsync(sql, runNo, batch.Select(p => p.Run), cancellationToken);
                var theirs = await RunReader.PayloadsAsync(sql, otherNo, batch.Select(p => p.Other), cancellationToken);
                for (; from < to; from++) found.Add(Diff(pairs[from], mine, theirs));
                cancellationToken.ThrowIfCancellationRequested();
            }

            return found;
        }

        PayloadDiff? Diff((PayloadRef? Run, PayloadRef? Other) pair, PayloadSet mine, PayloadSet theirs)
        {
            var (run, other) = (mine[pair.Run], theirs[pair.Other]);
            if (IsLarge(pair)) return PayloadDiff.OfLarge(run, pair.Run?.Length, other, pair.Other?.Length);
            var diff = PayloadDiff.Of(run, other, linesLeft > 0);
            linesLeft -= diff?.Lines.Count ?? 0;
            return diff;
        }

        static bool IsLarge((PayloadRef? Run, PayloadRef? Other) pair) => pair.Run is { Length: > PayloadDiff.MaxBytes } || pair.Other is { Length: > PayloadDiff.MaxBytes };

        // Large ones of different size need not be read to know that they differ.
        static long Wanted((PayloadRef? Run, PayloadRef? Other) pair) =>
            IsLarge(pair) && pair.Run?.Length != pair.Other?.Length ? 0 : (pair.Run?.Length ?? 0) + (pair.Other?.Length ?? 0);
    }
}

/// <summary>Finds the two runs of a comparison.</summary>
public sealed class ReadComparison(Database database)
{
    /// <summary>Stands for the other run: see <see cref="RunComparison.LastSuccessAsync"/>.</summary>
    public const string LastSuccess = "last-success";

    /// <summary>Compares two runs of a tenant.</summary>
    /// <exception cref="ProblemException">404: one of them is not here, or there is no last success.</exception>
    public async Task<RunComparison> HandleAsync(long tenantNo, string id, string otherId, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, tenantNo, id, cancellationToken);
        var other = otherId == LastSuccess
            ? await RunComparison.LastSuccessAsync(sql, run, cancellationToken) ?? throw new ProblemException(404, "Not found.", $"No run of {run.WorkflowName} in {run.Environment} was completed before {id}.")
            : await RunReader.GetAsync(sql, tenantNo, otherId, cancellationToken);
        return await RunComparison.ReadAsync(sql, run, other, withLines: true, cancellationToken);
    }

    /// <summary>The run, and the last success before it.</summary>
    /// <exception cref="ProblemException">404: no such run.</exception>
    public async Task<(RunRow Run, RunRow? LastSuccess)> LastSuccessAsync(long tenantNo, string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, tenantNo, id, cancellationToken);
        return (run, await RunComparison.LastSuccessAsync(sql, run, cancellationToken));
    }
}
