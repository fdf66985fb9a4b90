using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Model;

/// <summary>Which traffic a run belongs to; the number is stored.</summary>
public enum Lane
{
    /// <summary>Ordinary runs: the default view.</summary>
    Production = 0,

    /// <summary>Runs of a batch or backfill: kept out of the default view.</summary>
    Backfill = 1,
}

/// <summary>Bits of a run; stored.</summary>
[Flags]
public enum RunFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The workflow version came in as a JSON number.</summary>
    VersionIsNumber = 1,

    /// <summary>The duration came in and is kept, whatever the times say.</summary>
    DurationGiven = 2,

    /// <summary>Tokens came in for the run; else they are the sum of its steps'.</summary>
    TokensGiven = 4,

    /// <summary>Cost came in for the run; else it is the sum of its steps'.</summary>
    CostGiven = 8,

    /// <summary>Compute came in for the run; else it is the sum of its steps'.</summary>
    ComputeGiven = 16,

    /// <summary>The status follows from the spans held; never set again once a status was reported.</summary>
    DerivedStatus = 32,

    /// <summary>A trace made the run and its id; a report that names the trace takes it over.</summary>
    MadeByTrace = 64,

    /// <summary>Nobody said when it started: it is when the hub heard of it.</summary>
    StartAssumed = 128,

    /// <summary>Nobody said when it ended: it is when the hub heard of it.</summary>
    EndAssumed = 256,
}

/// <summary>A row of <c>runs</c>: every field of a run but its payloads.</summary>
public sealed class RunRow
{
    /// <summary>Tenant number &lt;&lt; 40 | counter; never shown.</summary>
    public long RunNo { get; set; }

    /// <summary>Tenant no.</summary>
    public long TenantNo { get; set; }

    /// <summary>Id.</summary>
    public string Id { get; set; } = "";

    /// <summary>Null: the id stands for it.</summary>
    public string? Name { get; set; }

    /// <summary>Type.</summary>
    public string Type { get; set; } = "";

    /// <summary>Workflow name.</summary>
    public string WorkflowName { get; set; } = "";

    /// <summary>Workflow version.</summary>
    public string? WorkflowVersion { get; set; }

    /// <summary>Environment.</summary>
    public string Environment { get; set; } = "";

    /// <summary>Status.</summary>
    public RunStatus Status { get; set; }

    /// <summary>Lane.</summary>
    public Lane Lane { get; set; }

    /// <summary>Lane * 8 + status: the list indexes carry it in place of the two.</summary>
    public long LaneStatus => (long)Lane * 8 + (long)Status;

    /// <summary>Microseconds; set once: the given start, else receipt. Lists page by it and <see cref="RunNo"/>.</summary>
    public long SortAt { get; set; }

    /// <summary>Created at, microseconds since 1970, UTC.</summary>
    public long CreatedAt { get; set; }

    /// <summary>Updated at, microseconds since 1970, UTC.</summary>
    public long UpdatedAt { get; set; }

    /// <summary>Started at, microseconds since 1970, UTC.</summary>
    public long? StartedAt { get; set; }

    /// <summary>Completed at, microseconds since 1970, UTC.</summary>
    public long? CompletedAt { get; set; }

    /// <summary>Milliseconds.</summary>
    public long? DurationMs { get; set; }

    /// <summary>Actor.</summary>
    public string? Actor { get; set; }

    /// <summary>Hitl.</summary>
    public string? Hitl { get; set; }

    /// <summary>Trigger.</summary>
    public string? Trigger { get; set; }

    /// <summary>Started by.</summary>
    public string? StartedBy { get; set; }

    /// <summary>Owner.</summary>
    public string? Owner { get; set; }

    /// <summary>Business event id.</summary>
    public string? BusinessEventId { get; set; }

    /// <summary>Lead id.</summary>
    public string? LeadId { get; set; }

    /// <summary>Batch id.</summary>
    public string? BatchId { get; set; }

    /// <summary>Thread id.</summary>
    public string? ThreadId { get; set; }

    /// <summary>Agent id.</summary>
    public string? AgentId { get; set; }

    /// <summary>Trace id.</summary>
    public string? TraceId { get; set; }

    /// <summary>Parent run id.</summary>
    public string? ParentRunId { get; set; }

    /// <summary>Root run id.</summary>
    public string? RootRunId { get; set; }

    /// <summary>Attempt.</summary>
    public long? Attempt { get; set; }

    /// <summary>Progress.</summary>
    public double? Progress { get; set; }

    /// <summary>How far the run is, percent; null: it is over, or nobody said.</summary>
    public double? OpenProgress => Status.IsFinal() ? null : Progress;

    /// <summary>Tokens.</summary>
    public long? Tokens { get; set; }

    /// <summary>Milliseconds.</summary>
    public long? ComputeMs { get; set; }

    /// <summary>Nano-dollars.</summary>
    public long? CostNano { get; set; }

