using RunHub.Access;
using RunHub.Model;

namespace RunHub.Ingest;

/// <summary>
/// Puts what arrived into a run's row: absent keeps, named in <see cref="RunWrite.Clear"/> removes. Pure; the lane writes
/// the row. Status: a final one stays, an earlier one arriving late is ignored, a different final one is a conflict.
/// </summary>
static class MergeRun
{
    const string DefaultType = "workflow";
    const string DefaultEnvironment = "prod";

    static readonly Dictionary<string, Action<RunRow>> Clearing = new(StringComparer.Ordinal)
    {
        ["name"] = r => r.Name = null,
        ["workflow_version"] = r => r.WorkflowVersion = null,
        ["started_at"] = r => r.StartedAt = null,
        ["completed_at"] = r => r.CompletedAt = null,
        ["duration_ms"] = r => (r.DurationMs, r.Flags) = (null, r.Flags & ~RunFlags.DurationGiven),
        ["actor"] = r => r.Actor = null,
        ["hitl"] = r => r.Hitl = null,
        ["trigger"] = r => r.Trigger = null,
        ["started_by"] = r => r.StartedBy = null,
        ["owner"] = r => r.Owner = null,
        ["business_event_id"] = r => r.BusinessEventId = null,
        ["lead_id"] = r => r.LeadId = null,
        ["batch_id"] = r => r.BatchId = null,
        ["thread_id"] = r => r.ThreadId = null,
        ["agent_id"] = r => r.AgentId = null,
        ["trace_id"] = r => r.TraceId = null,
        ["parent_run_id"] = r => r.ParentRunId = null,
        ["root_run_id"] = r => r.RootRunId = null,
        ["attempt"] = r => r.Attempt = null,
        ["progress"] = r => r.Progress = null,
        ["tokens"] = r => (r.Tokens, r.Flags) = (null, r.Flags & ~RunFlags.TokensGiven),
        ["compute_ms"] = r => (r.ComputeMs, r.Flags) = (null, r.Flags & ~RunFlags.ComputeGiven),
        ["cost_usd"] = r => (r.CostNano, r.Flags) = (null, r.Flags & ~RunFlags.CostGiven),
        ["error_code"] = r => r.ErrorCode = null,
        ["error_class"] = r => r.ErrorClass = null,
        ["error_message"] = r => r.ErrorMessage = null,
        ["error_step_id"] = r => (r.ErrorStepId, r.FailedNode) = (null, null),
        ["error_stack"] = _ => { },
        ["experience_notes"] = _ => { },
        ["inputs_summary"] = r => r.Inputs = null,
        ["outputs_summary"] = r => r.Outputs = null,
        ["first_pass_success"] = r => r.FirstPassSuccess = null,
        ["accuracy"] = r => r.Accuracy = null,
        ["throughput_delta"] = r => r.ThroughputDelta = null,
        ["customer_experience_index"] = r => r.CustomerExperienceIndex = null,
        ["time_to_feature"] = r => r.TimeToFeature = null,
        ["resolved"] = r => r.Resolved = null,
        ["tags"] = r => r.TagsText = null,
    };

    /// <summary>Names that may stand in <see cref="RunWrite.Clear"/>.</summary>
    public static IReadOnlyCollection<string> Clearable => Clearing.Keys;

    /// <summary>A new run's row; null when the item was rejected.</summary>
    public static RunRow? Create(IngestItem item, string id, long runNo, long now)
    {
        var run = item.Run;
        if (run.WorkflowName is null)
        {
            item.Reject(400, "$.workflow_name", "A new run needs a workflow_name.");
            return null;
        }

        var row = new RunRow
        {
            RunNo = runNo,
            TenantNo = item.Caller.Tenant.No,
            Id = id,
            Type = DefaultType,
            Environment = DefaultEnvironment,
            CreatedAt = now,
            UpdatedAt = now,
            SortAt = (run.StartedAt ?? (item.AsIs ? run.CreatedAt : null))?.ToMicros() ?? now,
            Status = run.Status ?? ImpliedStatus(run),
            StartedBy = item.AsIs ? null : item.Caller.Name,
            Trigger = item.AsIs ? null : item.Caller.Kind == CallerKind.User ? "manual" : "api",
            Attempt = item.AsIs ? null : 1,
        };
        if (run.Derived is not null)
        {
            // The rest is DeriveRun's.
            (row.Status, row.Flags, row.TraceId) = (RunStatus.Running, RunFlags.DerivedStatus | RunFlags.MadeByTrace, run.TraceId);
            row.SortAt = run.Derived.EarliestStart?.ToMicros() ?? now;
            return row;
        }

        if (IsItsOwnParent(row, item)) return null;
        Fields(row, run);
        if (row.Status == RunStatus.Running && !item.AsIs) AssumeStart(row, now);
        return row;
    }

