using System.Globalization;
using RunHub.Model;
using RunHub.Store.Logs;
using RunHub.Ui;

namespace RunHub.Logs.Tab;

/// <summary>Some lines in the order they are shown, and where to go on above and below.</summary>
/// <param name="Run">Their run.</param>
/// <param name="Lines">Top to bottom.</param>
/// <param name="Above">Place beyond which more lines follow above; null: this is the top.</param>
/// <param name="Below">Place beyond which more lines follow below; null: this is the bottom.</param>
/// <param name="Steps">Steps that lines name, by id and by span.</param>
/// <param name="Start">What times are told from, microseconds since 1970.</param>
/// <param name="Address">The tab's address with its filter, to be continued with <c>&amp;name=value</c>.</param>
/// <param name="Target">The line that was asked for; null: none.</param>
public sealed record LogWindow(RunRow Run, IReadOnlyList<LogRow> Lines, LogPosition? Above, LogPosition? Below, IReadOnlyDictionary<string, LogStep> Steps, long Start, LogAddress Address, LogPosition? Target)
{
    /// <summary><c>+1.204s</c> from the start, <c>+2m 03.500s</c> from a minute on.</summary>
    public string Since(LogRow line)
    {
        // A record may come without any time.
        if (line.At < 86_400_000_000) return "–";
        var ms = (line.At - Start) / 1000;
        var sign = ms < 0 ? "−" : "+";
        ms = Math.Abs(ms);
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{ms / 1000 % 60}.{ms % 1000:000}s");
        return ms < 60_000 ? sign + seconds
            : ms < 3_600_000 ? string.Create(CultureInfo.InvariantCulture, $"{sign}{ms / 60_000}m {seconds.PadLeft(7, '0')}")
            : string.Create(CultureInfo.InvariantCulture, $"{sign}{ms / 3_600_000}h {ms / 60_000 % 60:00}m {ms / 1000 % 60:00}s");
    }

    /// <summary>The step a line belongs to; null: the run, or one that is not known.</summary>
    public LogStep? StepOf(LogRow line) =>
        line.StepId is { } id && Steps.TryGetValue(id, out var step) || line.SpanId is { } span && Steps.TryGetValue(span, out step) ? step : null;
}

/// <summary>A step as lines name it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="SpanId">Its span.</param>
/// <param name="Node">What its card is called by.</param>
/// <param name="Name">What people call it.</param>
public sealed record LogStep(string Id, string? SpanId, string Node, string Name);

/// <summary>The tab's address, and that of lines alone.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Ask">What is shown.</param>
public sealed record LogAddress(string RunId, LogAsk Ask)
{
    /// <summary>The tab with other levels.</summary>
    public string WithLevels(string? levels) => Tab(levels, Ask.Query.StepId, Ask.Query.Text, Ask.Order);

    /// <summary>The tab in another order.</summary>
    public string InOrder(string order) => Tab(Levels, Ask.Query.StepId, Ask.Query.Text, order);

    /// <summary>The tab as it is.</summary>
    public string Here => Tab(Levels, Ask.Query.StepId, Ask.Query.Text, Ask.Order);

    /// <summary>The tab around one line, without a filter.</summary>
    public string Around(LogPosition line) => $"/runs/{Uri.EscapeDataString(RunId)}?tab=logs&line={line}#log-{line}";

    /// <summary>Lines alone, for the page's script.</summary>
    public string LinesAt(string place) => Here.Replace("?tab=logs", "/loglines?lines=1", StringComparison.Ordinal) + "&" + place;

    /// <summary>All that match, as a file.</summary>
    public string Download => Here.Replace("/runs/", "/api/runs/", StringComparison.Ordinal).Replace("?tab=logs", "/logs?format=ndjson&download=true", StringComparison.Ordinal);

    /// <summary>Levels as they stand in the address; null: all.</summary>
    public string? Levels => Ask.Query.Levels.Count == 0 ? null : string.Join(',', Ask.Query.Levels.Order().Select(l => l.ToName()));

    string Tab(string? levels, string? step, string? text, string? order) => $"/runs/{Uri.EscapeDataString(RunId)}?tab=logs" + Part("level", levels) + Part("step", step) + Part("q", text) + Part("order", order);

    static string Part(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}

/// <summary>The tab.</summary>
/// <param name="Window">The lines it begins with.</param>
/// <param name="Totals">All lines of the run.</param>
/// <param name="Counts">Lines per level that match beside their level.</param>
/// <param name="CountsAreCapped">Only the first lines were counted.</param>
/// <param name="IsLive">More may come.</param>
public sealed record LogView(LogWindow Window, LogTotals Totals, LogTotals Counts, bool CountsAreCapped, bool IsLive)
{
    /// <summary>The choices of level: key of the text, levels in the address, how many lines.</summary>
    public IEnumerable<(string Key, string? Levels, long Count)> Segments
    {
        get
        {
            yield return ("AllLevels", null, Counts.Lines);
            yield return ("Errors", "error,fatal", Counts.Levels[4] + Counts.Levels[5]);
            yield return ("Warnings", "warn", Counts.Levels[3]);
            yield return ("Info", "info", Counts.Levels[2]);
            yield return ("Debug", "trace,debug", Counts.Levels[0] + Counts.Levels[1]);
        }
    }

    /// <summary>A command that would send a line.</summary>
    public string Sample => $$"""curl -X POST "$RUNHUB/api/runs/{{Uri.EscapeDataString(Window.Run.Id)}}/logs" -H "Authorization: Bearer $RUNHUB_KEY" -H "Content-Type: application/json" -d '{"level":"info","msg":"…"}'""";

    /// <summary>A count as it is shown.</summary>
    public string Count(Format format, long count) => format.Number(count) + (CountsAreCapped ? "+" : "");
}
