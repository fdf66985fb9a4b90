using System.Text;

namespace RunHub.Filter;

/// <summary>Something in a query line that cannot be read.</summary>
/// <param name="Start">Where, in characters from 0.</param>
/// <param name="Length">How long, at least 1.</param>
/// <param name="Kind">What is wrong: <c>unknown, text, value, single, exclude, quote, empty, star, operator, range, long</c>.</param>
/// <param name="Word">The word that is wrong.</param>
/// <param name="Field">Key of the field it belongs to, or null.</param>
/// <param name="Meant">What may have been meant, or null.</param>
/// <param name="Reason">One sentence in English.</param>
public sealed record QueryFault(int Start, int Length, string Kind, string Word, string? Field, string? Meant, string Reason);

/// <summary>
/// A filter in one line, as people write it: <c>status:failed,canceled workflow:invoice* -env:dev duration:&gt;2s started:24h "text"</c>. The same
/// fields as in the URL, with a colon; values separated by commas, in quotes where they hold spaces or commas; a minus
/// before a field leaves out; what has no field is searched as text. <c>started:</c> stands for <c>from</c> and <c>to</c>. docs/search.md describes it.
/// </summary>
public sealed class QueryLine
{
    /// <summary>Longest line, characters.</summary>
    public const int MaxLength = 2000;

    /// <summary>Stands for both ends of the time range.</summary>
    public const string Started = "started";

    QueryLine(string text, IReadOnlyList<FilterCondition> conditions, IReadOnlyList<QueryFault> faults) => (Text, Conditions, Faults) = (text, conditions, faults);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>What it asks for, as far as it could be read.</summary>
    public IReadOnlyList<FilterCondition> Conditions { get; }

    /// <summary>What is wrong with it, in order; empty: nothing.</summary>
    public IReadOnlyList<QueryFault> Faults { get; }

    /// <summary>Reads a line; what is wrong is told in <see cref="Faults"/>, never thrown.</summary>
    public static QueryLine Parse(string text, DateTimeOffset now)
    {
        if (text.Length > MaxLength)
            return new QueryLine(text, [], [new QueryFault(MaxLength, text.Length - MaxLength, "long", "", null, null, $"A query has at most {MaxLength} characters, this one has {text.Length}.")]);
        var reader = new QueryLineReader(text, now);
        reader.Read();
        return new QueryLine(text, reader.Conditions, [.. reader.Faults.DistinctBy(f => (f.Start, f.Reason)).OrderBy(f => f.Start)]);
    }

    /// <summary>Writes conditions as a line that reads back as the same; the text comes last, where one goes on typing.</summary>
    internal static string Print(IReadOnlyList<FilterCondition> conditions)
    {
        var line = new StringBuilder();
        foreach (var condition in conditions.Where(c => c is not SearchField.Condition))
        {
            if (line.Length > 0) line.Append(' ');
            line.Append(condition.Key).Append(':');
            if (condition.Field.IsMulti) line.AppendJoin(',', condition.Values.Select(v => Print(condition.Field, v)));
            else line.Append(Quote(condition.ToText(), regexes: false));
        }

        if (conditions.OfType<SearchField.Condition>().FirstOrDefault() is { } search)
        {
            if (line.Length > 0) line.Append(' ');
            PrintText(line, search.ToText());
        }

        return line.ToString();
    }

    /// <summary>A value as it stands in a line.</summary>
    public static string Print(FilterField field, FilterValue value) => value.Kind switch
    {
        // A slash ends an expression only before a space or a comma, so such a space is written otherwise.
        FilterValueKind.Regex => "/" + value.Text.Replace("/ ", "/\\x20", StringComparison.Ordinal) + "/",
        FilterValueKind.Prefix => Quote(value.Text, field.TakesRegexes) + "*",
        _ => Quote(value.Text, field.TakesRegexes),
    };

    static string Quote(string text, bool regexes)
    {
        var plain = text.Length > 0 && text[^1] != '*' && !(regexes && text[0] == '/') && !text.Any(c => char.IsWhiteSpace(c) || c is ',' or '"' or '\\');
        return plain ? text : "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }

    // Canonical text: pieces with one space between them, some in quotes.
    static void PrintText(StringBuilder line, string text)
    {
        var (quoted, start) = (false, true);
        foreach (var c in text)
        {
            if (c == '"') quoted = !quoted;
            else if (!quoted && (c is ':' or '\\' || start && c == '-')) line.Append('\\');
            line.Append(c);
            start = !quoted && c == ' ';
        }
    }
}
