using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunHub.Runs.Columns;

/// <summary>What a path leads to in one run.</summary>
/// <param name="Text">Shown; empty: the run has nothing there.</param>
/// <param name="IsNumber">A JSON number.</param>
/// <param name="IsCut">There is more of it than <paramref name="Text"/>.</param>
public readonly record struct PathValue(string Text, bool IsNumber = false, bool IsCut = false)
{
    /// <summary>There is nothing.</summary>
    public static PathValue None { get; } = new("");
}

/// <summary>
/// A place in a run's input or output: <c>input.customer.name</c>, <c>output.items[0].total</c>, <c>output["odd name"]</c>, with or without <c>$.</c>
/// before it. Names are compared exactly; the first of several equal ones counts.
/// </summary>
public sealed class PayloadPath
{
    /// <summary>Characters of a path.</summary>
    public const int MaxLength = 256;

    /// <summary>Names and indexes of a path.</summary>
    public const int MaxDepth = 16;

    /// <summary>Characters of a value that are shown.</summary>
    public const int MaxShown = 200;

    const int MaxIndex = 1_000_000;
    readonly IReadOnlyList<Segment> segments;

    PayloadPath(bool isInput, IReadOnlyList<Segment> segments)
    {
        (IsInput, this.segments) = (isInput, segments);
        Text = (isInput ? "input" : "output") + string.Concat(segments);
    }

    /// <summary>In the input; else in the output.</summary>
    public bool IsInput { get; }

    /// <summary>As it is written: equal paths are written alike.</summary>
    public string Text { get; }

    /// <summary>The last name, for the head of a column.</summary>
    public string Last => segments.Count == 0 ? Text : segments[^1].Name ?? (segments.Count > 1 && segments[^2].Name is { } name ? name : "") + segments[^1];

    /// <summary>Does this text mean to be a path: does it begin as one.</summary>
    public static bool Looks(string text) => Root(text, out _) is not null;

    /// <summary>Reads a path.</summary>
    /// <param name="text">What somebody wrote.</param>
    /// <param name="why">What is wrong with it; empty: nothing.</param>
    public static PayloadPath? Parse(string text, out string why)
    {
        why = "";
        if (text.Length > MaxLength) return No($"A path has at most {MaxLength} characters.", out why);
        if (text.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar)) return No("A path has no control characters and no half surrogate pairs.", out why);
        if (Root(text, out var at) is not { } isInput) return No("A path begins with input or output: input.customer.name, output.items[0].total.", out why);
        var found = new List<Segment>();
        while (at < text.Length)
        {
            if (found.Count == MaxDepth) return No($"A path has at most {MaxDepth} parts.", out why);
            if (Next(text, ref at) is not { } segment) return No($"At character {at + 1} a name after a dot, an index ([0]) or a name in quotes ([\"a name\"]) is expected.", out why);
            found.Add(segment);
        }

