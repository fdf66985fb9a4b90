using System.Text.Encodings.Web;
using System.Text.Json;
using RunHub.Model;

namespace RunHub.Json;

/// <summary>What a run has beside its row. A list leaves it out unless it was asked for.</summary>
public sealed record RunParts
{
    /// <summary>Inputs, JSON text; empty: none.</summary>
    public ReadOnlyMemory<byte> Inputs { get; init; }

    /// <summary>Outputs, JSON text; empty: none.</summary>
    public ReadOnlyMemory<byte> Outputs { get; init; }

    /// <summary>The whole message where the row's is shortened.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Stack trace.</summary>
    public string? ErrorStack { get; init; }

    /// <summary>Notes on the experience.</summary>
    public string? ExperienceNotes { get; init; }

    /// <summary>Notes, oldest first.</summary>
    public IReadOnlyList<RunNote> Annotations { get; init; } = [];
}

/// <summary>What a step has beside its row.</summary>
public sealed record StepParts
{
    /// <summary>Input, JSON text; empty: none.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Output, JSON text; empty: none.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>Parameters, JSON text; empty: none.</summary>
    public ReadOnlyMemory<byte> Parameters { get; init; }

    /// <summary>Reasons of the validation, JSON text; empty: none.</summary>
    public ReadOnlyMemory<byte> Reasons { get; init; }

    /// <summary>The whole message where the row's is shortened.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Stack trace.</summary>
    public string? ErrorStack { get; init; }

    /// <summary>What a span carried beside what the fields hold, JSON text; empty: none.</summary>
    public ReadOnlyMemory<byte> Attributes { get; init; }
}

/// <summary>
/// Writes runs and steps as S2 names them. S2's members always stand there, <c>null</c> where nothing is known; those
/// beside them only when they have a value. Payloads are written as they came.
/// </summary>
public static partial class RunJson
{
    /// <summary>How answers are written: no escaping beyond JSON's own, they are never part of a page.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    static readonly JsonEncodedText[] Statuses = [.. RunStatuses.All.Select(s => JsonEncodedText.Encode(s.ToName()))];
    static readonly JsonEncodedText[] Types = [.. Enum.GetValues<StepType>().Select(t => JsonEncodedText.Encode(t.ToName()))];

    /// <summary>Writes a run.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="run">Its row.</param>
    /// <param name="tenantId">Public id of its tenant.</param>
    /// <param name="parts">Null: inputs, outputs, annotations, stack and experience notes are left out, and the error message is the row's.</param>
    /// <param name="withAliases">Also <c>finished_at, total_tokens, total_cost_usd, error</c>, as S4 calls them.</param>
    public static void Write(Utf8JsonWriter json, RunRow run, string tenantId, RunParts? parts = null, bool withAliases = false)
    {
        json.WriteStartObject();
        WriteMembers(json, run, tenantId, parts);
        if (withAliases) Aliases(json, run, parts);
        json.WriteEndObject();
    }

    /// <summary>Writes a run's members, for an object that goes on (an export with its steps).</summary>
    /// <param name="json">Where to; an object is open.</param>
    /// <param name="run">Its row.</param>
    /// <param name="tenantId">Public id of its tenant.</param>
    /// <param name="parts">As for <see cref="Write(Utf8JsonWriter, RunRow, string, RunParts?, bool)"/>.</param>
    /// <param name="asItCame">A version that came as a number is one again, so that it is after an import; else it is text as everywhere.</param>
    public static void WriteMembers(Utf8JsonWriter json, RunRow run, string tenantId, RunParts? parts, bool asItCame = false)
    {
        json.WriteString(Names.Id, run.Id);
        json.WriteString(Names.WorkflowName, run.WorkflowName);
        if (asItCame && run.WorkflowVersion is { } version && run.Flags.HasFlag(RunFlags.VersionIsNumber)) Raw(json, Names.WorkflowVersion, System.Text.Encoding.UTF8.GetBytes(version));
        else Text(json, Names.WorkflowVersion, run.WorkflowVersion);
        json.WriteString(Names.Environment, run.Environment);
        json.WriteString(Names.Status, Statuses[(int)run.Status]);
        Time(json, Names.StartedAt, run.StartedAt);
        Time(json, Names.CompletedAt, run.CompletedAt);
        Number(json, Names.DurationMs, run.DurationMs);
        Text(json, Names.Actor, run.Actor);
        Text(json, Names.Hitl, run.Hitl);
        Text(json, Names.BusinessEventId, run.BusinessEventId);
        json.WriteString(Names.TenantId, tenantId);
        if (parts is not null)
        {
            Raw(json, Names.InputsSummary, parts.Inputs);
            Raw(json, Names.OutputsSummary, parts.Outputs);
        }

        json.WriteStartObject(Names.Effectiveness);
        Bool(json, Names.FirstPassSuccess, run.FirstPassSuccess);
        Number(json, Names.Accuracy, run.Accuracy);
        Number(json, Names.ThroughputDelta, run.ThroughputDelta);
        json.WriteEndObject();
        Diagnostics(json, Names.TraceId, run.TraceId, run.Tokens, run.ComputeMs, run.ErrorCode, parts?.ErrorMessage ?? run.ErrorMessage);
        json.WriteStartArray(Names.Tags);
        Tags(json, run.TagsText);
        json.WriteEndArray();
        if (parts is not null) Annotations(json, parts.Annotations);
        Beside(json, run, parts);
    }