    /// <summary>Merges into an existing row; false when the item was rejected.</summary>
    public static bool Into(RunRow row, IngestItem item, long now)
    {
        var run = item.Run;
        if (run.Derived is not null) return true;
        if (IsItsOwnParent(row, item)) return false;
        foreach (var name in run.Clear ?? [])
        {
            if (Clearing.TryGetValue(name, out var clear))
            {
                clear(row);
                continue;
            }

            item.Reject(400, "$." + name, "This cannot be removed.");
            return false;
        }

        var before = row.Status;
        if (run.Status is { } reported && row.Flags.HasFlag(RunFlags.DerivedStatus))
        {
            // What somebody says counts more than what spans let guess, and from now on only that.
            row.Status = reported;
        }
        else if (run.Status is { } status && status != before)
        {
            if (before.IsFinal() && status.IsFinal())
            {
                item.Reject(409, "$.status", $"The run ended as {before.ToName()}; it cannot end as {status.ToName()} as well.");
                return false;
            }

            // A report of an earlier state that arrives late changes nothing; its other fields do.
            if (!before.IsFinal() && status != RunStatus.Queued) row.Status = status;
        }

        Fields(row, run);
        if (row.Status != before)
        {
            if (row.Status == RunStatus.Running) AssumeStart(row, now);
            if (row.Status.IsFinal()) AssumeEnd(row, now);
        }

        return TimesFit(row, item);
    }

    static bool IsItsOwnParent(RunRow row, IngestItem item)
    {
        if (item.Run.ParentRunId is not { } parent || !string.Equals(parent, row.Id, StringComparison.Ordinal)) return false;
        item.Reject(400, "$.parent_run_id", "A run is not its own parent.");
        return true;
    }

    static void AssumeStart(RunRow row, long now)
    {
        if (row.StartedAt is null) (row.StartedAt, row.Flags) = (now, row.Flags | RunFlags.StartAssumed);
    }

    static void AssumeEnd(RunRow row, long now)
    {
        if (row.CompletedAt is null) (row.CompletedAt, row.Flags) = (Math.Max(now, row.StartedAt ?? 0), row.Flags | RunFlags.EndAssumed);
    }

    /// <summary>
    /// Times of two reports may contradict each other as those of one. What the hub's own clock assumed gives way to what somebody says: clocks
    /// differ. Where spans have a say, whoever reports cannot know the times of all of them.
    /// </summary>
    static bool TimesFit(RunRow row, IngestItem item)
    {
        var run = item.Run;
        if (row.Status.IsFinal() && row.CompletedAt is null && !row.Flags.HasFlag(RunFlags.DerivedStatus) && run.Clear?.Contains("completed_at", StringComparer.Ordinal) is true)
        {
            item.Reject(400, "$.completed_at", "A run that ended has an end; send when it was instead.");
            return false;
        }

        if (run.StartedAt is null && run.CompletedAt is null || row.Derived is not null || !(row.CompletedAt < row.StartedAt)) return true;
        if (run.StartedAt is null && row.Flags.HasFlag(RunFlags.StartAssumed)) row.StartedAt = row.CompletedAt;
        else if (run.CompletedAt is null && row.Flags.HasFlag(RunFlags.EndAssumed)) row.CompletedAt = row.StartedAt;
        else if (run.CompletedAt is not null) item.Reject(400, "$.completed_at", $"The run cannot end before it starts ({Times.ToIso(row.StartedAt!.Value)}).");
        else item.Reject(400, "$.started_at", $"The run cannot start after it ended ({Times.ToIso(row.CompletedAt!.Value)}).");
        return item.Rejection is null;
    }

    /// <summary>What follows from fields and steps together; called last.</summary>
    public static void Settle(RunRow row)
    {
        row.Lane = row.BatchId is null ? Lane.Production : Lane.Backfill;
        if (!row.Flags.HasFlag(RunFlags.DurationGiven))
            row.DurationMs = row.StartedAt is { } started && row.CompletedAt is { } completed && completed >= started ? (completed - started) / 1000 : null;
        if (row.Status == RunStatus.Failed) row.ErrorClass ??= ErrorClasses.Derive(row.ErrorCode, row.ErrorMessage);
        row.Fingerprint = row.Status == RunStatus.Failed ? ErrorFingerprint.Of(row) : null;
    }

