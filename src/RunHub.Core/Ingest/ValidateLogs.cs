using RunHub.Model;

namespace RunHub.Ingest;

/// <summary>What holds for log lines, whichever way they came: ids and levels are refused when they are wrong, long texts are cut and say so.</summary>
static class ValidateLogs
{
    public static IReadOnlyList<LogWrite> Apply(IngestItem item, IReadOnlyList<LogWrite> lines, LatestTime latest)
    {
        var clean = new LogWrite[lines.Count];
        for (var i = 0; i < clean.Length; i++)
        {
            if (WhatIsWrong(item, lines[i], latest) is { } wrong)
            {
                item.Reject(400, $"$.logs[{i}].{wrong.Field}", wrong.Reason);
                return lines;
            }

            clean[i] = Clean(lines[i]);
        }

        return clean;
    }

    static (string Field, string Reason)? WhatIsWrong(IngestItem item, LogWrite line, LatestTime latest)
    {
        if (line.RunId is { } run && item.Run.Id is { } id && !string.Equals(run, id, StringComparison.Ordinal)) return ("run_id", $"The line names run {run}, but it is sent to {id}.");
        if (line.StepId is { } step && Ids.WhatIsWrong(step) is { } a) return ("step_id", a);
        if (ValidateRuns.WhatIsWrong(line.State, 64) is { } b) return ("state", b);
        if (ValidateRuns.WhatIsWrong(line.SpanId) is { } c) return ("span_id", c);
        if (!Severities.TryParse(line.Level, out _)) return ("level", $"One of {string.Join(", ", Severities.Names)}.");
        if (line.At < DateTimeOffset.UnixEpoch) return ("ts", "A time before 1970 cannot be right.");
        return line.At > latest.At ? ("ts", latest.Options.TooFarAhead) : null;
    }

    static LogWrite Clean(LogWrite line)
    {
        var text = ValidateRuns.Clean(line.Text)!;
        if (text.Length > Limits.LogMessage)
        {
            var kept = char.IsHighSurrogate(text[Limits.LogMessage - 1]) ? Limits.LogMessage - 1 : Limits.LogMessage;
            line = line with { Text = text[..kept], CutFrom = Math.Max(text.Length, line.CutFrom) };
        }
        else
        {
            if (!ReferenceEquals(text, line.Text)) line = line with { Text = text };
            // Cut by its sender, which says so; a length it has anyway says nothing.
            if (line.CutFrom > 0 && line.CutFrom <= text.Length) line = line with { CutFrom = 0 };
        }

        if (line.Attributes is { } attributes && attributes.Utf8.Length > Limits.LogAttributes)
            line = line with { Attributes = JsonPayload.Parse(string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"runhub.dropped_bytes":{{attributes.Utf8.Length}}}""")) };
        return line;
    }
}
