// One file because the message is read as a whole: every field of a run and of a step, with its meaning beside it.
namespace RunHub;

/// <summary>
/// What arrived, in RunHub's words: the one message every way in is translated to before anything is written.
/// One file because batch, run and step are one message, read side by side by whoever writes an adapter.
/// </summary>
public sealed record RunBatch
{
    /// <summary>The runs to create or to merge into existing ones, in the order they shall be applied.</summary>
    public required IReadOnlyList<RunWrite> Runs { get; init; }
}

/// <summary>
/// What is known about one run. A property left <c>null</c> says nothing (an existing value stays); a value to be
/// removed is named in <see cref="Clear"/>. Property names are the JSON names of the API in Pascal case; times are
/// UTC; durations are milliseconds.
/// </summary>
public sealed record RunWrite
{
    /// <summary>Public id, unique in its tenant: 1–128 printable characters without <c>/</c>. Null: RunHub makes one.</summary>
    public string? Id { get; set; }

    /// <summary>The tenant the sender believes to write to; refused when it is another than the key's.</summary>
    public string? TenantId { get; set; }

    /// <summary>A name for people; the id where there is none.</summary>
    public string? Name { get; set; }

    /// <summary>Workflow type, such as <c>precrafter</c>; free text of 1–64 characters.</summary>
    public string? Type { get; set; }

    /// <summary>Workflow name. Required for a new run.</summary>
    public string? WorkflowName { get; set; }

    /// <summary>Version as text.</summary>
    public string? WorkflowVersion { get; set; }

    /// <summary>True when the version came in as a JSON number and shall leave as one in the RunDetail document.</summary>
    public bool? WorkflowVersionIsNumber { get; set; }

    /// <summary><c>dev</c>, <c>stage</c>, <c>prod</c> or any other text.</summary>
    public string? Environment { get; set; }

    /// <summary>Reported status; <c>null</c> on a new run means queued, or running when <see cref="StartedAt"/> is given.</summary>
    public RunStatus? Status { get; set; }

    /// <summary>When the run was made known to its source.</summary>
    public DateTimeOffset? CreatedAt { get; set; }

    /// <summary>When work began.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When work ended.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>Milliseconds; kept as given, else the difference of the two times.</summary>
    public long? DurationMs { get; set; }

    /// <summary><c>system</c> or <c>human</c>, or who acted.</summary>
    public string? Actor { get; set; }

    /// <summary><c>requested</c>, <c>approved</c> or <c>rejected</c>.</summary>
    public string? Hitl { get; set; }

    /// <summary><c>manual</c>, <c>schedule</c> or <c>api</c>.</summary>
    public string? Trigger { get; set; }

    /// <summary>Who started it; the user's or key's name when not given.</summary>
    public string? StartedBy { get; set; }

    /// <summary>Who looks after it.</summary>
    public string? Owner { get; set; }

    /// <summary>Correlation with the business, such as <c>erp:invoice#98421</c>.</summary>
    public string? BusinessEventId { get; set; }

    /// <summary>The lead it worked on.</summary>
    public string? LeadId { get; set; }

    /// <summary>The batch or backfill it belongs to. Such runs stay out of the default view.</summary>
    public string? BatchId { get; set; }

    /// <summary>Conversation it belongs to.</summary>
    public string? ThreadId { get; set; }

    /// <summary>Agent that ran.</summary>
    public string? AgentId { get; set; }

    /// <summary>Trace id, free text.</summary>
    public string? TraceId { get; set; }

    /// <summary>The run this one is a re-run or part of.</summary>
    public string? ParentRunId { get; set; }

    /// <summary>The first run of the family.</summary>
    public string? RootRunId { get; set; }

    /// <summary>1 for the first attempt.</summary>
    public int? Attempt { get; set; }

    /// <summary>0–100.</summary>
    public double? Progress { get; set; }

    /// <summary>Tokens in and out together.</summary>
    public long? Tokens { get; set; }

