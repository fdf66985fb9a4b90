using RunHub.Model;
using static RunHub.Json.RunFields;

namespace RunHub.Json;

/// <summary>Reads log lines as S2 names them: <c>run_id, step_id, state, msg, level, ts</c>.</summary>
static class LogObject
{
    /// <summary>Reads the object the cursor stands on; null when it is none. A line without a time has the smallest there is.</summary>
    public static LogWrite? Read(ref JsonCursor c)
    {
        if (!c.IsObject()) return null;
        var line = new LogWrite { At = default, Level = "info", Text = "" };
        UInt128 seen = 0, given = 0;
        while (c.NextMember(Log, ref seen, out var name))
        {
            var bit = UInt128.One << name.Field;
            if (c.Reader.TokenType != System.Text.Json.JsonTokenType.Null)
            {
                if (name.IsSynonym && (given & bit) != 0) c.Payload();
                else line = Member(ref c, (LogField)name.Field, line);
                if (!name.IsSynonym) given |= bit;
            }

            c.Pop();
        }

        if (line.Text.Length == 0 && line.Attributes is null && !c.HasFaults) c.Fault("A log line has a text.", "msg");
        return line;
    }

    /// <summary>Reads an array of lines inside a run.</summary>
    public static List<LogWrite>? ReadAll(ref JsonCursor c)
    {
        if (!c.IsArray()) return null;
        var clear = c.Clear;
        c.Clear = null;
        var lines = new List<LogWrite>();
        for (var i = 0; c.Reader.Read() && c.Reader.TokenType != System.Text.Json.JsonTokenType.EndArray; i++)
        {
            c.Push(i);
            if (i == c.Context.MaxItems) c.Fault($"At most {c.Context.MaxItems} log lines are accepted at once.");
            if (Read(ref c) is { } line && i < c.Context.MaxItems) lines.Add(Timed(line, c.Context.Now, i));
            c.Pop();
        }

        c.Clear = clear;
        return lines;
    }

    /// <summary>Gives lines without a time one.</summary>
    public static ReadResult<LogWrite> Timed(ReadResult<LogWrite> read, DateTimeOffset now) =>
        read with { Items = [.. read.Items.Select(i => i with { Value = Timed(i.Value, now, i.Index) })] };

    static LogWrite Timed(LogWrite line, DateTimeOffset now, int index) => line.At == default ? line with { At = now.AddMicroseconds(index) } : line;

    static LogWrite Member(ref JsonCursor c, LogField field, LogWrite line)
    {
        switch (field)
        {
            case LogField.RunId: return line with { RunId = c.Id() };
            case LogField.StepId: return line with { StepId = c.Id() };
            case LogField.State: return line with { State = c.Name(64) };
            case LogField.Message: return line with { Text = c.Text() ?? "" };
            case LogField.Level: return line with { Level = Level(ref c) ?? line.Level };
            case LogField.At: return line with { At = c.Time() ?? default };
            case LogField.SpanId: return line with { SpanId = c.Name() };
            case LogField.Attributes: return c.IsObject() ? line with { Attributes = c.Payload() } : line;
            case LogField.Length: return line with { CutFrom = c.Int(0, int.MaxValue) ?? 0 };
            default:
                c.Payload();
                return line;
        }
    }

    static string? Level(ref JsonCursor c)
    {
        if (c.Name(32) is not { } text) return null;
        if (Severities.TryParse(text, out var level)) return level.ToName();
        c.Fault($"\"{text}\" is not a level; these are: {string.Join(", ", Severities.Names)}.");
        return null;
    }
}
