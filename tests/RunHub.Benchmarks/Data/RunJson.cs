using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunHub.Benchmarks.Data;

/// <summary>Writes a generated run as a client would post it: S2's shape, its steps inline.</summary>
static class RunJson
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON text of <paramref name="run"/>.</summary>
    public static byte[] Write(RunWrite run)
    {
        var buffer = new ArrayBufferWriter<byte>(16_384);
        using (var json = new Utf8JsonWriter(buffer, Options)) Run(json, run);
        return buffer.WrittenSpan.ToArray();
    }

    static void Run(Utf8JsonWriter json, RunWrite run)
    {
        json.WriteStartObject();
        Text(json, "id", run.Id);
        Text(json, "type", run.Type);
        Text(json, "workflow_name", run.WorkflowName);
        Text(json, "workflow_version", run.WorkflowVersion);
        Text(json, "environment", run.Environment);
        Text(json, "status", run.Status?.ToName());
        Times(json, run.StartedAt, run.CompletedAt, run.DurationMs);
        Text(json, "actor", run.Actor);
        Text(json, "hitl", run.Hitl);
        Text(json, "trigger", run.Trigger);
        Text(json, "business_event_id", run.BusinessEventId);
        if (run.LeadId is not null) Text(json, "lead_id", run.LeadId);
        Payload(json, "inputs_summary", run.InputsSummary);
        Payload(json, "outputs_summary", run.OutputsSummary);
        if (run.Accuracy is { } accuracy)
        {
            json.WriteStartObject("effectiveness");
            json.WriteBoolean("first_pass_success", run.FirstPassSuccess ?? false);
            json.WriteNumber("accuracy", accuracy);
            json.WriteNumber("throughput_delta", run.ThroughputDelta ?? 0);
            json.WriteEndObject();
        }

        Diagnostics(json, "trace_id", run.TraceId, run.Tokens, run.ComputeMs, run.ErrorCode, run.ErrorMessage);
        if (run.ErrorClass is not null) Text(json, "error_class", run.ErrorClass);
        if (run.ErrorStepId is not null) Text(json, "error_step_id", run.ErrorStepId);
        json.WriteStartArray("tags");
        foreach (var tag in run.Tags ?? []) json.WriteStringValue(tag);
        json.WriteEndArray();
        if (run.Steps is not null)
        {
            json.WriteStartArray("steps");
            foreach (var step in run.Steps) Step(json, step);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    static void Step(Utf8JsonWriter json, StepWrite step)
    {
        json.WriteStartObject();
        Text(json, "id", step.Id);
        Text(json, "name", step.Name);
        Text(json, "type", step.Type?.ToName());
        Text(json, "node_id", step.NodeId);
        Text(json, "label", step.Label);
        Text(json, "status", step.Status?.ToName());
        Times(json, step.StartedAt, step.CompletedAt, step.DurationMs);
        json.WriteNumber("retries", step.Retries ?? 0);
        json.WriteStartObject("details");
        if (step.Model is not null) Text(json, "model", step.Model);
        if (step.Endpoint is not null) Text(json, "endpoint", step.Endpoint);
        Payload(json, "parameters_redacted", step.Parameters);
        json.WriteEndObject();
        json.WriteStartObject("io");
        Payload(json, "input_redacted", step.Input);
        Payload(json, "output_redacted", step.Output);
        json.WriteEndObject();
        Diagnostics(json, "span_id", step.SpanId, step.Tokens, step.ComputeMs, step.ErrorCode, step.ErrorMessage);
        if (step.ErrorClass is not null) Text(json, "error_class", step.ErrorClass);
        if (step.ValidationScore is { } score)
        {
            json.WriteStartObject("validation");
            json.WriteBoolean("passed", step.ValidationPassed ?? false);
            json.WriteNumber("score", score);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    static void Times(Utf8JsonWriter json, DateTimeOffset? started, DateTimeOffset? completed, long? duration)
    {
        if (started is { } start) Text(json, "started_at", RunHub.Times.ToIso(start.ToMicros()));
        if (completed is { } end) Text(json, "completed_at", RunHub.Times.ToIso(end.ToMicros()));
        if (duration is { } ms) json.WriteNumber("duration_ms", ms);
    }

    static void Diagnostics(Utf8JsonWriter json, string idName, string? id, long? tokens, long? computeMs, string? code, string? message)
    {
        json.WriteStartObject("diagnostics");
        Text(json, idName, id);
        json.WriteStartObject("resource_usage");
        json.WriteNumber("tokens", tokens ?? 0);
        json.WriteNumber("compute_ms", computeMs ?? 0);
        json.WriteEndObject();
        Text(json, "error_code", code);
        Text(json, "error_message", message);
        json.WriteEndObject();
    }

    static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null) json.WriteNull(name);
        else json.WriteString(name, value);
    }

    static void Payload(Utf8JsonWriter json, string name, JsonPayload? value)
    {
        if (value is not { } payload) return;
        json.WritePropertyName(name);
        json.WriteRawValue(payload.Utf8.Span, skipInputValidation: true);
    }
}
