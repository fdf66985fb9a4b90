using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Model;

/// <summary>Bits of a step; stored.</summary>
[Flags]
public enum StepFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The duration came in and is kept, whatever the times say.</summary>
    DurationGiven = 1,

    /// <summary>Nobody said when it ended: it is when the hub heard of it.</summary>
    EndAssumed = 2,
}

/// <summary>A row of <c>steps</c>: every field of a step but its payloads.</summary>
public sealed class StepRow
{
    /// <summary>Tenant number &lt;&lt; 40 | counter; never shown.</summary>
    public long RunNo { get; set; }

    /// <summary>Id.</summary>
    public string Id { get; set; } = "";

    /// <summary>Place in the run: order of arrival, or what the source gave.</summary>
    public long Ord { get; set; }

    /// <summary>Null: the id stands for it.</summary>
    public string Name { get; set; } = "";

    /// <summary>Type.</summary>
    public StepType Type { get; set; }

    /// <summary>Node id.</summary>
    public string? NodeId { get; set; }

    /// <summary>Label.</summary>
    public string? Label { get; set; }

    /// <summary>Parent step id.</summary>
    public string? ParentStepId { get; set; }

    /// <summary>Status.</summary>
    public RunStatus Status { get; set; }

    /// <summary>Started at, microseconds since 1970, UTC.</summary>
    public long? StartedAt { get; set; }

    /// <summary>Completed at, microseconds since 1970, UTC.</summary>
    public long? CompletedAt { get; set; }

    /// <summary>Milliseconds.</summary>
    public long? DurationMs { get; set; }

    /// <summary>Retries.</summary>
    public long Retries { get; set; }

    /// <summary>Model.</summary>
    public string? Model { get; set; }

    /// <summary>Tool.</summary>
    public string? Tool { get; set; }

    /// <summary>Endpoint.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Tokens.</summary>
    public long? Tokens { get; set; }

    /// <summary>Tokens in.</summary>
    public long? TokensIn { get; set; }

    /// <summary>Tokens out.</summary>
    public long? TokensOut { get; set; }

    /// <summary>Milliseconds.</summary>
    public long? ComputeMs { get; set; }

    /// <summary>Nano-dollars.</summary>
    public long? CostNano { get; set; }

    /// <summary>Span id.</summary>
    public string? SpanId { get; set; }

    /// <summary>Error code.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Error class.</summary>
    public string? ErrorClass { get; set; }

    /// <summary>Shortened to <see cref="Limits.ErrorMessageInRow"/> characters; the whole stands in the extra payload.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>Validation passed.</summary>
    public bool? ValidationPassed { get; set; }

    /// <summary>Validation score.</summary>
    public double? ValidationScore { get; set; }

    /// <summary>Input.</summary>
    public PayloadRef? Input { get; set; }

    /// <summary>Output.</summary>
    public PayloadRef? Output { get; set; }

    /// <summary>Extra.</summary>
    public PayloadRef? Extra { get; set; }

    /// <summary>What it says that it and all beneath it used, as JSON; see <see cref="RunHub.SubtreeUsage"/>.</summary>
    public string? SubtreeUsage { get; set; }

    /// <summary>Flags.</summary>
    public StepFlags Flags { get; set; }

    /// <summary>Every column: how it is read and written.</summary>
    public static RowTable<StepRow> Table { get; } = new("steps",
    [
        new("run_no", r => r.RunNo, static (r, d, i) => r.RunNo = d.GetInt64(i)),
        new("id", r => r.Id, static (r, d, i) => r.Id = d.GetString(i)),
        new("ord", r => r.Ord, static (r, d, i) => r.Ord = d.GetInt64(i)),
        new("name", r => r.Name, static (r, d, i) => r.Name = d.GetString(i)),
        new("type", r => (long)r.Type, static (r, d, i) => r.Type = (StepType)d.GetInt64(i)),
        new("node_id", r => r.NodeId, static (r, d, i) => r.NodeId = d.Text(i)),
        new("label", r => r.Label, static (r, d, i) => r.Label = d.Text(i)),
        new("parent_step_id", r => r.ParentStepId, static (r, d, i) => r.ParentStepId = d.Text(i)),
        new("status", r => (long)r.Status, static (r, d, i) => r.Status = (RunStatus)d.GetInt64(i)),
        new("started_at", r => r.StartedAt, static (r, d, i) => r.StartedAt = d.Long(i)),
        new("completed_at", r => r.CompletedAt, static (r, d, i) => r.CompletedAt = d.Long(i)),
        new("duration_ms", r => r.DurationMs, static (r, d, i) => r.DurationMs = d.Long(i)),
        new("retries", r => r.Retries, static (r, d, i) => r.Retries = d.GetInt64(i)),
        new("model", r => r.Model, static (r, d, i) => r.Model = d.Text(i)),
        new("tool", r => r.Tool, static (r, d, i) => r.Tool = d.Text(i)),
        new("endpoint", r => r.Endpoint, static (r, d, i) => r.Endpoint = d.Text(i)),
        new("tokens", r => r.Tokens, static (r, d, i) => r.Tokens = d.Long(i)),
        new("tokens_in", r => r.TokensIn, static (r, d, i) => r.TokensIn = d.Long(i)),
        new("tokens_out", r => r.TokensOut, static (r, d, i) => r.TokensOut = d.Long(i)),
        new("compute_ms", r => r.ComputeMs, static (r, d, i) => r.ComputeMs = d.Long(i)),
        new("cost_nano", r => r.CostNano, static (r, d, i) => r.CostNano = d.Long(i)),
        new("span_id", r => r.SpanId, static (r, d, i) => r.SpanId = d.Text(i)),
        new("error_code", r => r.ErrorCode, static (r, d, i) => r.ErrorCode = d.Text(i)),
        new("error_class", r => r.ErrorClass, static (r, d, i) => r.ErrorClass = d.Text(i)),
        new("error_message", r => r.ErrorMessage, static (r, d, i) => r.ErrorMessage = d.Text(i)),
        new("validation_passed", r => r.ValidationPassed is { } b ? (b ? 1L : 0L) : null, static (r, d, i) => r.ValidationPassed = d.Bool(i)),
        new("validation_score", r => r.ValidationScore, static (r, d, i) => r.ValidationScore = d.Double(i)),
        new("input_at", r => r.Input?.At, static (r, d, i) => r.Input = d.IsDBNull(i) ? null : new PayloadRef(d.GetInt64(i), 0)),
        new("input_len", r => r.Input?.Length, static (r, d, i) => r.Input = r.Input is { } at ? at with { Length = d.GetInt64(i) } : null),
        new("output_at", r => r.Output?.At, static (r, d, i) => r.Output = d.IsDBNull(i) ? null : new PayloadRef(d.GetInt64(i), 0)),
        new("output_len", r => r.Output?.Length, static (r, d, i) => r.Output = r.Output is { } at ? at with { Length = d.GetInt64(i) } : null),
        new("extra_at", r => r.Extra?.At, static (r, d, i) => r.Extra = d.IsDBNull(i) ? null : new PayloadRef(d.GetInt64(i), 0)),
        new("extra_len", r => r.Extra?.Length, static (r, d, i) => r.Extra = r.Extra is { } at ? at with { Length = d.GetInt64(i) } : null),
        new("subtree_usage", r => r.SubtreeUsage, static (r, d, i) => r.SubtreeUsage = d.Text(i)),
        new("flags", r => (long)r.Flags, static (r, d, i) => r.Flags = (StepFlags)d.GetInt64(i)),
    ]);
}
