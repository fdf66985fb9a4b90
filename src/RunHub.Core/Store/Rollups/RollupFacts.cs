using RunHub.Model;

namespace RunHub.Store.Rollups;

/// <summary>What a run or step contributes, and to which cell.</summary>
static class RollupFacts
{
    public static RollupKey KeyOf(RunRow run) => new(false, run.TenantNo, run.SortAt / RollupKey.MicrosPerHour, (long)run.Lane, run.Type, run.WorkflowName,
        run.WorkflowVersion ?? "", run.Environment, run.Trigger ?? "");

    public static RollupKey KeyOf(RunRow run, StepRow step) =>
        KeyOf(run) with { IsStep = true, StepName = step.Name, StepType = (long)step.Type, Model = step.Model ?? "" };

    public static RollupFact FactOf(RunRow run)
    {
        var isRerun = run.Attempt > 1 || run.ParentRunId is not null;
        return new RollupFact(run.Status, run.Tokens ?? 0, run.CostNano ?? 0, run.ComputeMs ?? 0, run.Retries,
            run.FirstPassSuccess ?? (run.Status == RunStatus.Completed && run.Retries == 0 && !(run.Attempt > 1)), isRerun,
            run.Status.IsFinal() ? run.DurationMs : null);
    }

    public static RollupFact FactOf(StepRow step) => new(step.Status, step.Tokens ?? 0, step.CostNano ?? 0, step.ComputeMs ?? 0, step.Retries,
        step.Status == RunStatus.Completed && step.Retries == 0, step.Retries > 0, step.Status.IsFinal() ? step.DurationMs : null);
}
