using RunHub.Ingest;

namespace RunHub.Filter;

/// <summary>Every field of <see cref="RunFilter"/>, in the order of its URL: the one list of what a run can be filtered by.</summary>
public static class FilterFields
{
    /// <summary>Status.</summary>
    public static FilterField Status { get; } = new StatusField();

    /// <summary>Production, backfill or all.</summary>
    public static FilterField Lane { get; } = new LaneField();

    /// <summary>Workflow name.</summary>
    public static FilterField Workflow { get; } = new TextField("workflow", "workflow_name", s => s.WorkflowName) { AlsoTried = ["workflow_name", "workflows", "name"] };

    /// <summary>Workflow type.</summary>
    public static FilterField Type { get; } = new TextField("type", "type", s => s.Type) { AlsoTried = ["workflow_type", "adapter", "adapter_type"] };

    /// <summary>Environment.</summary>
    public static FilterField Env { get; } = new TextField("env", "environment", s => s.Environment) { AlsoTried = ["environment", "stage"] };

    /// <summary>Exact tags, tag prefixes and tag regexes.</summary>
    public static FilterField Tag { get; } = new TagField();

    /// <summary>Batch or backfill.</summary>
    public static FilterField Batch { get; } = new TextField("batch", "batch_id", s => s.BatchId) { AlsoTried = ["batch_id"], AllLanes = true };

    /// <summary>Business event.</summary>
    public static FilterField BusinessEvent { get; } = new TextField("business_event", "business_event_id", s => s.BusinessEventId) { AlsoTried = ["business_event_id", "event", "event_id"] };

    /// <summary>Lead.</summary>
    public static FilterField Lead { get; } = new TextField("lead", "lead_id", s => s.LeadId) { AlsoTried = ["lead_id"] };

    /// <summary>Thread.</summary>
    public static FilterField Thread { get; } = new TextField("thread", "thread_id", s => s.ThreadId) { AlsoTried = ["thread_id"] };

    /// <summary>Agent.</summary>
    public static FilterField Agent { get; } = new TextField("agent", "agent_id", s => s.AgentId) { AlsoTried = ["agent_id"] };

    /// <summary>Trace.</summary>
    public static FilterField Trace { get; } = new TextField("trace", "trace_id", s => s.TraceId) { AlsoTried = ["trace_id"], AllLanes = true };

    /// <summary>Parent run.</summary>
    public static FilterField Parent { get; } = new TextField("parent", "parent_run_id", s => s.ParentRunId) { AlsoTried = ["parent_run_id", "parent_id", "parent_run"], AllLanes = true };

    /// <summary>Failures with the same error.</summary>
    public static FilterField Fingerprint { get; } = new TextField("fingerprint", "fingerprint", s => s.Fingerprint) { AlsoTried = ["error_fingerprint", "error_group", "fingerprints"], AllLanes = true };

    /// <summary>Words in the run's text, or an id it carries, or the beginning of one.</summary>
    public static FilterField Search { get; } = new SearchField();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FilterField> All { get; } =
    [
        Search,
        Status,
        Workflow,
        Type,
        Env,
        new TextField("version", "workflow_version", s => s.WorkflowVersion) { AlsoTried = ["workflow_version"] },
        new TimeField("from", isFrom: true) { AlsoTried = ["since", "start", "started_after", "after"] },
        new TimeField("to", isFrom: false) { AlsoTried = ["until", "end", "started_before", "before"] },
        Tag,
        new TextField("error_code", "error_code", s => s.ErrorCode) { AlsoTried = ["error", "code"] },
        new TextField("error_class", "error_class", s => s.ErrorClass) { AlsoTried = ["error_type", "class"], Words = ErrorClasses.All },
        Fingerprint,
        new TextField("hitl", "hitl", s => s.Hitl) { AlsoTried = ["hitl_state", "human", "approval"], Words = ["requested", "approved", "rejected", "none"], None = "none" },
        new TextField("node", "failed_node", s => s.FailedNode) { AlsoTried = ["failed_node", "node_id"] },
        new TextField("trigger", "trigger", s => s.Trigger) { AlsoTried = ["triggered_by"], Words = ["manual", "schedule", "api"] },
        new TextField("owner", "owner", s => s.Owner) { AlsoTried = ["assignee", "assigned_to"] },
        new TextField("actor", "actor", s => s.Actor) { AlsoTried = ["user"] },
        Agent,
        new ListField("model", "models", s => s.Models) { AlsoTried = ["models"] },
        Lead,
        Batch,
        Thread,
        BusinessEvent,
        Trace,
        Parent,
        new ResolvedField(),
        RangeField.Duration,
        RangeField.Cost,
        RangeField.Tokens,
        Lane,
    ];
}