    /// <summary>Shortens a message for the row.</summary>
    public static string Short(string message) => message.Length <= Limits.ErrorMessageInRow ? message : message[..(Limits.ErrorMessageInRow - 1)] + "…";

    static RunStatus ImpliedStatus(RunWrite run) => run switch
    {
        { CompletedAt: not null, ErrorMessage: not null } or { CompletedAt: not null, ErrorCode: not null } => RunStatus.Failed,
        { CompletedAt: not null } => RunStatus.Completed,
        { StartedAt: not null } => RunStatus.Running,
        _ => RunStatus.Queued,
    };

    static void Fields(RunRow row, RunWrite run)
    {
        row.Name = run.Name ?? row.Name;
        row.Type = run.Type ?? row.Type;
        row.WorkflowName = run.WorkflowName ?? row.WorkflowName;
        if (run.WorkflowVersion is not null)
        {
            row.WorkflowVersion = run.WorkflowVersion;
            row.Flags = run.WorkflowVersionIsNumber is true ? row.Flags | RunFlags.VersionIsNumber : row.Flags & ~RunFlags.VersionIsNumber;
        }

        row.Environment = run.Environment ?? row.Environment;
        row.CreatedAt = run.CreatedAt?.ToMicros() ?? row.CreatedAt;
        if (run.StartedAt is { } started) (row.StartedAt, row.Flags) = (started.ToMicros(), row.Flags & ~RunFlags.StartAssumed);
        if (run.CompletedAt is { } completed) (row.CompletedAt, row.Flags) = (completed.ToMicros(), row.Flags & ~RunFlags.EndAssumed);
        if (run.DurationMs is { } duration) (row.DurationMs, row.Flags) = (duration, row.Flags | RunFlags.DurationGiven);
        row.Actor = run.Actor ?? row.Actor;
        row.Hitl = run.Hitl ?? row.Hitl;
        row.Trigger = run.Trigger ?? row.Trigger;
        row.StartedBy = run.StartedBy ?? row.StartedBy;
        row.Owner = run.Owner ?? row.Owner;
        row.BusinessEventId = run.BusinessEventId ?? row.BusinessEventId;
        row.LeadId = run.LeadId ?? row.LeadId;
        row.BatchId = run.BatchId ?? row.BatchId;
        row.ThreadId = run.ThreadId ?? row.ThreadId;
        row.AgentId = run.AgentId ?? row.AgentId;
        row.TraceId = run.TraceId ?? row.TraceId;
        row.ParentRunId = run.ParentRunId ?? row.ParentRunId;
        row.RootRunId = run.RootRunId ?? row.RootRunId;
        row.Attempt = run.Attempt ?? row.Attempt;
        row.Progress = run.Progress ?? row.Progress;
        if (run.Tokens is { } tokens) (row.Tokens, row.Flags) = (tokens, row.Flags | RunFlags.TokensGiven);
        if (run.ComputeMs is { } compute) (row.ComputeMs, row.Flags) = (compute, row.Flags | RunFlags.ComputeGiven);
        if (run.CostUsd is { } cost) (row.CostNano, row.Flags) = (Money.ToNano(cost), row.Flags | RunFlags.CostGiven);
        row.ErrorCode = run.ErrorCode ?? row.ErrorCode;
        row.ErrorClass = run.ErrorClass ?? row.ErrorClass;
        if (run.ErrorMessage is { } message) row.ErrorMessage = Short(message);
        row.ErrorStepId = run.ErrorStepId ?? row.ErrorStepId;
        row.FirstPassSuccess = run.FirstPassSuccess ?? row.FirstPassSuccess;
        row.Accuracy = run.Accuracy ?? row.Accuracy;
        row.ThroughputDelta = run.ThroughputDelta ?? row.ThroughputDelta;
        row.CustomerExperienceIndex = run.CustomerExperienceIndex ?? row.CustomerExperienceIndex;
        row.TimeToFeature = run.TimeToFeature ?? row.TimeToFeature;
        if (run.Resolved is { } resolved) row.Resolved = resolved.ToString();
        if (run.Tags is { } tags) row.TagsText = TextList.Join(tags);
    }
}
