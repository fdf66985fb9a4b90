using System.Buffers;
using System.Globalization;
using System.Text;

namespace RunHub.Ui;

/// <summary>
/// Formats JSON for an element's content, from UTF-8 to HTML in one pass: two spaces a level, numbers keep their digits,
/// strings lose the escapes a reader does not need. The JSON is valid; whoever cannot promise that checks first.
/// </summary>
public static class JsonHtml
{
    // Deeper levels stand no further to the right: a payload that only nests would grow without end.
    const int DeepestIndent = 32;
    static readonly SearchValues<byte> StringStops = SearchValues.Create("\"\\&<>"u8);
    static readonly SearchValues<byte> ScalarStops = SearchValues.Create(",:]} \t\r\n\"{[&<>"u8);
    static readonly byte[] Indents = Encoding.ASCII.GetBytes("\n" + new string(' ', DeepestIndent * 2));

    /// <summary>Formats one value.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="json">A value.</param>
    /// <param name="depth">Level it begins at.</param>
    /// <returns>How many lines were begun.</returns>
    public static int Write(HtmlBuffer to, ReadOnlySpan<byte> json, int depth = 0)
    {
        var lines = 0;
        for (var i = 0; i < json.Length;)
        {
            var b = json[i];
            switch (b)
            {
                case (byte)'"':
                    i = String(to, json, i);
                    continue;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    break;
                case (byte)':':
                    to.Raw(": "u8);
                    break;
                case (byte)',':
                    to.Raw(b);
                    lines += Line(to, depth);
                    break;
                case (byte)'{' or (byte)'[':
                    to.Raw(b);
                    var next = i + 1;
                    while (next < json.Length && json[next] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') next++;
                    if (next < json.Length && json[next] is (byte)'}' or (byte)']')
                    {
                        to.Raw(json[next]);
                        i = next + 1;
                        continue;
                    }

                    lines += Line(to, ++depth);
                    break;
                case (byte)'}' or (byte)']':
                    lines += Line(to, --depth);
                    to.Raw(b);
                    break;
                default:
                    var length = json[(i + 1)..].IndexOfAny(ScalarStops) is var end and >= 0 ? end + 1 : json.Length - i;
                    to.Text(json.Slice(i, length));
                    i += length;
                    continue;
            }

            i++;
        }

        return lines;
    }

    /// <summary>Begins a line at a level; answers 1, the line.</summary>
    public static int Line(HtmlBuffer to, int depth)
    {
        to.Raw(Indents.AsSpan(0, 1 + Math.Clamp(depth, 0, DeepestIndent) * 2));
        return 1;
    }

    /// <summary>The text a JSON string stands for.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="json">The string, with or without its quotes.</param>
    /// <returns>How many lines were begun.</returns>
    public static int Text(HtmlBuffer to, ReadOnlySpan<byte> json)
    {
        if (json is [(byte)'"', .. var inner, (byte)'"']) json = inner;
        var lines = 0;
        while (json.IndexOf((byte)'\\') is var at and >= 0)
        {
            to.Text(json[..at]);
            json = json[at..];
            var escape = json.Length > 1 ? json[1] : (byte)0;
            if (escape == 'n')
            {
                to.Raw((byte)'\n');
                lines++;
            }
            else if (escape is (byte)'t' or (byte)'r') to.Raw(escape == 't' ? (byte)'\t' : (byte)'\r');
            else if (escape is (byte)'"' or (byte)'\\') to.Text(json.Slice(1, 1));
            else
            {
                json = json[Escape(to, json)..];
                continue;
            }

            json = json[2..];
        }

        to.Text(json);
        return lines;
    }

    // Quotes need no entities between tags, and JSON is full of them.
    static int String(HtmlBuffer to, ReadOnlySpan<byte> json, int i)
    {
        to.Raw((byte)'"');
        i++;
        while (json[i..].IndexOfAny(StringStops) is var at and >= 0)
        {
            to.Raw(json.Slice(i, at));
            i += at;
            switch (json[i])
            {
                case (byte)'"':
                    to.Raw((byte)'"');
                    return i + 1;
                case (byte)'\\':
                    i += Escape(to, json[i..]);
                    break;
                default:
                    to.Entity(json[i]);
                    i++;
                    break;
            }
        }

        to.Text(json[i..]);
        return json.Length;
    }

    // \u00e9 becomes é and \/ a slash; what has no shape of its own or would end the string stays as it came.
    static int Escape(HtmlBuffer to, ReadOnlySpan<byte> json)
    {
        if (json.Length > 1 && json[1] == '/')
        {
            to.Raw((byte)'/');
            return 2;
        }

        var used = 2;
        if (Unit(json) is { } first)
        {
            used = 6;
            Rune rune;
            if (char.IsHighSurrogate(first) && Unit(json[6..]) is { } second && char.IsLowSurrogate(second)) (rune, used) = (new Rune(first, second), 12);
            else if (!Rune.TryCreate(first, out rune)) rune = default;
            if (IsVisible(rune))
            {
                Span<byte> utf8 = stackalloc byte[4];
                to.Text(utf8[..rune.EncodeToUtf8(utf8)]);
                return used;
            }
        }

        used = Math.Min(used, json.Length);
        to.Text(json[..used]);
        return used;
    }

    static char? Unit(ReadOnlySpan<byte> json) =>
        json.Length >= 6 && json[0] == '\\' && json[1] == 'u' && ushort.TryParse(json.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : null;

    static bool IsVisible(Rune rune) => rune.Value is > ' ' and not '"' and not '\\' && Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
