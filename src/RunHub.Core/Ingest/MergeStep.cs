using RunHub.Model;

namespace RunHub.Ingest;

/// <summary>Puts what arrived into a step's row, by the rules of <see cref="MergeRun"/>. A step that is tried again may end differently.</summary>
static class MergeStep
{
    static readonly Dictionary<string, Action<StepRow>> Clearing = new(StringComparer.Ordinal)
    {
        ["node_id"] = s => s.NodeId = null,
        ["label"] = s => s.Label = null,
        ["parent_step_id"] = s => s.ParentStepId = null,
        ["started_at"] = s => (s.StartedAt, s.DurationMs) = (null, s.Flags.HasFlag(StepFlags.DurationGiven) ? s.DurationMs : null),
        ["completed_at"] = s => (s.CompletedAt, s.DurationMs) = (null, s.Flags.HasFlag(StepFlags.DurationGiven) ? s.DurationMs : null),
        ["duration_ms"] = s => (s.DurationMs, s.Flags) = (null, s.Flags & ~StepFlags.DurationGiven),
        ["model"] = s => s.Model = null,
        ["tool"] = s => s.Tool = null,
        ["endpoint"] = s => s.Endpoint = null,
        ["tokens"] = s => s.Tokens = null,
        ["tokens_in"] = s => s.TokensIn = null,
        ["tokens_out"] = s => s.TokensOut = null,
        ["compute_ms"] = s => s.ComputeMs = null,
        ["cost_usd"] = s => s.CostNano = null,
        ["span_id"] = s => s.SpanId = null,
        ["error_code"] = s => s.ErrorCode = null,
        ["error_class"] = s => s.ErrorClass = null,
        ["error_message"] = s => s.ErrorMessage = null,
        ["error_stack"] = _ => { },
        ["parameters_redacted"] = _ => { },
        ["reasons"] = _ => { },
        ["attributes"] = _ => { },
        ["input_redacted"] = s => s.Input = null,
        ["output_redacted"] = s => s.Output = null,
        ["passed"] = s => s.ValidationPassed = null,
        ["score"] = s => s.ValidationScore = null,
    };

    public static StepRow? Create(IngestItem item, StepWrite step, int index, string id, long runNo, long ord)
    {
        if (step.Name is null && step.NodeId is null && step.Label is null)
        {
            item.Reject(400, $"$.steps[{index}].name", "A new step needs a name.");
            return null;
        }

        var row = new StepRow
        {
            RunNo = runNo,
            Id = id,
            Ord = step.Order ?? ord,
            Name = step.Name ?? step.Label ?? step.NodeId!,
            Type = step.Model is not null ? StepType.Model : step.Tool is not null ? StepType.Tool : StepType.Io,
            Status = step.Status ?? (step.CompletedAt is null ? RunStatus.Running : step.ErrorMessage is null ? RunStatus.Completed : RunStatus.Failed),
        };
        Fields(row, step);
        Derive(row);
        return row;
    }

    public static bool Into(StepRow row, IngestItem item, StepWrite step, int index, long now)
    {
        foreach (var name in step.Clear ?? [])
        {
            if (!Clearing.TryGetValue(name, out var clear))
            {
                item.Reject(400, $"$.steps[{index}].{name}", "This cannot be removed.");
                return false;
            }

            clear(row);
        }

        if (step.FillOnly)
        {
            Fill(row, step);
            return true;
        }

        var before = row.Status;
        var triedAgain = step.Retries > row.Retries;
        if (step.Status is { } status && status != before)
        {
            // A span that comes again, or one whose step was reported, does not argue.
            if (before.IsFinal() && status.IsFinal() && !triedAgain && item.Run.Derived is null)
            {
                item.Reject(409, $"$.steps[{index}].status", $"The step ended as {before.ToName()}; it cannot end as {status.ToName()} as well, unless retries went up.");
                return false;
            }

            if (triedAgain && item.Run.Derived is null || !before.IsFinal() && status != RunStatus.Queued) row.Status = status;
        }

        Fields(row, step);
        if (row.Status != before && row.Status.IsFinal() && row.CompletedAt is null) (row.CompletedAt, row.Flags) = (Math.Max(now, row.StartedAt ?? 0), row.Flags | StepFlags.EndAssumed);
        if (!TimesFit(row, item, step, index, triedAgain)) return false;
        Derive(row);
        return true;
    }

