using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Runs.Why;

/// <summary>A step that took longer than it usually does.</summary>
/// <param name="Step">The step.</param>
/// <param name="Usual">What is usual for steps of its name in this workflow and environment.</param>
public sealed record SlowStep(StepRow Step, Usual Usual)
{
    const int MaxSteps = 1000, MaxShown = 5;

    /// <summary>Steps of a run that took longer than 19 of 20 of their name did, those that lost the most time first.</summary>
    public static async Task<IReadOnlyList<SlowStep>> OfAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var steps = await RunReader.StepsAsync(sql, run.RunNo, StepPosition.Start, MaxSteps, cancellationToken);
        var usual = await Baseline.OfStepsAsync(sql, run, steps, cancellationToken);
        var slow = from step in steps
                   where step.Status.IsFinal() && usual.ContainsKey(step.Name)
                   let its = usual[step.Name]
                   where its.IsExceededBy(step.DurationMs)
                   orderby step.DurationMs - its.P50 descending
                   select new SlowStep(step, its);
        return [.. slow.Take(MaxShown)];
    }
}