    /// <summary>Compute time, milliseconds.</summary>
    public long? ComputeMs { get; set; }

    /// <summary>Cost in US dollars; stored in whole nano-dollars.</summary>
    public decimal? CostUsd { get; set; }

    /// <summary>The source's own code, free text.</summary>
    public string? ErrorCode { get; set; }

    /// <summary><c>transient, validation_failed, external_api, policy_denied</c> or <c>bug</c>.</summary>
    public string? ErrorClass { get; set; }

    /// <summary>What went wrong, for people.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>Step (or node) id at which it went wrong.</summary>
    public string? ErrorStepId { get; set; }

    /// <summary>Stack trace.</summary>
    public string? ErrorStack { get; set; }

    /// <summary>Redacted inputs, any JSON.</summary>
    public JsonPayload? InputsSummary { get; set; }

    /// <summary>Redacted outputs, any JSON.</summary>
    public JsonPayload? OutputsSummary { get; set; }

    /// <summary>Was it right the first time.</summary>
    public bool? FirstPassSuccess { get; set; }

    /// <summary>Accuracy as the source measures it, usually 0–1.</summary>
    public double? Accuracy { get; set; }

    /// <summary>Change of throughput as the source measures it.</summary>
    public double? ThroughputDelta { get; set; }

    /// <summary>Customer experience, as captured.</summary>
    public double? CustomerExperienceIndex { get; set; }

    /// <summary>Notes on the experience.</summary>
    public string? ExperienceNotes { get; set; }

    /// <summary>Time to feature as captured, milliseconds.</summary>
    public long? TimeToFeature { get; set; }

    /// <summary>How it was resolved: any JSON object, usually <c>reason, note, by, at</c>.</summary>
    public JsonPayload? Resolved { get; set; }

    /// <summary>Replaces the tags when not null.</summary>
    public IReadOnlyList<string>? Tags { get; set; }

    /// <summary>Annotations to add; the same author, note and time twice is one annotation.</summary>
    public IReadOnlyList<AnnotationWrite>? Annotations { get; set; }

    /// <summary>What the adapter needs to give its document back unchanged; a JSON object RunHub keeps and does not read.</summary>
    public JsonPayload? AdapterData { get; set; }

    /// <summary>Steps to create or to merge, by id.</summary>
    public IReadOnlyList<StepWrite>? Steps { get; set; }

    /// <summary>Log records to append; the same record twice is one.</summary>
    public IReadOnlyList<LogWrite>? Logs { get; set; }

    /// <summary>
    /// Not null: this was worked out from spans, not reported. The run is found by <see cref="TraceId"/> first, then by
    /// <see cref="Id"/>; its status follows from the spans held unless it was ever reported.
    /// </summary>
    public DerivedRun? Derived { get; set; }

    /// <summary>JSON names of properties to remove (<c>owner</c>, <c>error_message</c> …).</summary>
    public IReadOnlyList<string>? Clear { get; set; }
}

/// <summary>A note on a run.</summary>
/// <param name="Author">Who wrote it; null: the caller.</param>
/// <param name="Note">The text.</param>
/// <param name="At">When; null: now.</param>
public sealed record AnnotationWrite(string? Author, string Note, DateTimeOffset? At)
{
    /// <summary>Id of the step it is about; null: the run.</summary>
    public string? StepId { get; init; }

    /// <summary>
    /// The part of a payload it is about, a JSON object: <c>payload</c> (<c>input</c> or <c>output</c> of the step, <c>inputs</c> or <c>outputs</c> of the
    /// run), <c>quote</c>, and where that stood: <c>path, start, end, prefix, suffix</c>. Null: no part of one.
    /// </summary>
    public JsonPayload? Anchor { get; init; }
}

/// <summary>What is known about one step; null says nothing, see <see cref="RunWrite"/>.</summary>
public sealed record StepWrite
{
    /// <summary>Public id, unique in its run: 1–128 printable characters without <c>/</c>. Null: RunHub makes one.</summary>
    public string? Id { get; set; }

