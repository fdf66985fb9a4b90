using System.Text;

namespace RunHub.Filter;

/// <summary>How a value of a filter is meant.</summary>
public enum FilterValueKind
{
    /// <summary>Equal to it.</summary>
    Exact,

    /// <summary>Begins with it; written with <c>*</c> behind.</summary>
    Prefix,

    /// <summary>Matches it; written between slashes. Tags only.</summary>
    Regex,
}

/// <summary>
/// One value of a filter. In a URL values are separated by commas; a backslash before comma, backslash, star, slash or
/// space takes them literally: <c>workflow=a\,b,inv*</c> asks for the workflow <c>a,b</c> and for all that begin with <c>inv</c>.
/// </summary>
/// <param name="Kind">How it is meant.</param>
/// <param name="Text">The text, without escapes, star or slashes.</param>
public readonly record struct FilterValue(FilterValueKind Kind, string Text)
{
    /// <summary>Most values one field takes.</summary>
    public const int MaxValues = 50;

    /// <summary>Longest value, characters.</summary>
    public const int MaxLength = 256;

    /// <summary>As it stands in a URL (before percent encoding).</summary>
    public override string ToString() => Kind switch
    {
        FilterValueKind.Prefix => Escape(Text) + "*",
        FilterValueKind.Regex => "/" + Text + "/",
        _ => Escape(Text),
    };

    /// <summary>Writes a literal text so that it means itself.</summary>
    public static string Escape(string literal)
    {
        if (literal.AsSpan().IndexOfAny(@",\*/ ") < 0) return literal;
        var text = new StringBuilder(literal.Length + 8);
        for (var i = 0; i < literal.Length; i++)
        {
            var edge = i == 0 || i == literal.Length - 1;
            if (literal[i] is ',' or '\\' || literal[i] == '*' && i == literal.Length - 1 || literal[i] == '/' && i == 0 || literal[i] == ' ' && edge)
                text.Append('\\');
            text.Append(literal[i]);
        }

        return text.ToString();
    }

    /// <summary>Reads the comma-separated values of one parameter; empty ones are left out.</summary>
    /// <param name="raw">As it stands in the URL, percent-decoded.</param>
    /// <param name="prefixes">A star at the end means a prefix; else it is a star.</param>
    /// <param name="regexes">A value in slashes is a regular expression; else they are slashes.</param>
    public static IEnumerable<FilterValue> Split(string raw, bool prefixes, bool regexes)
    {
        var text = new StringBuilder();
        for (var i = 0; i < raw.Length; i++)
        {
            while (i < raw.Length && raw[i] == ' ') i++;
            if (regexes && i < raw.Length && raw[i] == '/' && RegexEnd(raw, i + 1) is var end and > 0)
            {
                yield return new(FilterValueKind.Regex, raw[(i + 1)..end]);
                i = end + 1;
                while (i < raw.Length && raw[i] != ',') i++;
                continue;
            }

            var (star, keep) = (false, 0);
            for (text.Clear(); i < raw.Length && raw[i] != ','; i++)
            {
                var escaped = raw[i] == '\\' && i + 1 < raw.Length && (raw[i + 1] is ',' or '\\' or '*' or '/' or ' ');
                if (escaped) i++;
                text.Append(raw[i]);
                if (escaped || raw[i] != ' ') keep = text.Length;
                star = raw[i] == '*' && !escaped || star && raw[i] == ' ' && !escaped;
            }

            text.Length = keep;
            if (star && prefixes && keep > 1) yield return new(FilterValueKind.Prefix, text.ToString(0, keep - 1));
            else if (keep > 0) yield return new(FilterValueKind.Exact, text.ToString());
        }
    }

    /// <summary>The first text after all that begin with <paramref name="prefix"/>, in code point order; null: none.</summary>
    public static string? AfterPrefix(string prefix)
    {
        var runes = prefix.EnumerateRunes().Select(r => r.Value).ToList();
        while (runes.Count > 0)
        {
            var last = runes[^1];
            runes.RemoveAt(runes.Count - 1);
            if (last == 0x10FFFF) continue;
            runes.Add(last == 0xD7FF ? 0xE000 : last + 1);
            return string.Concat(runes.Select(char.ConvertFromUtf32));
        }

        return null;
    }

    // The closing slash is one that ends the value.
    static int RegexEnd(string raw, int from)
    {
        for (var i = from; i < raw.Length; i++)
        {
            if (raw[i] == '\\') i++;
            else if (raw[i] == '/' && (i + 1 == raw.Length || raw.AsSpan(i + 1).TrimStart(' ') is [] or [',', ..])) return i;
        }

        return -1;
    }
}