    /// <summary>Writes a step.</summary>
    public static void Write(Utf8JsonWriter json, StepRow step, string runId, StepParts parts)
    {
        json.WriteStartObject();
        json.WriteString(Names.Id, step.Id);
        json.WriteString(Names.RunId, runId);
        json.WriteString(Names.Name, step.Name);
        json.WriteString(Names.Type, Types[(int)step.Type]);
        json.WriteString(Names.Status, Statuses[(int)step.Status]);
        Time(json, Names.StartedAt, step.StartedAt);
        Time(json, Names.CompletedAt, step.CompletedAt);
        Number(json, Names.DurationMs, step.DurationMs);
        json.WriteNumber(Names.Retries, step.Retries);
        json.WriteStartObject(Names.Details);
        if (step.Model is not null) json.WriteString(Names.Model, step.Model);
        if (step.Tool is not null) json.WriteString(Names.Tool, step.Tool);
        if (step.Endpoint is not null) json.WriteString(Names.Endpoint, step.Endpoint);
        if (parts.Parameters.Length > 0) Raw(json, Names.Parameters, parts.Parameters);
        json.WriteEndObject();
        json.WriteStartObject(Names.Io);
        if (parts.Input.Length > 0) Raw(json, Names.Input, parts.Input);
        if (parts.Output.Length > 0) Raw(json, Names.Output, parts.Output);
        json.WriteEndObject();
        Diagnostics(json, Names.SpanId, step.SpanId, step.Tokens, step.ComputeMs, step.ErrorCode, parts.ErrorMessage ?? step.ErrorMessage);
        json.WriteStartObject(Names.Validation);
        if (step.ValidationPassed is { } passed) json.WriteBoolean(Names.Passed, passed);
        if (step.ValidationScore is { } score) json.WriteNumber(Names.Score, score);
        if (parts.Reasons.Length > 0) Raw(json, Names.Reasons, parts.Reasons);
        json.WriteEndObject();
        if (step.NodeId is not null) json.WriteString(Names.NodeId, step.NodeId);
        if (step.Label is not null) json.WriteString(Names.Label, step.Label);
        if (step.ParentStepId is not null) json.WriteString(Names.ParentStepId, step.ParentStepId);
        if (step.TokensIn is { } tokensIn) json.WriteNumber(Names.TokensIn, tokensIn);
        if (step.TokensOut is { } tokensOut) json.WriteNumber(Names.TokensOut, tokensOut);
        if (step.CostNano is { } cost) json.WriteNumber(Names.CostUsd, Money.FromNano(cost));
        if (step.ErrorClass is not null) json.WriteString(Names.ErrorClass, step.ErrorClass);
        if (parts.ErrorStack is not null) json.WriteString(Names.ErrorStack, parts.ErrorStack);
        if (parts.Attributes.Length > 0) Raw(json, Names.Attributes, parts.Attributes);
        json.WriteEndObject();
    }

    static void Beside(Utf8JsonWriter json, RunRow run, RunParts? parts)
    {
        if (run.Name is not null) json.WriteString(Names.Name, run.Name);
        json.WriteString(Names.Type, run.Type);
        if (run.Trigger is not null) json.WriteString(Names.Trigger, run.Trigger);
        if (run.StartedBy is not null) json.WriteString(Names.StartedBy, run.StartedBy);
        Time(json, Names.CreatedAt, run.CreatedAt);
        Time(json, Names.UpdatedAt, run.UpdatedAt);
        if (run.LeadId is not null) json.WriteString(Names.LeadId, run.LeadId);
        if (run.BatchId is not null) json.WriteString(Names.BatchId, run.BatchId);
        if (run.ThreadId is not null) json.WriteString(Names.ThreadId, run.ThreadId);
        if (run.AgentId is not null) json.WriteString(Names.AgentId, run.AgentId);
        if (run.ParentRunId is not null) json.WriteString(Names.ParentRunId, run.ParentRunId);
        if (run.RootRunId is not null) json.WriteString(Names.RootRunId, run.RootRunId);
        if (run.Attempt is { } attempt) json.WriteNumber(Names.Attempt, attempt);
        if (run.Owner is not null) json.WriteString(Names.Owner, run.Owner);
        if (run.Progress is { } progress) json.WriteNumber(Names.Progress, progress);
        if (run.CostNano is { } cost) json.WriteNumber(Names.CostUsd, Money.FromNano(cost));
        if (run.ErrorClass is not null) json.WriteString(Names.ErrorClass, run.ErrorClass);
        if (run.Fingerprint is not null) json.WriteString(Names.Fingerprint, run.Fingerprint);
        if (run.ErrorStepId is not null) json.WriteString(Names.ErrorStepId, run.ErrorStepId);
        if (parts?.ErrorStack is { } stack) json.WriteString(Names.ErrorStack, stack);
        if (run.CustomerExperienceIndex is { } index) json.WriteNumber(Names.CustomerExperienceIndex, index);
        if (parts?.ExperienceNotes is { } notes) json.WriteString(Names.ExperienceNotes, notes);
        if (run.TimeToFeature is { } time) json.WriteNumber(Names.TimeToFeature, time);
        if (run.Resolved is not null)
        {
            json.WritePropertyName(Names.Resolved);
            json.WriteRawValue(run.Resolved, skipInputValidation: true);
        }

        json.WriteNumber(Names.StepCount, run.StepCount);
        if (run.FailedSteps > 0) json.WriteNumber(Names.FailedSteps, run.FailedSteps);
        if (run.Retries > 0) json.WriteNumber(Names.Retries, run.Retries);
    }