    /// <summary>The run the sender believes to write to; refused when it is another.</summary>
    public string? RunId { get; set; }

    /// <summary>Name. Required for a new step.</summary>
    public string? Name { get; set; }

    /// <summary>What it does; <see cref="StepType.Io"/> when not given.</summary>
    public StepType? Type { get; set; }

    /// <summary>Node of the workflow's graph this step ran.</summary>
    public string? NodeId { get; set; }

    /// <summary>What people call the node.</summary>
    public string? Label { get; set; }

    /// <summary>The step it is part of.</summary>
    public string? ParentStepId { get; set; }

    /// <summary>Status; null on a new step means completed when <see cref="CompletedAt"/> is given, else running.</summary>
    public RunStatus? Status { get; set; }

    /// <summary>When work began.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When work ended.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>Milliseconds; kept as given, else the difference of the two times.</summary>
    public long? DurationMs { get; set; }

    /// <summary>How often it was tried again.</summary>
    public int? Retries { get; set; }

    /// <summary>Model called.</summary>
    public string? Model { get; set; }

    /// <summary>Tool called.</summary>
    public string? Tool { get; set; }

    /// <summary>Endpoint called.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Redacted parameters, any JSON (<c>{"temperature":0}</c>).</summary>
    public JsonPayload? Parameters { get; set; }

    /// <summary>Redacted input, any JSON.</summary>
    public JsonPayload? Input { get; set; }

    /// <summary>Redacted output, any JSON.</summary>
    public JsonPayload? Output { get; set; }

    /// <summary>Tokens in and out together.</summary>
    public long? Tokens { get; set; }

    /// <summary>Tokens in.</summary>
    public long? TokensIn { get; set; }

    /// <summary>Tokens out.</summary>
    public long? TokensOut { get; set; }

    /// <summary>Compute time, milliseconds.</summary>
    public long? ComputeMs { get; set; }

    /// <summary>Cost in US dollars; stored in whole nano-dollars.</summary>
    public decimal? CostUsd { get; set; }

    /// <summary>Span id, free text.</summary>
    public string? SpanId { get; set; }

    /// <summary>The source's own code, free text.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>One of five, see <see cref="RunWrite.ErrorClass"/>.</summary>
    public string? ErrorClass { get; set; }

    /// <summary>What went wrong, for people.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>Stack trace.</summary>
    public string? ErrorStack { get; set; }

    /// <summary>Did the output pass its validation.</summary>
    public bool? ValidationPassed { get; set; }

    /// <summary>Score of the validation.</summary>
    public double? ValidationScore { get; set; }

    /// <summary>Reasons of the validation: a JSON array or text.</summary>
    public JsonPayload? ValidationReasons { get; set; }

    /// <summary>What a span carried beside what the step's fields hold: a JSON object.</summary>
    public JsonPayload? Attributes { get; set; }

    /// <summary>Place among the run's steps; null: after those that are there.</summary>
    public long? Order { get; set; }

    /// <summary>Usage of the step and all beneath it; see <see cref="RunHub.SubtreeUsage"/>.</summary>
    public SubtreeUsage? SubtreeUsage { get; set; }

    /// <summary>Pieces of the input: while no <see cref="Input"/> is given, the input is the JSON array of all pieces in order.</summary>
    public IReadOnlyList<PayloadPart>? InputParts { get; set; }

    /// <summary>Pieces of the output, as <see cref="InputParts"/>.</summary>
    public IReadOnlyList<PayloadPart>? OutputParts { get; set; }

    /// <summary>True: only what the step does not know yet is taken (a log record that speaks of a span).</summary>
    public bool FillOnly { get; set; }

    /// <summary>JSON names of properties to remove.</summary>
    public IReadOnlyList<string>? Clear { get; set; }
}