    /// <summary>As for runs; the end of an earlier try lies before the start of the next, and spans are taken as they are.</summary>
    static bool TimesFit(StepRow row, IngestItem item, StepWrite step, int index, bool triedAgain)
    {
        if (item.Run.Derived is not null || triedAgain) return true;
        if (row.Status.IsFinal() && row.CompletedAt is null && step.Clear?.Contains("completed_at", StringComparer.Ordinal) is true)
        {
            item.Reject(400, $"$.steps[{index}].completed_at", "A step that ended has an end; send when it was instead.");
            return false;
        }

        if (step.StartedAt is null && step.CompletedAt is null || !(row.CompletedAt < row.StartedAt)) return true;
        if (step.CompletedAt is null && row.Flags.HasFlag(StepFlags.EndAssumed)) row.CompletedAt = row.StartedAt;
        else if (step.CompletedAt is not null) item.Reject(400, $"$.steps[{index}].completed_at", $"The step cannot end before it starts ({Times.ToIso(row.StartedAt!.Value)}).");
        else if (row.Retries == 0) item.Reject(400, $"$.steps[{index}].started_at", $"The step cannot start after it ended ({Times.ToIso(row.CompletedAt!.Value)}).");
        return item.Rejection is null;
    }

    /// <summary>A duration that came in is kept, whatever the times say.</summary>
    static void Derive(StepRow row)
    {
        // Of steps from before that was noted, a duration without times to work it out from came in as well.
        if (!row.Flags.HasFlag(StepFlags.DurationGiven)) row.DurationMs = Duration(row) ?? row.DurationMs;
    }

    static long? Duration(StepRow row) =>
        row.StartedAt is { } started && row.CompletedAt is { } completed && completed >= started ? (completed - started) / 1000 : null;

    /// <summary>What a log record may add to a step: nothing the step knows already.</summary>
    static void Fill(StepRow row, StepWrite step)
    {
        row.ParentStepId ??= step.ParentStepId;
        row.SpanId ??= step.SpanId;
        row.Model ??= step.Model;
        row.ErrorCode ??= step.ErrorCode;
        if (row.ErrorMessage is null && step.ErrorMessage is { } message) row.ErrorMessage = MergeRun.Short(message);
        if (row.Status == RunStatus.Failed) row.ErrorClass ??= ErrorClasses.Derive(row.ErrorCode, row.ErrorMessage);
    }

    static void Fields(StepRow row, StepWrite step)
    {
        row.Ord = step.Order ?? row.Ord;
        if (step.SubtreeUsage is not null) row.SubtreeUsage = StoredUsage.Write(step.SubtreeUsage);
        row.Name = step.Name ?? row.Name;
        row.Type = step.Type ?? row.Type;
        row.NodeId = step.NodeId ?? row.NodeId;
        row.Label = step.Label ?? row.Label;
        row.ParentStepId = step.ParentStepId ?? row.ParentStepId;
        row.StartedAt = step.StartedAt?.ToMicros() ?? row.StartedAt;
        if (step.CompletedAt is { } completed) (row.CompletedAt, row.Flags) = (completed.ToMicros(), row.Flags & ~StepFlags.EndAssumed);
        if (step.DurationMs is { } duration) (row.DurationMs, row.Flags) = (duration, row.Flags | StepFlags.DurationGiven);
        row.Retries = step.Retries ?? row.Retries;
        row.Model = step.Model ?? row.Model;
        row.Tool = step.Tool ?? row.Tool;
        row.Endpoint = step.Endpoint ?? row.Endpoint;
        row.TokensIn = step.TokensIn ?? row.TokensIn;
        row.TokensOut = step.TokensOut ?? row.TokensOut;
        row.Tokens = step.Tokens ?? (step.TokensIn ?? step.TokensOut) switch
        {
            null => row.Tokens,
            _ => (row.TokensIn ?? 0) + (row.TokensOut ?? 0),
        };
        row.ComputeMs = step.ComputeMs ?? row.ComputeMs;
        if (step.CostUsd is { } cost) row.CostNano = Money.ToNano(cost);
        row.SpanId = step.SpanId ?? row.SpanId;
        row.ErrorCode = step.ErrorCode ?? row.ErrorCode;
        if (step.ErrorMessage is { } message) row.ErrorMessage = MergeRun.Short(message);
        row.ErrorClass = step.ErrorClass ?? row.ErrorClass;
        if (row.Status == RunStatus.Failed) row.ErrorClass ??= ErrorClasses.Derive(row.ErrorCode, row.ErrorMessage);
        row.ValidationPassed = step.ValidationPassed ?? row.ValidationPassed;
        row.ValidationScore = step.ValidationScore ?? row.ValidationScore;
    }
}
