using System.Text.Json;
using RunHub.Model;
using RunHub.Store.Logs;

namespace RunHub.Json;

/// <summary>Writes log lines as S2 names them: <c>run_id, step_id, state, msg, level, ts</c>, and beside them what else is known.</summary>
public static class LogJson
{
    /// <summary>Writes one line as an object.</summary>
    public static void Write(Utf8JsonWriter json, LogRow line, string runId)
    {
        json.WriteStartObject();
        json.WriteString("id", line.Position.ToString());
        json.WriteString("run_id", runId);
        json.WriteString("step_id", line.StepId);
        json.WriteString("state", line.State);
        json.WriteString("level", line.Level.ToName());
        json.WriteString("ts", Times.ToIso(line.At));
        json.WriteString("msg", line.Message);
        if (line.CutFrom > 0) json.WriteNumber("msg_length", line.CutFrom);
        if (line.SpanId is not null) json.WriteString("span_id", line.SpanId);
        if (line.Attributes is not null)
        {
            json.WritePropertyName("attributes");
            json.WriteRawValue(line.Attributes, skipInputValidation: true);
        }

        json.WriteNumber("seq", line.Seq);
        json.WriteEndObject();
    }

    /// <summary>Writes one line as a report of its run carries it: read back, it is the same line.</summary>
    public static void WriteReport(Utf8JsonWriter json, LogRow line)
    {
        json.WriteStartObject();
        json.WriteString("ts", Times.ToIso(line.At));
        json.WriteString("level", line.Level.ToName());
        json.WriteString("msg", line.Message);
        if (line.CutFrom > 0) json.WriteNumber("msg_length", line.CutFrom);
        if (line.StepId is not null) json.WriteString("step_id", line.StepId);
        if (line.SpanId is not null) json.WriteString("span_id", line.SpanId);
        if (line.State is not null) json.WriteString("state", line.State);
        if (line.Attributes is not null)
        {
            json.WritePropertyName("attributes");
            json.WriteRawValue(line.Attributes, skipInputValidation: true);
        }

        json.WriteEndObject();
    }
}
