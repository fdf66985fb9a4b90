using System.Globalization;
using System.Text;
using System.Text.Json;
using RunHub.Model;

namespace RunHub.Store.Events;

/// <summary>A step that an event's write changed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">Its status then.</param>
public readonly record struct EventStep(string Id, string Name, RunStatus Status);

/// <summary>Something that hangs on a run and that an event's write changed.</summary>
/// <param name="Kind">Name of its list in the event's JSON: <c>attachments, deleted_attachments, checkpoints, annotations, deleted_annotations</c>.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">What tells it to people; may be empty.</param>
public readonly record struct EventPart(string Kind, string Id, string Name);

/// <summary>Log lines that an event's write added; their text is not said.</summary>
/// <param name="Added">How many.</param>
/// <param name="FromAt">Time of the earliest, microseconds since 1970.</param>
/// <param name="ToAt">Time of the latest.</param>
/// <param name="LastSeq">Number of the last one among the run's lines.</param>
public readonly record struct EventLogs(int Added, long FromAt, long ToAt, long LastSeq);

/// <summary>
/// What an event keeps: the snapshot of its run, the steps its write changed, and who wrote. Stored as lines, each a letter and
/// a value (<c>iRUN\nwinvoice_intake\ns3\n…</c>), because the names of JSON would be half of what an event takes on disk;
/// read as the JSON the outside knows. Letters are in <see cref="RunSummary"/>; <c>S</c> is a step (digit of its
/// status, id, tab, name), <c>P</c> a part that hangs on the run (kind, tab, id, tab, name) <c>+</c> log lines (how many, from, to, last number, with tabs)
/// and <c>y</c> who wrote.
/// </summary>
public sealed class EventText
{
    readonly List<EventStep> steps = [];
    readonly List<EventPart> parts = [];

    EventText(RunSummary run) => Run = run;

    /// <summary>The run as it was then. Of a deleted run the id alone.</summary>
    public RunSummary Run { get; }

    /// <summary>Steps this write changed.</summary>
    public IReadOnlyList<EventStep> Steps => steps;

    /// <summary>Parts this write changed.</summary>
    public IReadOnlyList<EventPart> Parts => parts;

    /// <summary>Log lines this write added; null: none.</summary>
    public EventLogs? Logs { get; private set; }

    /// <summary>Who wrote; null when the event does not say.</summary>
    public string? By { get; private set; }

    /// <summary>The text of a write.</summary>
    public static string Write(RunRow run, IEnumerable<StepRow> steps, string by, EventLogs? logs = null)
    {
        var text = new StringBuilder(384);
        RunSummary.Write(text, run);
        foreach (var step in steps)
        {
            text.Append('S').Append((char)('0' + (int)step.Status));
            EventLines.Escape(text, step.Id);
            text.Append('\t');
            EventLines.Escape(text, step.Name);
            text.Append('\n');
        }

        if (logs is { } l) text.Append(CultureInfo.InvariantCulture, $"+{l.Added}\t{l.FromAt}\t{l.ToAt}\t{l.LastSeq}\n");
        EventLines.Append(text, 'y', by);
        return text.ToString();
    }

    /// <summary>The text of a write that changed what hangs on the run.</summary>
    public static string WriteParts(RunRow run, IEnumerable<EventPart> parts, string by)
    {
        var text = new StringBuilder(384);
        RunSummary.Write(text, run);
        foreach (var part in parts)
        {
            text.Append('P').Append(part.Kind).Append('\t');
            EventLines.Escape(text, part.Id);
            text.Append('\t');
            EventLines.Escape(text, part.Name);
            text.Append('\n');
        }

        EventLines.Append(text, 'y', by);
        return text.ToString();
    }

    /// <summary>The text of a deletion.</summary>
    public static string OfDeleted(string runId)
    {
        var text = new StringBuilder();
        EventLines.Append(text, RunSummary.IdLetter, runId);
        return text.ToString();
    }

    /// <summary>Reads a text; letters it does not know are passed over.</summary>
    public static EventText Read(string text)
    {
        var read = new EventText(RunSummary.Parse(text));
        foreach (var (letter, value) in new EventLines(text))
        {
            if (letter == 'y')
            {
                read.By = EventLines.Unescape(value);
            }
            else if (letter == '+')
            {
                read.Logs = ReadLogs(value);
            }
            else if (letter == 'S' && value.Length > 1 && value.IndexOf('\t') is > 0 and var tab)
            {
                read.steps.Add(new EventStep(EventLines.Unescape(value[1..tab]), EventLines.Unescape(value[(tab + 1)..]), (RunStatus)(value[0] - '0')));
            }
            else if (letter == 'P' && value.IndexOf('\t') is > 0 and var first && value[(first + 1)..].IndexOf('\t') is >= 0 and var second)
            {
                var rest = value[(first + 1)..];
                read.parts.Add(new EventPart(value[..first].ToString(), EventLines.Unescape(rest[..second]), EventLines.Unescape(rest[(second + 1)..])));
            }
        }

        return read;
    }

    static EventLogs? ReadLogs(ReadOnlySpan<char> value)
    {
        Span<long> numbers = stackalloc long[4];
        var count = 0;
        foreach (var part in value.Split('\t'))
            if (count == 4 || !long.TryParse(value[part], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[count++])) return null;
        return count == 4 ? new EventLogs((int)numbers[0], numbers[1], numbers[2], numbers[3]) : null;
    }

    /// <summary>Writes <c>"run":{…},"steps":[…],"by":"…"</c> into the object that is open.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="type">Of a deleted run nothing but the id is written.</param>
    public void WriteMembers(Utf8JsonWriter json, EventType type)
    {
        json.WriteStartObject("run");
        if (type == EventType.RunDeleted) json.WriteString("id", Run.Id);
        else Run.WriteMembers(json);
        json.WriteEndObject();
        if (steps.Count > 0)
        {
            json.WriteStartArray("steps");
            foreach (var step in steps)
            {
                json.WriteStartObject();
                json.WriteString("id", step.Id);
                json.WriteString("name", step.Name);
                json.WriteString("status", step.Status.ToName());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        foreach (var kind in parts.GroupBy(p => p.Kind, StringComparer.Ordinal))
        {
            json.WriteStartArray(kind.Key);
            foreach (var part in kind)
            {
                json.WriteStartObject();
                json.WriteString("id", part.Id);
                json.WriteString("name", part.Name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (Logs is { } logs)
        {
            json.WriteStartObject("logs");
            json.WriteNumber("added", logs.Added);
            json.WriteString("from", Times.ToIso(logs.FromAt));
            json.WriteString("to", Times.ToIso(logs.ToAt));
            json.WriteNumber("last_seq", logs.LastSeq);
            json.WriteEndObject();
        }

        if (By is not null) json.WriteString("by", By);
    }
}
