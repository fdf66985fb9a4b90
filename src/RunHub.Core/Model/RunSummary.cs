using System.Globalization;
using System.Text;
using System.Text.Json;
using RunHub.Store.Events;

namespace RunHub.Model;

/// <summary>
/// The snapshot of a run that stands in an event: exactly what a filter can ask of a run, as it was then. Stored as lines of a
/// letter and a value; as JSON it has snake_case names as in the API, absent values left out, <c>lane</c> only for
/// backfill, <c>resolved</c> only when true, <c>sort_at</c> in microseconds since 1970.
/// </summary>
public sealed class RunSummary
{
    internal const char IdLetter = 'i';
    const char StatusLetter = 's';
    const char BackfillLetter = 'L';
    const char SortAtLetter = '@';
    const char DurationLetter = 'd';
    const char TokensLetter = 'k';
    const char CostLetter = '$';
    const char ModelLetter = 'm';
    const char TagLetter = '#';
    const char ResolvedLetter = 'r';

    static readonly TextColumn[] Columns =
    [
        new(IdLetter, "id", r => r.Id, s => s.Id, (s, v) => s.Id = v),
        new('n', "name", r => r.Name, s => s.Name, (s, v) => s.Name = v),
        new('w', "workflow_name", r => r.WorkflowName, s => s.WorkflowName, (s, v) => s.WorkflowName = v),
        new('v', "workflow_version", r => r.WorkflowVersion, s => s.WorkflowVersion, (s, v) => s.WorkflowVersion = v),
        new('t', "type", r => r.Type, s => s.Type, (s, v) => s.Type = v),
        new('e', "environment", r => r.Environment, s => s.Environment, (s, v) => s.Environment = v),
        new('a', "actor", r => r.Actor, s => s.Actor, (s, v) => s.Actor = v),
        new('h', "hitl", r => r.Hitl, s => s.Hitl, (s, v) => s.Hitl = v),
        new('g', "trigger", r => r.Trigger, s => s.Trigger, (s, v) => s.Trigger = v),
        new('o', "owner", r => r.Owner, s => s.Owner, (s, v) => s.Owner = v),
        new('b', "business_event_id", r => r.BusinessEventId, s => s.BusinessEventId, (s, v) => s.BusinessEventId = v),
        new('l', "lead_id", r => r.LeadId, s => s.LeadId, (s, v) => s.LeadId = v),
        new('B', "batch_id", r => r.BatchId, s => s.BatchId, (s, v) => s.BatchId = v),
        new('T', "thread_id", r => r.ThreadId, s => s.ThreadId, (s, v) => s.ThreadId = v),
        new('A', "agent_id", r => r.AgentId, s => s.AgentId, (s, v) => s.AgentId = v),
        new('x', "trace_id", r => r.TraceId, s => s.TraceId, (s, v) => s.TraceId = v),
        new('p', "parent_run_id", r => r.ParentRunId, s => s.ParentRunId, (s, v) => s.ParentRunId = v),
        new('c', "error_code", r => r.ErrorCode, s => s.ErrorCode, (s, v) => s.ErrorCode = v),
        new('C', "error_class", r => r.ErrorClass, s => s.ErrorClass, (s, v) => s.ErrorClass = v),
        new('f', "failed_node", r => r.FailedNode, s => s.FailedNode, (s, v) => s.FailedNode = v),
        new('F', "fingerprint", r => r.Fingerprint, s => s.Fingerprint, (s, v) => s.Fingerprint = v),
    ];

    static readonly TextColumn?[] ByLetter = [.. Enumerable.Range(0, 128).Select(c => Columns.FirstOrDefault(column => column.Letter == c))];
    static readonly JsonEncodedText StatusName = JsonEncodedText.Encode("status");
    static readonly JsonEncodedText LaneName = JsonEncodedText.Encode("lane");
    static readonly JsonEncodedText SortAtName = JsonEncodedText.Encode("sort_at");
    static readonly JsonEncodedText DurationName = JsonEncodedText.Encode("duration_ms");
    static readonly JsonEncodedText TokensName = JsonEncodedText.Encode("tokens");
    static readonly JsonEncodedText CostName = JsonEncodedText.Encode("cost_usd");
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

    /// <summary>Milliseconds.</summary>
    public long? DurationMs { get; private set; }

    /// <summary>Tokens used.</summary>
    public long? Tokens { get; private set; }

    /// <summary>Nano-dollars; written as <c>cost_usd</c>.</summary>
    public long? CostNano { get; private set; }

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

