using System.Text.Json;

namespace RunHub.Model;

/// <summary>
/// The snapshot of a run that stands in an event: exactly what a filter can ask of a run, as it was then. JSON is
/// compact: snake_case names as in the API, absent values left out, <c>lane</c> only for backfill, <c>resolved</c> only
/// when true, <c>sort_at</c> in microseconds since 1970.
/// </summary>
public sealed class RunSummary
{
    static readonly TextColumn[] Columns =
    [
        new("id", r => r.Id, (s, v) => s.Id = v),
        new("name", r => r.Name, (s, v) => s.Name = v),
        new("workflow_name", r => r.WorkflowName, (s, v) => s.WorkflowName = v),
        new("workflow_version", r => r.WorkflowVersion, (s, v) => s.WorkflowVersion = v),
        new("type", r => r.Type, (s, v) => s.Type = v),
        new("environment", r => r.Environment, (s, v) => s.Environment = v),
        new("actor", r => r.Actor, (s, v) => s.Actor = v),
        new("hitl", r => r.Hitl, (s, v) => s.Hitl = v),
        new("trigger", r => r.Trigger, (s, v) => s.Trigger = v),
        new("owner", r => r.Owner, (s, v) => s.Owner = v),
        new("business_event_id", r => r.BusinessEventId, (s, v) => s.BusinessEventId = v),
        new("lead_id", r => r.LeadId, (s, v) => s.LeadId = v),
        new("batch_id", r => r.BatchId, (s, v) => s.BatchId = v),
        new("thread_id", r => r.ThreadId, (s, v) => s.ThreadId = v),
        new("agent_id", r => r.AgentId, (s, v) => s.AgentId = v),
        new("trace_id", r => r.TraceId, (s, v) => s.TraceId = v),
        new("parent_run_id", r => r.ParentRunId, (s, v) => s.ParentRunId = v),
        new("error_code", r => r.ErrorCode, (s, v) => s.ErrorCode = v),
        new("error_class", r => r.ErrorClass, (s, v) => s.ErrorClass = v),
        new("failed_node", r => r.FailedNode, (s, v) => s.FailedNode = v),
    ];

    static readonly JsonEncodedText StatusName = JsonEncodedText.Encode("status");
    static readonly JsonEncodedText LaneName = JsonEncodedText.Encode("lane");
    static readonly JsonEncodedText SortAtName = JsonEncodedText.Encode("sort_at");
    static readonly JsonEncodedText ModelsName = JsonEncodedText.Encode("models");
    static readonly JsonEncodedText TagsName = JsonEncodedText.Encode("tags");
    static readonly JsonEncodedText ResolvedName = JsonEncodedText.Encode("resolved");
    static readonly JsonEncodedText[] Statuses = [.. RunStatuses.All.Select(s => JsonEncodedText.Encode(s.ToName()))];

    /// <summary>Public id.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Null: the id stands for it.</summary>
    public string? Name { get; private set; }

    /// <summary>Workflow name.</summary>
    public string WorkflowName { get; private set; } = "";

    /// <summary>Workflow version.</summary>
    public string? WorkflowVersion { get; private set; }

    /// <summary>Workflow type.</summary>
    public string Type { get; private set; } = "";

    /// <summary>Environment.</summary>
    public string Environment { get; private set; } = "";

    /// <summary>Status.</summary>
    public RunStatus Status { get; private set; }

    /// <summary>Lane.</summary>
    public Lane Lane { get; private set; }

    /// <summary>Microseconds since 1970, UTC: start, else receipt; what the time range asks for.</summary>
    public long SortAt { get; private set; }

    /// <summary>Who acted.</summary>
    public string? Actor { get; private set; }

    /// <summary><c>requested</c>, <c>approved</c>, <c>rejected</c> or null.</summary>
    public string? Hitl { get; private set; }

    /// <summary>What started it.</summary>
    public string? Trigger { get; private set; }

    /// <summary>Who looks after it.</summary>
    public string? Owner { get; private set; }

    /// <summary>Business event.</summary>
    public string? BusinessEventId { get; private set; }

    /// <summary>Lead.</summary>
    public string? LeadId { get; private set; }

