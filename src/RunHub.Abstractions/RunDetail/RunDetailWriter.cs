using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunHub.Plugins;

namespace RunHub.RunDetail;

/// <summary>
/// Writes a run along the shape its document had: a member is given back as it was spelled while it still says what the
/// run says, else as the run says it now. Without a shape the members RunDetail requires are written.
/// One file because every member is written against the same three things at once: shape, run, and what was written already.
/// </summary>
internal sealed partial class RunDetailWriter
{
    internal static readonly JsonWriterOptions Options = new()
    {
        // Read by people and by JSON parsers, never put into HTML unescaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 2048,
        SkipValidation = true,
    };

    readonly ArrayBufferWriter<byte> buffer = new();
    readonly Utf8JsonWriter json;
    readonly RunWrite run;
    readonly IReadOnlyList<StoredStep> steps;

    RunDetailWriter(StoredRun stored)
    {
        json = new Utf8JsonWriter(buffer, Options);
        (run, steps) = (stored.Run, stored.Steps);
    }

    public static JsonPayload Write(StoredRun stored)
    {
        var writer = new RunDetailWriter(stored);
        using (writer.json)
        {
            using var adapterData = stored.Run.AdapterData is { } data ? JsonDocument.Parse(data.Utf8, new JsonDocumentOptions { MaxDepth = 2048 }) : null;
            if (adapterData is { RootElement.ValueKind: JsonValueKind.Object } && adapterData.RootElement.TryGetProperty(RunDetailFormat.Shape, out var shape) && shape.ValueKind == JsonValueKind.Object)
                writer.Along(new JsonPart(shape, "$"));
            else
                writer.Afresh();
        }

        return new JsonPayload(writer.buffer.WrittenMemory);
    }

    RunStatus Status => run.Status ?? RunStatus.Queued;

    void Along(JsonPart shape)
    {
        var members = shape.Members();
        // Times and durations that the store filled in are no news; those of a run that went on since are.
        var wentOn = members.Find(m => m.Name == "status") is { Name: not null } status && status.Part.Status() != Status;
        json.WriteStartObject();
        foreach (var (name, part) in members) Member(name, part, wentOn);
        bool Lacks(string name) => !members.Exists(m => m.Name == name);
        if (Lacks("workflow_version") && run.WorkflowVersion is not null) Version();
        if (wentOn && Lacks("start_time")) Time("start_time", run.StartedAt);
        if (wentOn && Lacks("end_time")) Time("end_time", run.CompletedAt);
        if (wentOn && Lacks("duration_ms")) Number("duration_ms", run.DurationMs);
        if (Lacks("leadId")) Text("leadId", run.LeadId);
        if (Lacks("batchId")) Text("batchId", run.BatchId);
        if (Lacks("inputData") && run.InputsSummary is { } inputs) Raw("inputData", inputs);
        if (Lacks("results") && steps.Count > 0) Results(null);
        if (Lacks("error") && run.ErrorMessage is not null) Error();
        json.WriteEndObject();
    }

    void Member(string name, JsonPart part, bool wentOn)
    {
        switch (name)
        {
            case "id" when part.Text() != run.Id:
                Text(name, run.Id);
                break;
            case "status" when part.Status() != Status:
                Text(name, RunDetailFormat.StatusWord(Status));
                break;
            case "type" when !string.Equals(part.Text(), run.Type, StringComparison.OrdinalIgnoreCase):
                Text(name, run.Type);
                break;
            case "workflow_version" when part.TextOrNumber() != run.WorkflowVersion:
                Version();
                break;
            case "start_time" when IsNews(part, Same(part.Time(), run.StartedAt), wentOn):
                Time(name, run.StartedAt);
                break;
            case "end_time" when IsNews(part, Same(part.Time(), run.CompletedAt), wentOn):
                Time(name, run.CompletedAt);
                break;
            case "duration_ms" when IsNews(part, part.Whole() == run.DurationMs, wentOn):
                Number(name, run.DurationMs);
                break;
            case "leadId" when part.TextOrNumber() != run.LeadId:
                Text(name, run.LeadId);
                break;
            case "batchId" when part.TextOrNumber() != run.BatchId:
                Text(name, run.BatchId);
                break;
            case "inputData" when IsStored(part):
                if (run.InputsSummary is { } inputs) Raw(name, inputs);
                break;
            case "results" when !part.IsNull:
                Results(part);
                break;
            case "error" when !part.IsNull:
                Error(part);
                break;
            default:
                Keep(name, part);
                break;
        }
    }

    /// <summary>A member that said <c>null</c> says it still, unless the run went on since.</summary>
    static bool IsNews(JsonPart part, bool same, bool wentOn) => !same && (!part.IsNull || wentOn);

    void Afresh()
    {
        json.WriteStartObject();
        Text("id", run.Id);
        Text("status", RunDetailFormat.StatusWord(Status));
        Text("type", run.Type);
        Version();
        Time("start_time", run.StartedAt ?? run.CreatedAt);
        Time("end_time", run.CompletedAt);
        Number("duration_ms", run.DurationMs ?? 0);
        Text("leadId", run.LeadId);
        Text("batchId", run.BatchId);
        if (run.InputsSummary is { } inputs) Raw("inputData", inputs);
        Results(null);
        if (run.ErrorMessage is not null) Error();
        json.WriteEndObject();
    }

    void Error(JsonPart shape)
    {
        // Cleared since.
        if (run.ErrorMessage is null && run.ErrorStack is null && shape.Members().Exists(m => IsStored(m.Part))) return;
        json.WriteStartObject("error");
        foreach (var (name, part) in shape.Members())
        {
            switch (name)
            {
                case "nodeId" when part.Text() is { } node && node != run.ErrorStepId:
                    Text(name, run.ErrorStepId);
                    break;
                case "message" when IsStored(part):
                    Text(name, run.ErrorMessage);
                    break;
                case "stack" when IsStored(part):
                    Text(name, run.ErrorStack);
                    break;
                default:
                    Keep(name, part);
                    break;
            }
        }

        json.WriteEndObject();
    }

    void Error()
    {
        json.WriteStartObject("error");
        json.WriteString("nodeId", run.ErrorStepId ?? "");
        Text("message", run.ErrorMessage);
        Text("stack", run.ErrorStack);
        json.WriteEndObject();
    }

    void Version()
    {
        json.WritePropertyName("workflow_version");
        if (run.WorkflowVersion is null) json.WriteNullValue();
        else if (run.WorkflowVersionIsNumber is true) json.WriteRawValue(Encoding.UTF8.GetBytes(run.WorkflowVersion), skipInputValidation: false);
        else json.WriteStringValue(run.WorkflowVersion);
    }

    static bool IsStored(JsonPart part) => part.Element.ValueKind == JsonValueKind.String && part.Element.ValueEquals(RunDetailFormat.Stored);

    /// <summary>The store keeps microseconds.</summary>
    static bool Same(DateTimeOffset? a, DateTimeOffset? b) => a?.UtcTicks / TimeSpan.TicksPerMicrosecond == b?.UtcTicks / TimeSpan.TicksPerMicrosecond;

    void Keep(string name, JsonPart part)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(part.Raw, skipInputValidation: true);
    }

    void Raw(string name, JsonPayload? payload)
    {
        json.WritePropertyName(name);
        if (payload is { } value) json.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
        else json.WriteNullValue();
    }

    void Text(string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    void Number(string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    void Time(string name, DateTimeOffset? value)
    {
        if (value is { } time) json.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
    }
}