    /// <summary>What its error has in common with others.</summary>
    public string? Fingerprint { get; private set; }

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
            Status = row.Status, Lane = row.Lane, SortAt = row.SortAt, DurationMs = row.DurationMs, Tokens = row.Tokens, CostNano = row.CostNano, IsResolved = row.Resolved is not null,
            Models = Split(row.Models), Tags = Split(row.TagsText),
        };
        foreach (var column in Columns)
            if (column.OfRow(row) is { } value) column.Set(summary, value);
        return summary;
    }

    /// <summary>Appends the snapshot of a row as lines, without making one in memory.</summary>
    internal static void Write(StringBuilder text, RunRow row)
    {
        foreach (var column in Columns)
            if (column.OfRow(row) is { } value) EventLines.Append(text, column.Letter, value);
        text.Append(StatusLetter).Append((char)('0' + (int)row.Status)).Append('\n');
        text.Append(SortAtLetter).Append(CultureInfo.InvariantCulture, $"{row.SortAt}").Append('\n');
        Number(text, DurationLetter, row.DurationMs);
        Number(text, TokensLetter, row.Tokens);
        Number(text, CostLetter, row.CostNano);
        if (row.Lane == Lane.Backfill) text.Append(BackfillLetter).Append('\n');
        WriteList(text, ModelLetter, row.Models);
        WriteList(text, TagLetter, row.TagsText);
        if (row.Resolved is not null) text.Append(ResolvedLetter).Append('\n');
    }

    /// <summary>Reads the lines of a snapshot; letters it does not know are passed over.</summary>
    internal static RunSummary Parse(ReadOnlySpan<char> text)
    {
        var summary = new RunSummary();
        List<string>? models = null, tags = null;
        foreach (var (letter, value) in new EventLines(text))
        {
            switch (letter)
            {
                case StatusLetter: summary.Status = (RunStatus)(value[0] - '0'); break;
                case SortAtLetter: summary.SortAt = long.Parse(value, CultureInfo.InvariantCulture); break;
                case DurationLetter: summary.DurationMs = long.Parse(value, CultureInfo.InvariantCulture); break;
                case TokensLetter: summary.Tokens = long.Parse(value, CultureInfo.InvariantCulture); break;
                case CostLetter: summary.CostNano = long.Parse(value, CultureInfo.InvariantCulture); break;
                case BackfillLetter: summary.Lane = Lane.Backfill; break;
                case ModelLetter: (models ??= []).Add(EventLines.Unescape(value)); break;
                case TagLetter: (tags ??= []).Add(EventLines.Unescape(value)); break;
                case ResolvedLetter: summary.IsResolved = true; break;
                default:
                    if (letter < ByLetter.Length) ByLetter[letter]?.Set(summary, EventLines.Unescape(value));
                    break;
            }
        }

        if (models is not null) summary.Models = models;
        if (tags is not null) summary.Tags = tags;
        return summary;
    }

    /// <summary>Writes the snapshot's members into the JSON object that is open.</summary>
    internal void WriteMembers(Utf8JsonWriter writer)
    {
        foreach (var column in Columns)
            if (column.OfSummary(this) is { } value) writer.WriteString(column.Name, value);
        writer.WriteString(StatusName, Statuses[(int)Status]);
        if (Lane == Lane.Backfill) writer.WriteString(LaneName, "backfill");
        writer.WriteNumber(SortAtName, SortAt);
        if (DurationMs is { } duration) writer.WriteNumber(DurationName, duration);
        if (Tokens is { } tokens) writer.WriteNumber(TokensName, tokens);
        if (CostNano is { } cost) writer.WriteNumber(CostName, Money.FromNano(cost));
        WriteList(writer, ModelsName, Models);
        WriteList(writer, TagsName, Tags);
        if (IsResolved) writer.WriteBoolean(ResolvedName, value: true);
    }

    static void Number(StringBuilder text, char letter, long? number)
    {
        if (number is { } some) text.Append(letter).Append(CultureInfo.InvariantCulture, $"{some}").Append('\n');
    }

    static void WriteList(StringBuilder text, char letter, string? list)
    {
        foreach (var range in list.AsSpan().Split('\n'))
        {
            var value = list.AsSpan()[range];
            if (value.Length > 0) EventLines.Append(text, letter, value);
        }
    }

    static void WriteList(Utf8JsonWriter writer, JsonEncodedText name, IReadOnlyList<string> list)
    {
        if (list.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (var value in list) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    static string[] Split(string? text) => text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    sealed class TextColumn(char letter, string name, Func<RunRow, string?> ofRow, Func<RunSummary, string?> ofSummary, Action<RunSummary, string> set)
    {
        public char Letter { get; } = letter;

        public JsonEncodedText Name { get; } = JsonEncodedText.Encode(name);

        public Func<RunRow, string?> OfRow { get; } = ofRow;

        public Func<RunSummary, string?> OfSummary { get; } = ofSummary;

        public Action<RunSummary, string> Set { get; } = set;
    }
}