    /// <summary>Batch or backfill.</summary>
    public string? BatchId { get; private set; }

    /// <summary>Thread.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>Agent.</summary>
    public string? AgentId { get; private set; }

    /// <summary>Trace.</summary>
    public string? TraceId { get; private set; }

    /// <summary>Parent run.</summary>
    public string? ParentRunId { get; private set; }

    /// <summary>Error code, free text.</summary>
    public string? ErrorCode { get; private set; }

    /// <summary>Error class.</summary>
    public string? ErrorClass { get; private set; }

    /// <summary>Node id, or name, of the failing step.</summary>
    public string? FailedNode { get; private set; }

    /// <summary>Distinct models of its steps.</summary>
    public IReadOnlyList<string> Models { get; private set; } = [];

    /// <summary>Tags.</summary>
    public IReadOnlyList<string> Tags { get; private set; } = [];

    /// <summary>Somebody marked it as resolved.</summary>
    public bool IsResolved { get; private set; }

    /// <summary>The snapshot of a row.</summary>
    public static RunSummary From(RunRow row)
    {
        var summary = new RunSummary
        {
            Status = row.Status, Lane = row.Lane, SortAt = row.SortAt, IsResolved = row.Resolved is not null,
            Models = Split(row.Models), Tags = Split(row.TagsText),
        };
        foreach (var column in Columns)
            if (column.OfRow(row) is { } value) column.Set(summary, value);
        return summary;
    }

    /// <summary>Writes the snapshot of a row as one JSON object, without making one in memory.</summary>
    public static void Write(Utf8JsonWriter writer, RunRow row)
    {
        writer.WriteStartObject();
        foreach (var column in Columns)
            if (column.OfRow(row) is { } value) writer.WriteString(column.Name, value);
        writer.WriteString(StatusName, Statuses[(int)row.Status]);
        if (row.Lane == Lane.Backfill) writer.WriteString(LaneName, "backfill");
        writer.WriteNumber(SortAtName, row.SortAt);
        WriteList(writer, ModelsName, row.Models);
        WriteList(writer, TagsName, row.TagsText);
        if (row.Resolved is not null) writer.WriteBoolean(ResolvedName, value: true);
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; names it does not know are passed over.</summary>
    public static RunSummary Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Read(ref reader);
    }

    /// <summary>Reads the object the reader stands on and leaves it on the object's end.</summary>
    public static RunSummary Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("A run's snapshot is an object.");
        var summary = new RunSummary();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Find(ref reader) is { } column)
            {
                reader.Read();
                if (reader.GetString() is { } value) column.Set(summary, value);
            }
            else
            {
                summary.ReadOther(ref reader);
            }
        }

        return summary;
    }

    static TextColumn? Find(ref Utf8JsonReader reader)
    {
        foreach (var column in Columns)
            if (reader.ValueTextEquals(column.Name.EncodedUtf8Bytes)) return column;
        return null;
    }

    void ReadOther(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        switch (name)
        {
            case "status": Status = RunStatuses.TryParse(reader.GetString(), out var status) ? status : throw new JsonException("A run's snapshot has an unknown status."); break;
            case "lane": Lane = reader.ValueTextEquals("backfill"u8) ? Lane.Backfill : Lane.Production; break;
            case "sort_at": SortAt = reader.GetInt64(); break;
            case "models": Models = ReadList(ref reader); break;
            case "tags": Tags = ReadList(ref reader); break;
            case "resolved": IsResolved = reader.GetBoolean(); break;
            default: reader.Skip(); break;
        }
    }

    static List<string> ReadList(ref Utf8JsonReader reader)
    {
        var list = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(reader.GetString()!);
        return list;
    }

    static void WriteList(Utf8JsonWriter writer, JsonEncodedText name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        writer.WriteStartArray(name);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var value = text.AsSpan(range);
            if (value.Length > 0) writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    static string[] Split(string? text) => text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    sealed class TextColumn(string name, Func<RunRow, string?> ofRow, Action<RunSummary, string> set)
    {
        public JsonEncodedText Name { get; } = JsonEncodedText.Encode(name);

        public Func<RunRow, string?> OfRow { get; } = ofRow;

        public Action<RunSummary, string> Set { get; } = set;
    }
}