    static void Aliases(Utf8JsonWriter json, RunRow run, RunParts? parts)
    {
        // S4's object always has these seven; three of them stand above when they have a value.
        if (run.AgentId is null) json.WriteNull(Names.AgentId);
        if (run.ThreadId is null) json.WriteNull(Names.ThreadId);
        if (run.Trigger is null) json.WriteNull(Names.Trigger);
        Time(json, Names.FinishedAt, run.CompletedAt);
        Number(json, Names.TotalTokens, run.Tokens);
        if (run.CostNano is { } cost) json.WriteNumber(Names.TotalCostUsd, Money.FromNano(cost));
        else json.WriteNull(Names.TotalCostUsd);
        Text(json, Names.Error, parts?.ErrorMessage ?? run.ErrorMessage);
    }

    static void Diagnostics(Utf8JsonWriter json, JsonEncodedText idName, string? id, long? tokens, long? computeMs, string? errorCode, string? errorMessage)
    {
        json.WriteStartObject(Names.Diagnostics);
        Text(json, idName, id);
        json.WriteStartObject(Names.ResourceUsage);
        Number(json, Names.Tokens, tokens);
        Number(json, Names.ComputeMs, computeMs);
        json.WriteEndObject();
        Text(json, Names.ErrorCode, errorCode);
        Text(json, Names.ErrorMessage, errorMessage);
        json.WriteEndObject();
    }

    static void Tags(Utf8JsonWriter json, ReadOnlySpan<char> tags)
    {
        while (tags.Length > 0)
        {
            var end = tags.IndexOf('\n');
            var tag = end < 0 ? tags : tags[..end];
            if (tag.Length > 0) json.WriteStringValue(tag);
            tags = end < 0 ? [] : tags[(end + 1)..];
        }
    }

    static void Annotations(Utf8JsonWriter json, IReadOnlyList<RunNote> notes)
    {
        json.WriteStartArray(Names.Annotations);
        for (var i = 0; i < notes.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString(Names.Author, notes[i].Author);
            json.WriteString(Names.Note, notes[i].Note);
            Time(json, Names.At, notes[i].At);
            if (notes[i].StepId is { } step) json.WriteString(Names.StepId, step);
            if (notes[i].Anchor is { } anchor)
            {
                json.WritePropertyName(Names.Anchor);
                json.WriteRawValue(anchor, skipInputValidation: true);
            }

            if (notes[i].EditedAt is { } edited) Time(json, Names.EditedAt, edited);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void Text(Utf8JsonWriter json, JsonEncodedText name, string? value)
    {
        if (value is null) json.WriteNull(name);
        else json.WriteString(name, value);
    }

    static void Number(Utf8JsonWriter json, JsonEncodedText name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    static void Number(Utf8JsonWriter json, JsonEncodedText name, double? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    static void Bool(Utf8JsonWriter json, JsonEncodedText name, bool? value)
    {
        if (value is { } flag) json.WriteBoolean(name, flag);
        else json.WriteNull(name);
    }

    static void Time(Utf8JsonWriter json, JsonEncodedText name, long? micros)
    {
        if (micros is not { } value)
        {
            json.WriteNull(name);
            return;
        }

        Span<byte> text = stackalloc byte[IsoTime.MaxLength];
        json.WriteString(name, text[..IsoTime.Format(value, text)]);
    }

    static void Raw(Utf8JsonWriter json, JsonEncodedText name, ReadOnlyMemory<byte> value)
    {
        json.WritePropertyName(name);
        if (value.Length == 0) json.WriteNullValue();
        else json.WriteRawValue(value.Span, skipInputValidation: true);
    }
}
