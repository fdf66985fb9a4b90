namespace RunHub.Json;

/// <summary>What a member of a run object can be.</summary>
enum RunField
{
    /// <summary>Given by the server; accepted and ignored, so that an answer can be sent back as it came.</summary>
    Ignored,
    Id, TenantId, Name, Type, WorkflowName, WorkflowVersion, Environment, Status, CreatedAt, StartedAt, CompletedAt, DurationMs,
    Actor, Hitl, Trigger, StartedBy, Owner, BusinessEventId, LeadId, BatchId, ThreadId, AgentId, ParentRunId, RootRunId, Attempt,
    Progress, CostUsd, ErrorClass, ErrorStepId, ErrorStack, InputsSummary, OutputsSummary, CustomerExperienceIndex,
    ExperienceNotes, TimeToFeature, Resolved, Tags, Annotations, Steps, Logs,
    Effectiveness, FirstPassSuccess, Accuracy, ThroughputDelta,
    Diagnostics, TraceId, ErrorCode, ErrorMessage, ResourceUsage, Tokens, ComputeMs,
}

/// <summary>What a member of a step object can be.</summary>
enum StepField
{
    Ignored,
    Id, RunId, Name, Type, NodeId, Label, ParentStepId, Status, StartedAt, CompletedAt, DurationMs, Retries,
    TokensIn, TokensOut, CostUsd, ErrorClass, ErrorStack,
    Details, Model, Tool, Endpoint, Parameters, Io, Input, Output,
    Diagnostics, SpanId, ErrorCode, ErrorMessage, ResourceUsage, Tokens, ComputeMs,
    Validation, ValidationPassed, ValidationScore, ValidationReasons, Attributes,
}

/// <summary>
/// The names of S2's objects and what other documents call the same things. The first word of an entry is the proper
/// name; where an entry begins with <c>~</c>, the proper name lives in another object.
/// </summary>
static class RunFields
{
    public static readonly NameTable Run = NameTable.Of<RunField>(
        (RunField.Id, "id run_id runId"), (RunField.TenantId, "tenant_id tenant workspace workspace_id"), (RunField.Name, "name"), (RunField.Type, "type workflow_type adapter_type adapterType"),
        (RunField.WorkflowName, "workflow_name workflow workflowName agent"), (RunField.WorkflowVersion, "workflow_version version workflowVersion"),
        (RunField.Environment, "environment env"), (RunField.Status, "status"), (RunField.CreatedAt, "created_at createdAt"),
        (RunField.StartedAt, "started_at start_time startedAt"), (RunField.CompletedAt, "completed_at finished_at end_time completedAt finishedAt ended_at"),
        (RunField.DurationMs, "duration_ms durationMs"), (RunField.Actor, "actor"), (RunField.Hitl, "hitl"), (RunField.Trigger, "trigger"),
        (RunField.StartedBy, "started_by startedBy"), (RunField.Owner, "owner"), (RunField.BusinessEventId, "business_event_id"),
        (RunField.LeadId, "lead_id leadId"), (RunField.BatchId, "batch_id batchId"), (RunField.ThreadId, "thread_id threadId"),
        (RunField.AgentId, "agent_id agentId"), (RunField.ParentRunId, "parent_run_id"), (RunField.RootRunId, "root_run_id"),
        (RunField.Attempt, "attempt"), (RunField.Progress, "progress"), (RunField.CostUsd, "cost_usd cost total_cost_usd"),
        (RunField.ErrorClass, "error_class"), (RunField.ErrorStepId, "error_step_id"), (RunField.ErrorStack, "error_stack"),
        (RunField.InputsSummary, "inputs_summary inputs"), (RunField.OutputsSummary, "outputs_summary outputs"),
        (RunField.CustomerExperienceIndex, "customer_experience_index"), (RunField.ExperienceNotes, "experience_notes"),
        (RunField.TimeToFeature, "time_to_feature"), (RunField.Resolved, "resolved"), (RunField.Tags, "tags"), (RunField.Annotations, "annotations"),
        (RunField.Steps, "steps nodes node_results"), (RunField.Logs, "logs"), (RunField.Effectiveness, "effectiveness"), (RunField.Diagnostics, "diagnostics"),
        (RunField.TraceId, "~trace_id traceId"), (RunField.ErrorCode, "~error_code"), (RunField.ErrorMessage, "~error_message error"),
        (RunField.Tokens, "~tokens tokens_used total_tokens totalTokens"), (RunField.ComputeMs, "~compute_ms"),
        (RunField.Ignored, "updated_at"), (RunField.Ignored, "step_count"), (RunField.Ignored, "failed_steps"), (RunField.Ignored, "retries"),
        (RunField.Ignored, "failed_node"), (RunField.Ignored, "fingerprint"), (RunField.Ignored, "models"));

