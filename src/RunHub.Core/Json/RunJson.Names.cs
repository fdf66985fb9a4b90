using System.Text.Json;

namespace RunHub.Json;

public static partial class RunJson
{
    /// <summary>Member names, encoded once.</summary>
    static class Names
    {
        public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
        public static readonly JsonEncodedText WorkflowName = JsonEncodedText.Encode("workflow_name");
        public static readonly JsonEncodedText WorkflowVersion = JsonEncodedText.Encode("workflow_version");
        public static readonly JsonEncodedText Environment = JsonEncodedText.Encode("environment");
        public static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
        public static readonly JsonEncodedText StartedAt = JsonEncodedText.Encode("started_at");
        public static readonly JsonEncodedText CompletedAt = JsonEncodedText.Encode("completed_at");
        public static readonly JsonEncodedText DurationMs = JsonEncodedText.Encode("duration_ms");
        public static readonly JsonEncodedText Actor = JsonEncodedText.Encode("actor");
        public static readonly JsonEncodedText Hitl = JsonEncodedText.Encode("hitl");
        public static readonly JsonEncodedText BusinessEventId = JsonEncodedText.Encode("business_event_id");
        public static readonly JsonEncodedText TenantId = JsonEncodedText.Encode("tenant_id");
        public static readonly JsonEncodedText InputsSummary = JsonEncodedText.Encode("inputs_summary");
        public static readonly JsonEncodedText OutputsSummary = JsonEncodedText.Encode("outputs_summary");
        public static readonly JsonEncodedText Effectiveness = JsonEncodedText.Encode("effectiveness");
        public static readonly JsonEncodedText FirstPassSuccess = JsonEncodedText.Encode("first_pass_success");
        public static readonly JsonEncodedText Accuracy = JsonEncodedText.Encode("accuracy");
        public static readonly JsonEncodedText ThroughputDelta = JsonEncodedText.Encode("throughput_delta");
        public static readonly JsonEncodedText Diagnostics = JsonEncodedText.Encode("diagnostics");
        public static readonly JsonEncodedText TraceId = JsonEncodedText.Encode("trace_id");
        public static readonly JsonEncodedText SpanId = JsonEncodedText.Encode("span_id");
        public static readonly JsonEncodedText ResourceUsage = JsonEncodedText.Encode("resource_usage");
        public static readonly JsonEncodedText Tokens = JsonEncodedText.Encode("tokens");
        public static readonly JsonEncodedText ComputeMs = JsonEncodedText.Encode("compute_ms");
        public static readonly JsonEncodedText ErrorCode = JsonEncodedText.Encode("error_code");
        public static readonly JsonEncodedText ErrorMessage = JsonEncodedText.Encode("error_message");
        public static readonly JsonEncodedText Tags = JsonEncodedText.Encode("tags");
        public static readonly JsonEncodedText Annotations = JsonEncodedText.Encode("annotations");
        public static readonly JsonEncodedText Author = JsonEncodedText.Encode("author");
        public static readonly JsonEncodedText Note = JsonEncodedText.Encode("note");
        public static readonly JsonEncodedText At = JsonEncodedText.Encode("at");
        public static readonly JsonEncodedText StepId = JsonEncodedText.Encode("step_id");
        public static readonly JsonEncodedText Anchor = JsonEncodedText.Encode("anchor");
        public static readonly JsonEncodedText EditedAt = JsonEncodedText.Encode("edited_at");
        public static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
        public static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
        public static readonly JsonEncodedText Trigger = JsonEncodedText.Encode("trigger");
        public static readonly JsonEncodedText StartedBy = JsonEncodedText.Encode("started_by");
        public static readonly JsonEncodedText CreatedAt = JsonEncodedText.Encode("created_at");
        public static readonly JsonEncodedText UpdatedAt = JsonEncodedText.Encode("updated_at");
        public static readonly JsonEncodedText LeadId = JsonEncodedText.Encode("lead_id");
        public static readonly JsonEncodedText BatchId = JsonEncodedText.Encode("batch_id");
        public static readonly JsonEncodedText ThreadId = JsonEncodedText.Encode("thread_id");
        public static readonly JsonEncodedText AgentId = JsonEncodedText.Encode("agent_id");
        public static readonly JsonEncodedText ParentRunId = JsonEncodedText.Encode("parent_run_id");
        public static readonly JsonEncodedText RootRunId = JsonEncodedText.Encode("root_run_id");
        public static readonly JsonEncodedText Attempt = JsonEncodedText.Encode("attempt");
        public static readonly JsonEncodedText Owner = JsonEncodedText.Encode("owner");
        public static readonly JsonEncodedText Progress = JsonEncodedText.Encode("progress");
        public static readonly JsonEncodedText CostUsd = JsonEncodedText.Encode("cost_usd");
        public static readonly JsonEncodedText Fingerprint = JsonEncodedText.Encode("fingerprint");
        public static readonly JsonEncodedText ErrorClass = JsonEncodedText.Encode("error_class");
        public static readonly JsonEncodedText ErrorStepId = JsonEncodedText.Encode("error_step_id");
        public static readonly JsonEncodedText ErrorStack = JsonEncodedText.Encode("error_stack");
        public static readonly JsonEncodedText CustomerExperienceIndex = JsonEncodedText.Encode("customer_experience_index");
        public static readonly JsonEncodedText ExperienceNotes = JsonEncodedText.Encode("experience_notes");
        public static readonly JsonEncodedText TimeToFeature = JsonEncodedText.Encode("time_to_feature");
        public static readonly JsonEncodedText Resolved = JsonEncodedText.Encode("resolved");
        public static readonly JsonEncodedText StepCount = JsonEncodedText.Encode("step_count");
        public static readonly JsonEncodedText FailedSteps = JsonEncodedText.Encode("failed_steps");
        public static readonly JsonEncodedText Retries = JsonEncodedText.Encode("retries");
        public static readonly JsonEncodedText FinishedAt = JsonEncodedText.Encode("finished_at");
        public static readonly JsonEncodedText TotalTokens = JsonEncodedText.Encode("total_tokens");
        public static readonly JsonEncodedText TotalCostUsd = JsonEncodedText.Encode("total_cost_usd");
        public static readonly JsonEncodedText Error = JsonEncodedText.Encode("error");
        public static readonly JsonEncodedText RunId = JsonEncodedText.Encode("run_id");
        public static readonly JsonEncodedText Details = JsonEncodedText.Encode("details");
        public static readonly JsonEncodedText Model = JsonEncodedText.Encode("model");
        public static readonly JsonEncodedText Tool = JsonEncodedText.Encode("tool");
        public static readonly JsonEncodedText Endpoint = JsonEncodedText.Encode("endpoint");
        public static readonly JsonEncodedText Parameters = JsonEncodedText.Encode("parameters_redacted");
        public static readonly JsonEncodedText Io = JsonEncodedText.Encode("io");
        public static readonly JsonEncodedText Input = JsonEncodedText.Encode("input_redacted");
        public static readonly JsonEncodedText Output = JsonEncodedText.Encode("output_redacted");
        public static readonly JsonEncodedText Validation = JsonEncodedText.Encode("validation");
        public static readonly JsonEncodedText Passed = JsonEncodedText.Encode("passed");
        public static readonly JsonEncodedText Score = JsonEncodedText.Encode("score");
        public static readonly JsonEncodedText Reasons = JsonEncodedText.Encode("reasons");
        public static readonly JsonEncodedText Attributes = JsonEncodedText.Encode("attributes");
        public static readonly JsonEncodedText NodeId = JsonEncodedText.Encode("node_id");
        public static readonly JsonEncodedText Label = JsonEncodedText.Encode("label");
        public static readonly JsonEncodedText ParentStepId = JsonEncodedText.Encode("parent_step_id");
        public static readonly JsonEncodedText TokensIn = JsonEncodedText.Encode("tokens_in");
        public static readonly JsonEncodedText TokensOut = JsonEncodedText.Encode("tokens_out");
    }
}