        return new PayloadPath(isInput, found);
    }

    /// <summary>What stands there in a payload.</summary>
    /// <param name="json">The whole payload.</param>
    /// <param name="whole">All of it, however long; else <see cref="MaxShown"/> characters.</param>
    public PathValue In(ReadOnlySpan<byte> json, bool whole = false)
    {
        if (json.Length == 0) return PathValue.None;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        try
        {
            return reader.Read() && Seek(ref reader) ? Read(ref reader, json, whole) : PathValue.None;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Deeper than anybody looks, or half a surrogate pair in an escape.
            return new PathValue("…", IsCut: true);
        }
    }

    /// <summary>The path of a member of what this path leads to.</summary>
    internal PayloadPath Member(string name) => new(IsInput, [.. segments, new Segment(name, 0)]);

    /// <summary>The path of an element of what this path leads to.</summary>
    internal PayloadPath Element(int index) => new(IsInput, [.. segments, new Segment(null, index)]);

    /// <summary>The whole input, or output.</summary>
    internal static PayloadPath Whole(bool isInput) => new(isInput, []);

    bool Seek(ref Utf8JsonReader reader)
    {
        foreach (var segment in segments)
        {
            if (segment.Name is { } name ? !SeekMember(ref reader, name) : !SeekElement(ref reader, segment.Index)) return false;
        }

        return true;
    }

    static bool SeekMember(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt) return true;
            reader.Skip();
        }

        return false;
    }

    static bool SeekElement(ref Utf8JsonReader reader, int index)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return false;
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == index) return true;
            reader.Skip();
        }

        return false;
    }

    static PathValue Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, bool whole)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return whole ? new PathValue(reader.GetString()!) : Cut(reader.GetString()!);
            case JsonTokenType.Number:
                return Cut(Encoding.ASCII.GetString(reader.ValueSpan)) with { IsNumber = true };
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var part = json[start..(int)reader.BytesConsumed];
                return whole ? new PathValue(Encoding.UTF8.GetString(part)) : Compact(part);
            default:
                return new PathValue(Encoding.ASCII.GetString(reader.ValueSpan));
        }
    }

    // Without white space between its parts; more than is shown is not looked at.
    static PathValue Compact(ReadOnlySpan<byte> json)
    {
        var kept = new byte[Math.Min(json.Length, MaxShown * 4 + 4)];
        var (length, inText, at) = (0, false, 0);
        for (; at < json.Length && length < kept.Length; at++)
        {
            var b = json[at];
            if (inText && b == '\\' && at + 1 < json.Length && length + 1 < kept.Length) kept[length++] = json[at++];
            else if (b == '"') inText = !inText;
            else if (!inText && b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') continue;
            kept[length++] = json[at];
        }

        var value = Cut(Encoding.UTF8.GetString(kept, 0, length));
        return at < json.Length ? value with { IsCut = true } : value;
    }

    static PathValue Cut(string text)
    {
        if (text.Length <= MaxShown) return new PathValue(text);
        return new PathValue(text[..(char.IsHighSurrogate(text[MaxShown - 1]) ? MaxShown - 1 : MaxShown)], IsCut: true);
    }

    static bool? Root(string text, out int at)
    {
        at = text.StartsWith("$.", StringComparison.Ordinal) ? 2 : 0;
        foreach (var (word, isInput) in new[] { ("inputs_summary", true), ("outputs_summary", false), ("inputs", true), ("outputs", false), ("input", true), ("output", false) })
        {
            if (!text.AsSpan(at).StartsWith(word, StringComparison.Ordinal) || at + word.Length < text.Length && text[at + word.Length] is not ('.' or '[')) continue;
            at += word.Length;
            return isInput;
        }

        return null;
    }

    static Segment? Next(string text, ref int at)
    {
        if (text[at] == '.')
        {
            var end = text.AsSpan(at + 1).IndexOfAny('.', '[');
            var name = end < 0 ? text[(at + 1)..] : text.Substring(at + 1, end);
            if (name.Length == 0 || name.AsSpan().IndexOfAny("\",]") >= 0) return null;
            at += 1 + name.Length;
            return new Segment(name, 0);
        }

        if (text[at] != '[' || at + 2 >= text.Length) return null;
        if (text[at + 1] == '"') return Quoted(text, ref at);
        var close = text.IndexOf(']', at);
        if (close < 0 || !int.TryParse(text.AsSpan(at + 1, close - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index > MaxIndex) return null;
        at = close + 1;
        return new Segment(null, index);
    }

    static Segment? Quoted(string text, ref int at)
    {
        var name = new StringBuilder();
        for (var i = at + 2; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) name.Append(text[++i]);
            else if (text[i] != '"') name.Append(text[i]);
            else if (i + 1 >= text.Length || text[i + 1] != ']') return null;
            else
            {
                at = i + 2;
                return new Segment(name.ToString(), 0);
            }
        }

        return null;
    }

    static PayloadPath? No(string reason, out string why)
    {
        why = reason;
        return null;
    }

    readonly record struct Segment(string? Name, int Index)
    {
        public override string ToString() => Name is null ? $"[{Index.ToString(CultureInfo.InvariantCulture)}]"
            : Name.Length > 0 && Name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '$') ? "." + Name
            : "[\"" + Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"]";
    }
}
