namespace RunHub;

/// <summary>
/// What spans say about their run. Spans arrive in any order, in any number of requests, more than once: whatever a run
/// takes from them must not depend on that. So every value comes with a key, and of two values for one field the one with
/// the smaller key (ordinal comparison) stays.
/// </summary>
public sealed record DerivedRun
{
    /// <summary>
    /// Keys of the fields the <see cref="RunWrite"/> carries, by their JSON names (<c>workflow_name, thread_id,
    /// inputs_summary</c> …). A field without a key is not taken from spans.
    /// </summary>
    public IReadOnlyDictionary<string, string> Keys { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Earliest start among the spans of this write.</summary>
    public DateTimeOffset? EarliestStart { get; init; }

    /// <summary>Latest end among the spans of this write.</summary>
    public DateTimeOffset? LatestEnd { get; init; }

    /// <summary>The root among the spans of this write, if it is there: its end decides the status.</summary>
    public DerivedRoot? Root { get; init; }

    /// <summary>
    /// Ends the run by what is held when it has no root and nothing changed it since this time; else changes nothing.
    /// </summary>
    public DateTimeOffset? SilentSince { get; init; }
}

/// <summary>The span that began the trace.</summary>
/// <param name="Key">Of two roots the one with the smaller key counts.</param>
/// <param name="StepId">Its step.</param>
/// <param name="Failed">It ended with an error.</param>
/// <param name="EndedAt">When it ended; null: not yet.</param>
public sealed record DerivedRoot(string Key, string StepId, bool Failed, DateTimeOffset? EndedAt);

/// <summary>
/// What a step says that it and everything beneath it used together. It counts only while no step beneath it states usage
/// of its own, so that nothing is counted twice.
/// </summary>
/// <param name="TokensIn">Tokens in.</param>
/// <param name="TokensOut">Tokens out.</param>
/// <param name="Tokens">Both; null: the sum.</param>
/// <param name="CostUsd">US dollars.</param>
public sealed record SubtreeUsage(long? TokensIn, long? TokensOut, long? Tokens, decimal? CostUsd);

/// <summary>A piece of a payload that arrives by itself, such as one message of a conversation.</summary>
/// <param name="Key">Its place among the pieces (ordinal comparison); the same key twice is one piece.</param>
/// <param name="Value">The piece.</param>
public sealed record PayloadPart(string Key, JsonPayload Value);

/// <summary>One log record of a run.</summary>
public sealed record LogWrite
{
    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The run the sender believes to write to; refused when it is another.</summary>
    public string? RunId { get; init; }

    /// <summary><c>trace, debug, info, warn, error</c> or <c>fatal</c>.</summary>
    public required string Level { get; init; }

    /// <summary>The text; for a structured body its JSON.</summary>
    public required string Text { get; init; }

    /// <summary>Step it belongs to; null: the run as a whole.</summary>
    public string? StepId { get; init; }

    /// <summary>State of the run or step when it was written, free text of at most 64 characters.</summary>
    public string? State { get; init; }

    /// <summary>Span id, free text.</summary>
    public string? SpanId { get; init; }

    /// <summary>How many characters the text had when only its beginning is kept; 0: it is whole.</summary>
    public int CutFrom { get; init; }

    /// <summary>What else came with it: a JSON object, or null.</summary>
    public JsonPayload? Attributes { get; init; }
}
