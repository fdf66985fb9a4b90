using System.Globalization;
using System.Text.Json;

namespace RunHub.Benchmarks.Floors;

/// <summary>
/// Reads posted runs with the least that still reads them: one pass, known names only, no validation beyond what JSON and
/// the columns ask for, payloads cut out as bytes.
/// </summary>
static class FloorJson
{
    /// <summary>One run or an array of runs.</summary>
    public static List<FloorRun> Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var runs = new List<FloorRun>();
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            runs.Add(Run(ref reader, json));
            return runs;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject) runs.Add(Run(ref reader, json));
        return runs;
    }

    static FloorRun Run(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var run = new FloorRun();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "id"u8)) run.Id = Text(ref reader);
            else if (Is(ref reader, "type"u8)) run.Type = Text(ref reader);
            else if (Is(ref reader, "workflow_name"u8)) run.WorkflowName = Text(ref reader);
            else if (Is(ref reader, "workflow_version"u8)) run.WorkflowVersion = Text(ref reader);
            else if (Is(ref reader, "environment"u8)) run.Environment = Text(ref reader);
            else if (Is(ref reader, "status"u8)) run.Status = Status(ref reader);
            else if (Is(ref reader, "started_at"u8)) run.StartedAt = Time(ref reader);
            else if (Is(ref reader, "completed_at"u8)) run.CompletedAt = Time(ref reader);
            else if (Is(ref reader, "duration_ms"u8)) run.DurationMs = Number(ref reader);
            else if (Is(ref reader, "actor"u8)) run.Actor = Text(ref reader);
            else if (Is(ref reader, "hitl"u8)) run.Hitl = Text(ref reader);
            else if (Is(ref reader, "business_event_id"u8)) run.BusinessEventId = Text(ref reader);
            else if (Is(ref reader, "inputs_summary"u8)) run.Inputs = Raw(ref reader, json);
            else if (Is(ref reader, "outputs_summary"u8)) run.Outputs = Raw(ref reader, json);
            else if (Is(ref reader, "effectiveness"u8) || Is(ref reader, "diagnostics"u8)) Nested(ref reader, run, null);
            else if (Is(ref reader, "tags"u8)) run.Tags = Raw(ref reader, json);
            else if (Is(ref reader, "annotations"u8)) run.Annotations = Raw(ref reader, json);
            else if (Is(ref reader, "steps"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject) run.Steps.Add(Step(ref reader, json));
            }
            else reader.Skip();
        }

        return run;
    }

    static FloorStep Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var step = new FloorStep();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "id"u8)) step.Id = Text(ref reader);
            else if (Is(ref reader, "name"u8)) step.Name = Text(ref reader);
            else if (Is(ref reader, "type"u8)) step.Type = StepKind(ref reader);
            else if (Is(ref reader, "status"u8)) step.Status = Status(ref reader);
            else if (Is(ref reader, "started_at"u8)) step.StartedAt = Time(ref reader);
            else if (Is(ref reader, "completed_at"u8)) step.CompletedAt = Time(ref reader);
            else if (Is(ref reader, "duration_ms"u8)) step.DurationMs = Number(ref reader);
            else if (Is(ref reader, "retries"u8)) step.Retries = Number(ref reader);
            else if (Is(ref reader, "details"u8) || Is(ref reader, "io"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (Is(ref reader, "model"u8)) step.Model = Text(ref reader);
                    else if (Is(ref reader, "parameters_redacted"u8)) step.Parameters = Raw(ref reader, json);
                    else if (Is(ref reader, "input_redacted"u8)) step.Input = Raw(ref reader, json);
                    else if (Is(ref reader, "output_redacted"u8)) step.Output = Raw(ref reader, json);
                    else reader.Skip();
                }
            }
            else if (Is(ref reader, "diagnostics"u8)) Nested(ref reader, null, step);
            else reader.Skip();
        }

        return step;
    }

    /// <summary>effectiveness, diagnostics and resource_usage, of a run or of a step.</summary>
    static void Nested(ref Utf8JsonReader reader, FloorRun? run, FloorStep? step)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "resource_usage"u8)) Nested(ref reader, run, step);
            else if (Is(ref reader, "tokens"u8))
            {
                var tokens = Number(ref reader);
                if (run is not null) run.Tokens = tokens;
                else step!.Tokens = tokens;
            }
            else if (run is null) reader.Skip();
            else if (Is(ref reader, "compute_ms"u8)) run.ComputeMs = Number(ref reader);
            else if (Is(ref reader, "trace_id"u8)) run.TraceId = Text(ref reader);
            else if (Is(ref reader, "error_code"u8)) run.ErrorCode = Text(ref reader);
            else if (Is(ref reader, "error_message"u8)) run.ErrorMessage = Text(ref reader);
            else if (Is(ref reader, "first_pass_success"u8)) run.FirstPassSuccess = Flag(ref reader);
            else if (Is(ref reader, "accuracy"u8)) run.Accuracy = Real(ref reader);
            else if (Is(ref reader, "throughput_delta"u8)) run.ThroughputDelta = Real(ref reader);
            else reader.Skip();
        }
    }

    static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name);

    static byte[] Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return [];
        if (!reader.ValueIsEscaped) return reader.ValueSpan.ToArray();
        var text = new byte[reader.ValueSpan.Length];
        return text[..reader.CopyString(text)];
    }

    static byte[] Raw(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        var from = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[from..(int)reader.BytesConsumed].ToArray();
    }

    static long Number(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : 0;

    static double Real(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : 0;

    static long Flag(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.True ? 1 : 0;

    static long Time(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetDateTimeOffset().ToMicros() : 0;

    static long Status(ref Utf8JsonReader reader)
    {
        reader.Read();
        Span<char> text = stackalloc char[32];
        return RunStatuses.TryParse(text[..reader.CopyString(text)], out var status) ? (long)status : throw new FormatException("status");
    }

    static long StepKind(ref Utf8JsonReader reader)
    {
        reader.Read();
        for (var kind = StepType.Tool; kind <= StepType.Io; kind++)
        {
            if (reader.ValueTextEquals(kind.ToName())) return (long)kind;
        }

        throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"type at {reader.TokenStartIndex}"));
    }
}
