namespace RunHub.Client;

/// <summary>What is known about a run when it starts. Everything may be left out.</summary>
public sealed record RunStart
{
    /// <summary>Id, unique in the tenant: 1 to 128 printable characters without <c>/</c>. Null: the client makes one.</summary>
    public string? Id { get; init; }

    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Workflow type, up to 64 characters; null: the options' one.</summary>
    public string? Type { get; init; }

    /// <summary>Version of the workflow.</summary>
    public string? Version { get; init; }

    /// <summary><c>dev</c>, <c>stage</c>, <c>prod</c> or any other text; null: the options' one.</summary>
    public string? Environment { get; init; }

    /// <summary>When work began; null: now.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Who acts: <c>system</c>, <c>human</c> or a name.</summary>
    public string? Actor { get; init; }

    /// <summary>Who or what set it off.</summary>
    public RunTrigger? Trigger { get; init; }

    /// <summary>Who started it; null: the key's name.</summary>
    public string? StartedBy { get; init; }

    /// <summary>
    /// The business event, such as <c>erp:invoice#98421</c>. While a run of the same workflow is open or completed for it, that
    /// run stands for this one too; after a failure this is its next attempt.
    /// </summary>
    public string? BusinessEventId { get; init; }

    /// <summary>The lead it works on.</summary>
    public string? LeadId { get; init; }

    /// <summary>Batch or backfill it belongs to; such runs stay out of the default list.</summary>
    public string? BatchId { get; init; }

    /// <summary>Conversation it belongs to.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Agent that runs.</summary>
    public string? AgentId { get; init; }

    /// <summary>The run this one is part of, or runs again.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>1 for the first attempt.</summary>
    public int? Attempt { get; init; }

    /// <summary>Trace id; null: that of <see cref="System.Diagnostics.Activity.Current"/>, where there is one.</summary>
    public string? TraceId { get; init; }

    /// <summary>Tags, up to 64.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>What goes in; becomes JSON at once.</summary>
    public object? Input { get; init; }
}

/// <summary>What is known about a step when it starts. Everything may be left out.</summary>
public sealed record StepStart
{
    /// <summary>Id, unique in the run: 1 to 128 printable characters without <c>/</c>. Null: the client makes one.</summary>
    public string? Id { get; init; }

    /// <summary>What it does. Default: <see cref="StepKind.Io"/>.</summary>
    public StepKind Kind { get; init; } = StepKind.Io;

    /// <summary>Node of the workflow's graph.</summary>
    public string? NodeId { get; init; }

    /// <summary>What people call the node.</summary>
    public string? Label { get; init; }

    /// <summary>When work began; null: now.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Model called.</summary>
    public string? Model { get; init; }

    /// <summary>Tool called.</summary>
    public string? Tool { get; init; }

    /// <summary>Endpoint called.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Parameters of the call; become JSON at once.</summary>
    public object? Parameters { get; init; }

    /// <summary>
    /// Span id; null: that of <see cref="System.Diagnostics.Activity.Current"/>, where it is another one than that of the run or
    /// step around this one.
    /// </summary>
    public string? SpanId { get; init; }

    /// <summary>What goes in; becomes JSON at once.</summary>
    public object? Input { get; init; }
}

/// <summary>What a step does.</summary>
public enum StepKind
{
    /// <summary>Anything: reading, writing, calling another system.</summary>
    Io,

    /// <summary>A language, embedding or other model.</summary>
    Model,

    /// <summary>A tool of an agent.</summary>
    Tool,

    /// <summary>A choice: routing, planning, judging.</summary>
    Decision,
}

/// <summary>What set a run off.</summary>
public enum RunTrigger
{
    /// <summary>A person.</summary>
    Manual,

    /// <summary>A schedule.</summary>
    Schedule,

    /// <summary>A program.</summary>
    Api,
}

/// <summary>Whose fault an error is.</summary>
public enum ErrorKind
{
    /// <summary>Passes by itself: try again.</summary>
    Transient,

    /// <summary>Something did not pass its validation.</summary>
    ValidationFailed,

    /// <summary>A system that was called.</summary>
    ExternalApi,

    /// <summary>A policy forbids it.</summary>
    PolicyDenied,

    /// <summary>The workflow's own.</summary>
    Bug,
}

/// <summary>How grave a line of a log is.</summary>
public enum LogKind
{
    /// <summary>Every detail.</summary>
    Trace,

    /// <summary>For who develops.</summary>
    Debug,

    /// <summary>The usual course of things.</summary>
    Info,

    /// <summary>Odd, but it goes on.</summary>
    Warn,

    /// <summary>Something failed.</summary>
    Error,

    /// <summary>Nothing goes on.</summary>
    Fatal,
}
