using System.Globalization;
using System.Text;
using RunHub.Http;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Logs;

namespace RunHub.Logs;

/// <summary>What a request asks of a run's lines: <c>level, step, q, from, to, order, next_token, limit, format</c>.</summary>
/// <param name="Query">Which lines.</param>
/// <param name="Order"><c>asc, desc</c>, or null: not said, which is oldest first.</param>
/// <param name="After">Beyond this place.</param>
/// <param name="Limit">Lines at most.</param>
public sealed record LogAsk(LogQuery Query, string? Order, LogPosition? After, int Limit)
{
    /// <summary>Largest page.</summary>
    public const int MaxLimit = 5000;

    const int Usual = 1000;
    const int MaxText = 200;

    /// <summary>Newest first.</summary>
    public bool NewestFirst => Order == "desc";

    /// <summary>Reads a request.</summary>
    /// <exception cref="ProblemException">400 with every fault.</exception>
    public static LogAsk Parse(IQueryCollection query)
    {
        var faults = new List<Fault>();
        var (limit, after) = (Usual, (LogPosition?)null);
        if (Text("limit") is { } count && (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
            faults.Add(new Fault("query.limit", $"A number from 1 to {MaxLimit} is wanted."));
        if (Text("next_token") is { } token && (after = LogPosition.Parse(token)) is null) faults.Add(new Fault("query.next_token", "This is not a token of this list."));
        var order = Text("order");
        if (order is not (null or "asc" or "desc")) faults.Add(new Fault("query.order", "asc (oldest first) or desc is wanted."));
        var text = Text("q");
        if (text?.Length > MaxText) faults.Add(new Fault("query.q", $"At most {MaxText} characters."));
        if (text?.Contains('\0', StringComparison.Ordinal) == true) faults.Add(new Fault("query.q", "U+0000 is in no line."));
        var step = Text("step");
        if (step is not null && Ids.WhatIsWrong(step) is { } wrong) faults.Add(new Fault("query.step", wrong));
        var asked = new LogAsk(new LogQuery { Levels = Levels(Text("level"), faults), StepId = step, Text = text, From = Time("from"), To = Time("to") }, order, after, limit);
        return faults.Count == 0 ? asked : throw RunJsonReader.Invalid(faults);

        string? Text(string name) => query.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } given ? given : null;

        long? Time(string name)
        {
            if (Text(name) is not { } given) return null;
            if (IsoTime.TryParse(Encoding.UTF8.GetBytes(given), out var time) is not { } fault) return time.ToMicros();
            faults.Add(new Fault("query." + name, fault));
            return null;
        }
    }

    /// <summary>With the span of the step that is asked for, whose lines may name the one or the other.</summary>
    public async Task<LogQuery> ForRunAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        Query.StepId is { } id && await RunReader.StepAsync(sql, runNo, id, cancellationToken) is { SpanId: { } span } ? Query with { SpanId = span } : Query;

    static List<Severity> Levels(string? text, List<Fault> faults)
    {
        var levels = new List<Severity>();
        foreach (var name in text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            if (Severities.TryParse(name, out var level)) levels.Add(level);
            else faults.Add(new Fault("query.level", $"\"{(name.Length > 40 ? name[..40] : name)}\" is not a level; these are: {string.Join(", ", Severities.Names)}."));
        }

        return levels;
    }
}