    /// <summary>Error code.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Error class.</summary>
    public string? ErrorClass { get; set; }

    /// <summary>Shortened to <see cref="Limits.ErrorMessageInRow"/> characters; the whole stands in the extra payload.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>Error step id.</summary>
    public string? ErrorStepId { get; set; }

    /// <summary>Node id, or name, of the failing step.</summary>
    public string? FailedNode { get; set; }

    /// <summary>What its error has in common with others (<see cref="Ingest.ErrorFingerprint"/>); null: it has not failed.</summary>
    public string? Fingerprint { get; set; }

    /// <summary>Distinct models of its steps, each between line feeds, so that <c>\nmodel\n</c> finds one.</summary>
    public string? Models { get; set; }

    /// <summary>Tags, each between line feeds like <see cref="Models"/>; null: none.</summary>
    public string? TagsText { get; set; }

    /// <summary>First pass success.</summary>
    public bool? FirstPassSuccess { get; set; }

    /// <summary>Accuracy.</summary>
    public double? Accuracy { get; set; }

    /// <summary>Throughput delta.</summary>
    public double? ThroughputDelta { get; set; }

    /// <summary>Customer experience index.</summary>
    public double? CustomerExperienceIndex { get; set; }

    /// <summary>Milliseconds.</summary>
    public long? TimeToFeature { get; set; }

    /// <summary>JSON object; null: not resolved.</summary>
    public string? Resolved { get; set; }

    /// <summary>Flags.</summary>
    public RunFlags Flags { get; set; }

    /// <summary>Step count.</summary>
    public long StepCount { get; set; }

    /// <summary>Failed steps.</summary>
    public long FailedSteps { get; set; }

    /// <summary>Retries.</summary>
    public long Retries { get; set; }

    /// <summary>Number of the next payload chunk.</summary>
    public long NextChunk { get; set; }

    /// <summary>Number of the next step.</summary>
    public long NextOrd { get; set; }

    /// <summary>Inputs.</summary>
    public PayloadRef? Inputs { get; set; }

    /// <summary>Outputs.</summary>
    public PayloadRef? Outputs { get; set; }

    /// <summary>Extra.</summary>
    public PayloadRef? Extra { get; set; }

    /// <summary>What the spans held so far say, as JSON; null where no span ever came.</summary>
    public string? Derived { get; set; }

