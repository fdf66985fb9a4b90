using System.Text;

namespace RunHub.Store.Events;

/// <summary>The lines of an <see cref="EventText"/>: a letter and a value each. Line feed, tab and backslash in values are escaped.</summary>
readonly ref struct EventLines(ReadOnlySpan<char> text)
{
    const string Special = "\n\t\\";
    readonly ReadOnlySpan<char> text = text;

    /// <summary>Walks the lines.</summary>
    public Enumerator GetEnumerator() => new(text);

    /// <summary>Appends a line.</summary>
    public static void Append(StringBuilder to, char letter, ReadOnlySpan<char> value)
    {
        to.Append(letter);
        Escape(to, value);
        to.Append('\n');
    }

    /// <summary>Appends a value.</summary>
    public static void Escape(StringBuilder to, ReadOnlySpan<char> value)
    {
        for (int at; (at = value.IndexOfAny(Special)) >= 0; value = value[(at + 1)..])
            to.Append(value[..at]).Append('\\').Append(value[at] switch { '\n' => 'n', '\t' => 't', _ => '\\' });
        to.Append(value);
    }

    /// <summary>A value as it was before <see cref="Escape"/>.</summary>
    public static string Unescape(ReadOnlySpan<char> value)
    {
        if (!value.Contains('\\')) return value.ToString();
        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
            plain.Append(value[i] != '\\' || i + 1 == value.Length ? value[i] : value[++i] switch { 'n' => '\n', 't' => '\t', var other => other });
        return plain.ToString();
    }

    /// <summary>A place in the lines.</summary>
    public ref struct Enumerator(ReadOnlySpan<char> left)
    {
        ReadOnlySpan<char> left = left;

        /// <summary>Letter and value, still escaped.</summary>
        public Line Current { get; private set; }

        /// <summary>To the next line.</summary>
        public bool MoveNext()
        {
            if (left.IsEmpty) return false;
            var end = left.IndexOf('\n');
            var line = end < 0 ? left : left[..end];
            left = end < 0 ? default : left[(end + 1)..];
            if (line.IsEmpty) return MoveNext();
            Current = new Line(line);
            return true;
        }
    }

    /// <summary>One line.</summary>
    public readonly ref struct Line(ReadOnlySpan<char> text)
    {
        readonly ReadOnlySpan<char> text = text;

        /// <summary>Takes it apart.</summary>
        public void Deconstruct(out char letter, out ReadOnlySpan<char> value)
        {
            letter = text[0];
            value = text[1..];
        }
    }
}
