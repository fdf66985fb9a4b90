using System.Globalization;
using System.Text.Json;
using RunHub.Model;
using RunHub.Store.Logs;

namespace RunHub.Runs.Export;

/// <summary>Lines of a run as log records, each as a whole <c>ResourceLogs</c>. What came as a record goes as the same record.</summary>
sealed class OtlpLog(RunRow run, string tenantId, IReadOnlyDictionary<string, string?> spans)
{
    readonly string traceId = OtlpIds.Trace(run.TraceId, tenantId, run.Id);

    // Lines may name their step by a span id that is none of OpenTelemetry's.
    readonly ILookup<string, string> stepsBySpan = spans.Where(s => s.Value is not null).ToLookup(s => s.Value!, s => s.Key, StringComparer.Ordinal);

    /// <summary>Writes one line.</summary>
    public void Write(Utf8JsonWriter json, LogRow line)
    {
        using var kept = line.Attributes is { } text ? JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 }) : null;
        var own = kept?.RootElement is { ValueKind: JsonValueKind.Object } root ? root : (JsonElement?)null;
        var record = OtlpJson.Member(own, "resource") is { ValueKind: JsonValueKind.Object } && OtlpJson.Member(own, "attributes") is { ValueKind: JsonValueKind.Object }
            && OtlpJson.Member(own, "scope") is { ValueKind: JsonValueKind.String } ? own : null;
        json.WriteStartObject();
        OtlpJson.Resource(json, run, OtlpJson.Member(record, "resource"));
        json.WriteStartArray("scopeLogs");
        json.WriteStartObject();
        json.WriteStartObject("scope");
        json.WriteString("name", record is null ? "runhub" : OtlpJson.Member(record, "scope")!.Value.GetString());
        json.WriteEndObject();
        json.WriteStartArray("logRecords");
        json.WriteStartObject();
        json.WriteString("timeUnixNano", (line.At * 1000).ToString(CultureInfo.InvariantCulture));
        json.WriteString("traceId", traceId);
        if (SpanId(line) is { } spanId) json.WriteString("spanId", spanId);
        if (record is { } came) Record(json, line, came);
        else Report(json, line, own);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A record, with the severity it had, if any.</summary>
    static void Record(Utf8JsonWriter json, LogRow line, JsonElement record)
    {
        var attributes = record.GetProperty("attributes");
        if (OtlpJson.Member(record, "severity_number") is { } number && number.TryGetInt32(out var severity)) json.WriteNumber("severityNumber", severity);
        if (OtlpJson.Text(record, "severity_text") is { } word) json.WriteString("severityText", word);
        var name = OtlpJson.Text(record, "event_name");
        if (name is not null) json.WriteString("eventName", name);
        // A record without a body is shown by its name, or its exception.
        if (line.Message.Length > 0 && line.Message != (name ?? OtlpJson.Text(attributes, "exception.message"))) Body(json, line.Message);
        json.WriteStartArray("attributes");
        OtlpValues.Members(json, attributes);
        json.WriteEndArray();
    }

    static void Report(Utf8JsonWriter json, LogRow line, JsonElement? own)
    {
        // 1, 5, 9 …: the first number of each level's four.
        json.WriteNumber("severityNumber", (int)line.Level * 4 + 1);
        json.WriteString("severityText", line.Level.ToName());
        Body(json, line.Message);
        json.WriteStartArray("attributes");
        if (own is { } members) OtlpValues.Members(json, members);
        OtlpValues.Text(json, "runhub.state", line.State);
        if (line.CutFrom > 0) OtlpValues.Int(json, "runhub.msg_length", line.CutFrom);
        json.WriteEndArray();
    }

    static void Body(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject("body");
        json.WriteString("stringValue", text);
        json.WriteEndObject();
    }

    /// <summary>The span that the line's step is in the export of traces; null: the line is the run's.</summary>
    string? SpanId(LogRow line)
    {
        if (line.StepId is { } step && spans.TryGetValue(step, out var known)) return OtlpIds.Span(known, traceId, step);
        if (line.SpanId is { } span)
        {
            if (stepsBySpan[span].FirstOrDefault() is { } named) return OtlpIds.Span(span, traceId, named);
            if (OtlpIds.IsSpan(span)) return span.ToLowerInvariant();
        }

        // A step nobody reported: its lines stay together.
        return line.StepId is { } unknown ? OtlpIds.Span(null, traceId, unknown) : null;
    }
}