    /// <summary>Every column: how it is read and written.</summary>
    public static RowTable<RunRow> Table { get; } = new("runs",
    [
        new("run_no", r => r.RunNo, static (r, d, i) => r.RunNo = d.GetInt64(i)),
        new("tenant_no", r => r.TenantNo, static (r, d, i) => r.TenantNo = d.GetInt64(i)),
        new("id", r => r.Id, static (r, d, i) => r.Id = d.GetString(i)),
        new("name", r => r.Name, static (r, d, i) => r.Name = d.Text(i)),
        new("type", r => r.Type, static (r, d, i) => r.Type = d.GetString(i)),
        new("workflow_name", r => r.WorkflowName, static (r, d, i) => r.WorkflowName = d.GetString(i)),
        new("workflow_version", r => r.WorkflowVersion, static (r, d, i) => r.WorkflowVersion = d.Text(i)),
        new("environment", r => r.Environment, static (r, d, i) => r.Environment = d.GetString(i)),
        new("status", r => (long)r.Status, static (r, d, i) => r.Status = (RunStatus)d.GetInt64(i)),
        new("lane", r => (long)r.Lane, static (r, d, i) => r.Lane = (Lane)d.GetInt64(i)),
        new("lane_status", r => r.LaneStatus, static (_, _, _) => { }),
        new("sort_at", r => r.SortAt, static (r, d, i) => r.SortAt = d.GetInt64(i)),
        new("created_at", r => r.CreatedAt, static (r, d, i) => r.CreatedAt = d.GetInt64(i)),
        new("updated_at", r => r.UpdatedAt, static (r, d, i) => r.UpdatedAt = d.GetInt64(i)),
        new("started_at", r => r.StartedAt, static (r, d, i) => r.StartedAt = d.Long(i)),
        new("completed_at", r => r.CompletedAt, static (r, d, i) => r.CompletedAt = d.Long(i)),
        new("duration_ms", r => r.DurationMs, static (r, d, i) => r.DurationMs = d.Long(i)),
        new("actor", r => r.Actor, static (r, d, i) => r.Actor = d.Text(i)),
        new("hitl", r => r.Hitl, static (r, d, i) => r.Hitl = d.Text(i)),
        new("trigger", r => r.Trigger, static (r, d, i) => r.Trigger = d.Text(i)),
        new("started_by", r => r.StartedBy, static (r, d, i) => r.StartedBy = d.Text(i)),
        new("owner", r => r.Owner, static (r, d, i) => r.Owner = d.Text(i)),
        new("business_event_id", r => r.BusinessEventId, static (r, d, i) => r.BusinessEventId = d.Text(i)),
        new("lead_id", r => r.LeadId, static (r, d, i) => r.LeadId = d.Text(i)),
        new("batch_id", r => r.BatchId, static (r, d, i) => r.BatchId = d.Text(i)),
        new("thread_id", r => r.ThreadId, static (r, d, i) => r.ThreadId = d.Text(i)),
        new("agent_id", r => r.AgentId, static (r, d, i) => r.AgentId = d.Text(i)),
        new("trace_id", r => r.TraceId, static (r, d, i) => r.TraceId = d.Text(i)),
        new("parent_run_id", r => r.ParentRunId, static (r, d, i) => r.ParentRunId = d.Text(i)),
        new("root_run_id", r => r.RootRunId, static (r, d, i) => r.RootRunId = d.Text(i)),
        new("attempt", r => r.Attempt, static (r, d, i) => r.Attempt = d.Long(i)),
        new("progress", r => r.Progress, static (r, d, i) => r.Progress = d.Double(i)),
        new("tokens", r => r.Tokens, static (r, d, i) => r.Tokens = d.Long(i)),
        new("compute_ms", r => r.ComputeMs, static (r, d, i) => r.ComputeMs = d.Long(i)),
        new("cost_nano", r => r.CostNano, static (r, d, i) => r.CostNano = d.Long(i)),
        new("error_code", r => r.ErrorCode, static (r, d, i) => r.ErrorCode = d.Text(i)),
        new("error_class", r => r.ErrorClass, static (r, d, i) => r.ErrorClass = d.Text(i)),
        new("error_message", r => r.ErrorMessage, static (r, d, i) => r.ErrorMessage = d.Text(i)),
        new("error_step_id", r => r.ErrorStepId, static (r, d, i) => r.ErrorStepId = d.Text(i)),
        new("failed_node", r => r.FailedNode, static (r, d, i) => r.FailedNode = d.Text(i)),
        new("models", r => r.Models, static (r, d, i) => r.Models = d.Text(i)),
        new("tags", r => r.TagsText, static (r, d, i) => r.TagsText = d.Text(i)),
        new("first_pass_success", r => r.FirstPassSuccess is { } b ? (b ? 1L : 0L) : null, static (r, d, i) => r.FirstPassSuccess = d.Bool(i)),
        new("accuracy", r => r.Accuracy, static (r, d, i) => r.Accuracy = d.Double(i)),
        new("throughput_delta", r => r.ThroughputDelta, static (r, d, i) => r.ThroughputDelta = d.Double(i)),
        new("customer_experience_index", r => r.CustomerExperienceIndex, static (r, d, i) => r.CustomerExperienceIndex = d.Double(i)),
        new("time_to_feature", r => r.TimeToFeature, static (r, d, i) => r.TimeToFeature = d.Long(i)),
        new("resolved", r => r.Resolved, static (r, d, i) => r.Resolved = d.Text(i)),
        new("flags", r => (long)r.Flags, static (r, d, i) => r.Flags = (RunFlags)d.GetInt64(i)),
        new("step_count", r => r.StepCount, static (r, d, i) => r.StepCount = d.GetInt64(i)),
        new("failed_steps", r => r.FailedSteps, static (r, d, i) => r.FailedSteps = d.GetInt64(i)),
        new("retries", r => r.Retries, static (r, d, i) => r.Retries = d.GetInt64(i)),
        new("next_chunk", r => r.NextChunk, static (r, d, i) => r.NextChunk = d.GetInt64(i)),
        new("next_ord", r => r.NextOrd, static (r, d, i) => r.NextOrd = d.GetInt64(i)),
        new("inputs_at", r => r.Inputs?.At, static (r, d, i) => r.Inputs = d.IsDBNull(i) ? null : new PayloadRef(d.GetInt64(i), 0)),
        new("inputs_len", r => r.Inputs?.Length, static (r, d, i) => r.Inputs = r.Inputs is { } at ? at with { Length = d.GetInt64(i) } : null),
        new("outputs_at", r => r.Outputs?.At, static (r, d, i) => r.Outputs = d.IsDBNull(i) ? null : new PayloadRef(d.GetInt64(i), 0)),
        new("outputs_len", r => r.Outputs?.Length, static (r, d, i) => r.Outputs = r.Outputs is { } at ? at with { Length = d.GetInt64(i) } : null),
        new("extra_at", r => r.Extra?.At, static (r, d, i) => r.Extra = d.IsDBNull(i) ? null : new PayloadRef(d.GetInt64(i), 0)),
        new("extra_len", r => r.Extra?.Length, static (r, d, i) => r.Extra = r.Extra is { } at ? at with { Length = d.GetInt64(i) } : null),
        new("fingerprint", r => r.Fingerprint, static (r, d, i) => r.Fingerprint = d.Text(i)),
        new("derived", r => r.Derived, static (r, d, i) => r.Derived = d.Text(i)),
    ]);
}