    public static readonly NameTable Effectiveness = NameTable.Of<RunField>(
        (RunField.FirstPassSuccess, "first_pass_success"), (RunField.Accuracy, "accuracy"), (RunField.ThroughputDelta, "throughput_delta"));

    public static readonly NameTable Diagnostics = NameTable.Of<RunField>(
        (RunField.TraceId, "trace_id"), (RunField.ResourceUsage, "resource_usage"), (RunField.ErrorCode, "error_code"), (RunField.ErrorMessage, "error_message"));

    public static readonly NameTable ResourceUsage = NameTable.Of<RunField>(
        (RunField.Tokens, "tokens total_tokens tokens_used"), (RunField.ComputeMs, "compute_ms"));

    public static readonly NameTable Annotation = NameTable.Of<AnnotationField>(
        (AnnotationField.Author, "author"), (AnnotationField.Note, "note"), (AnnotationField.At, "at"), (AnnotationField.StepId, "step_id stepId"), (AnnotationField.Anchor, "anchor"),
        (AnnotationField.Ignored, "id"), (AnnotationField.Ignored, "mentions"), (AnnotationField.Ignored, "edited_at"), (AnnotationField.Ignored, "version"));

    public static readonly NameTable Log = NameTable.Of<LogField>(
        (LogField.RunId, "run_id runId"), (LogField.StepId, "step_id stepId"), (LogField.State, "state status"), (LogField.Message, "msg message text"),
        (LogField.Level, "level severity"), (LogField.At, "ts timestamp time at"), (LogField.SpanId, "span_id spanId"), (LogField.Attributes, "attributes attrs fields"),
        (LogField.Length, "msg_length"), (LogField.Ignored, "id"), (LogField.Ignored, "seq"));

    public static readonly NameTable Step = NameTable.Of<StepField>(
        (StepField.Id, "id step_id"), (StepField.RunId, "run_id"), (StepField.Name, "name"), (StepField.Type, "type"), (StepField.NodeId, "node_id nodeId"),
        (StepField.Label, "label"), (StepField.ParentStepId, "parent_step_id"), (StepField.Status, "status"),
        (StepField.StartedAt, "started_at start_time startedAt"), (StepField.CompletedAt, "completed_at finished_at end_time completedAt finishedAt ended_at"),
        (StepField.DurationMs, "duration_ms durationMs"), (StepField.Retries, "retries"), (StepField.TokensIn, "tokens_in"), (StepField.TokensOut, "tokens_out"),
        (StepField.CostUsd, "cost_usd cost total_cost_usd"), (StepField.ErrorClass, "error_class"), (StepField.ErrorStack, "error_stack"), (StepField.Attributes, "attributes"),
        (StepField.Details, "details"), (StepField.Io, "io"), (StepField.Diagnostics, "diagnostics"), (StepField.Validation, "validation"),
        (StepField.Model, "~model"), (StepField.Tool, "~tool"), (StepField.Endpoint, "~endpoint"),
        (StepField.Input, "~input"), (StepField.Output, "~output"), (StepField.SpanId, "~span_id spanId"), (StepField.ErrorCode, "~error_code"),
        (StepField.ErrorMessage, "~error_message error"), (StepField.Tokens, "~tokens tokens_used total_tokens totalTokens"), (StepField.ComputeMs, "~compute_ms"));

    public static readonly NameTable StepDetails = NameTable.Of<StepField>(
        (StepField.Model, "model"), (StepField.Tool, "tool"), (StepField.Endpoint, "endpoint"), (StepField.Parameters, "parameters_redacted parameters"));

    public static readonly NameTable StepIo = NameTable.Of<StepField>(
        (StepField.Input, "input_redacted input"), (StepField.Output, "output_redacted output"));

    public static readonly NameTable StepDiagnostics = NameTable.Of<StepField>(
        (StepField.SpanId, "span_id"), (StepField.ResourceUsage, "resource_usage"), (StepField.ErrorCode, "error_code"), (StepField.ErrorMessage, "error_message"));

    public static readonly NameTable StepResourceUsage = NameTable.Of<StepField>(
        (StepField.Tokens, "tokens total_tokens tokens_used"), (StepField.ComputeMs, "compute_ms"));

    public static readonly NameTable StepValidation = NameTable.Of<StepField>(
        (StepField.ValidationPassed, "passed"), (StepField.ValidationScore, "score"), (StepField.ValidationReasons, "reasons"));

    public enum LogField
    {
        Ignored, RunId, StepId, State, Message, Level, At, SpanId, Attributes, Length,
    }

    public enum AnnotationField
    {
        Ignored, Author, Note, At, StepId, Anchor,
    }
}
