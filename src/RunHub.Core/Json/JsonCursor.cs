using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using RunHub.Http;

namespace RunHub.Json;

/// <summary>
/// A forward reader over one body. It knows where it is (for the path of a fault), goes on after a fault to find the
/// others, and cuts payloads out of the body without copying. Wrong values are reported and read as null.
/// One file because every move shares the cursor's state and cannot be called from outside a ref struct.
/// </summary>
ref partial struct JsonCursor
{
    const int MaxFaults = 20;
    readonly Memory<byte> body;
    readonly bool hasUnicodeEscapes;
    readonly StringCache cache = StringCache.Current;
    Segments path;
    int pathLength;
    List<Fault>? faults;

    public JsonCursor(Memory<byte> body, ReadContext context, ReadWarnings warnings, bool hasUnicodeEscapes)
    {
        this.body = body;
        this.hasUnicodeEscapes = hasUnicodeEscapes;
        Context = context;
        Warnings = warnings;
        // Depth is checked here, per item, so that one deep item does not take the others with it.
        Reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 1_000_000 });
    }

    public Utf8JsonReader Reader;

    public ReadContext Context { get; }

    public ReadWarnings Warnings { get; }

    /// <summary>Depth of the container the current item lies in.</summary>
    public int ItemDepth { get; set; }

    /// <summary>JSON names to clear; null when <c>null</c> means absent.</summary>
    public List<string>? Clear { get; set; }

    public readonly bool HasFaults => faults is not null;

    /// <summary>Starts a new item: its faults and path begin afresh.</summary>
    public void BeginItem()
    {
        faults = null;
        pathLength = 0;
        ItemDepth = Reader.CurrentDepth;
    }

    public List<Fault>? TakeFaults()
    {
        var taken = faults;
        faults = null;
        return taken;
    }

    public void Push(string name) => path[pathLength++] = new Segment(name, 0);

    public void Push(int index) => path[pathLength++] = new Segment(null, index);

    public void Pop() => pathLength--;

    public void Fault(string reason, string? below = null)
    {
        faults ??= [];
        if (faults.Count < MaxFaults) faults.Add(new Fault(Path(below), reason));
    }

    /// <summary>Where the cursor is, within the item.</summary>
    public readonly string Path(string? below = null)
    {
        var text = new StringBuilder("$");
        for (var i = 0; i < pathLength; i++)
        {
            if (path[i].Name is { } name) text.Append('.').Append(name);
            else text.Append('[').Append(path[i].Index.ToString(CultureInfo.InvariantCulture)).Append(']');
        }

        if (below is not null) text.Append('.').Append(below);
        return text.ToString();
    }

    /// <summary>
    /// Moves to the next member of the object whose name is in <paramref name="table"/> and whose value is not null, and
    /// pushes its name; call <see cref="Pop"/> when done with it. Unknown names are skipped and told, duplicate keys are
    /// faults, nulls are collected in <see cref="Clear"/>.
    /// </summary>
    public bool NextMember(NameTable table, ref UInt128 seen, out JsonName name)
    {
        while (Reader.Read() && Reader.TokenType == JsonTokenType.PropertyName)
        {
            scoped ReadOnlySpan<byte> text = Reader.ValueSpan;
            if (Reader.ValueIsEscaped) text = Encoding.UTF8.GetBytes(ReadText(out _));
            if (!table.TryFind(text, out name))
            {
                UnknownMember(table, Encoding.UTF8.GetString(text));
                continue;
            }

            Push(name.Text);
            var bit = UInt128.One << name.Bit;
            if ((seen & bit) != 0) Fault($"The key \"{name.Text}\" occurs twice in one object.");
            seen |= bit;
            Reader.Read();
            if (Reader.TokenType != JsonTokenType.Null) return true;
            if (Clear is not null && !name.IsSynonym) return true;
            Pop();
        }

        name = default;
        return false;
    }

    /// <summary>Expects the start of an object; otherwise tells and skips.</summary>
    public bool IsObject()
    {
        if (Reader.TokenType == JsonTokenType.StartObject) return true;
        Wrong("an object");
        return false;
    }

    /// <summary>Expects the start of an array; otherwise tells and skips.</summary>
    public bool IsArray()
    {
        if (Reader.TokenType == JsonTokenType.StartArray) return true;
        Wrong("an array");
        return false;
    }

    /// <summary>Tells that the value is not what was wanted, and skips it.</summary>
    public void Wrong(string wanted)
    {
        Fault($"This must be {wanted}, not {What()}.");
        Skip();
    }

    public void Skip()
    {
        if (Reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) Reader.Skip();
    }

    /// <summary>A name: at most <paramref name="max"/> characters, no control characters. Empty text is the same as null.</summary>
    public string? Name(int max = Limits.Name)
    {
        if (Reader.TokenType != JsonTokenType.String)
        {
            Wrong("text");
            return null;
        }

        if (!Reader.ValueIsEscaped && Reader.ValueSpan.Length <= max) return Reader.ValueSpan.Length == 0 ? null : CheckRaw(cache.Get(Reader.ValueSpan));
        var text = ReadText(out var bad);
        if (bad >= 0)
        {
            Fault(text[bad] == '\0' ? $"Character {bad} is U+0000, which cannot be stored." : $"Character {bad} is half of a surrogate pair.");
            return null;
        }

        if (text.Length > max)
        {
            Fault($"At most {max} characters are accepted here, this has {text.Length}.");
            return null;
        }

        var at = text.AsSpan().IndexOfAnyInRange('\0', '\u001f');
        if (at >= 0)
        {
            Fault($"Character {at} is the control character U+{(int)text[at]:X4}; names have none.");
            return null;
        }

        return text.Length == 0 ? null : CheckRaw(text);
    }

    /// <summary>A public id.</summary>
    public string? Id()
    {
        if (Reader.TokenType != JsonTokenType.String)
        {
            Wrong("text");
            return null;
        }

        var id = Reader.ValueIsEscaped ? ReadText(out _) : Encoding.UTF8.GetString(Reader.ValueSpan);
        if (Ids.WhatIsWrong(id) is not { } wrong) return id;
        Fault(wrong);
        return null;
    }

    /// <summary>Free text: what cannot be stored is replaced by U+FFFD and counted.</summary>
    public string? Text(int max = int.MaxValue)
    {
        if (Reader.TokenType != JsonTokenType.String)
        {
            Wrong("text");
            return null;
        }

        if (!Reader.ValueIsEscaped && Reader.ValueSpan.Length <= max) return Reader.ValueSpan.Length <= 32 ? cache.Get(Reader.ValueSpan) : Encoding.UTF8.GetString(Reader.ValueSpan);
        var text = ReadText(out var bad);
        if (bad >= 0) text = Replace(text);
        if (text.Length <= max) return text;
        Fault($"At most {max} characters are accepted here, this has {text.Length}.");
        return null;
    }

    /// <summary>One of a few words, in any case.</summary>
    public string? OneOf(params ReadOnlySpan<string> words)
    {
        if (Name() is not { } text) return null;
        foreach (var word in words)
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase)) return word;
        Fault($"\"{Shorten(text)}\" is not one of {string.Join(", ", words.ToArray())}.");
        return null;
    }

    public RunStatus? Status()
    {
        // Empty is no way to say nothing here: it would become the status of a run that says nothing.
        var text = Reader.TokenType == JsonTokenType.String && Reader.ValueSpan.IsEmpty ? "" : Name();
        if (text is null) return null;
        if (RunStatuses.TryParse(text, out var status)) return status;
        Fault($"\"{Shorten(text)}\" is not a status; these are: {string.Join(", ", RunStatuses.All.Select(s => s.ToName()))}.");
        return null;
    }

    public DateTimeOffset? Time()
    {
        if (Reader.TokenType != JsonTokenType.String)
        {
            Wrong("a time as text, such as \"2025-10-28T10:14:02Z\"");
            return null;
        }

        DateTimeOffset time;
        var wrong = Reader.ValueIsEscaped ? IsoTime.TryParse(Encoding.UTF8.GetBytes(ReadText(out _)), out time) : IsoTime.TryParse(Reader.ValueSpan, out time);
        if (wrong is not null)
        {
            Fault(wrong);
            return null;
        }

        if (time - Context.Now <= (Context.MaxFuture ?? TimeSpan.FromHours(24))) return time;
        Fault($"The time lies in the future: the server's clock says {Times.ToIso(Context.Now.ToMicros())}.");
        return null;
    }

    public long? Long(long min, long max)
    {
        if (Reader.TokenType != JsonTokenType.Number)
        {
            Wrong("a whole number");
            return null;
        }

        if (!Reader.TryGetInt64(out var value))
        {
            // 2120.0 and 2e3 are whole numbers too.
            if (!Reader.TryGetDouble(out var real) || real != Math.Floor(real) || Math.Abs(real) > 9e15)
            {
                Fault(double.IsFinite(real) && Math.Abs(real) <= 9e15 ? "This must be a whole number." : $"The number is out of range; {min} to {max} are accepted.");
                return null;
            }

            value = (long)real;
        }

        if (value >= min && value <= max) return value;
        Fault($"The number is out of range; {min} to {max} are accepted.");
        return null;
    }

    public int? Int(int min, int max) => (int?)Long(min, max);

    public double? Double(double min = double.MinValue, double max = double.MaxValue)
    {
        if (Reader.TokenType != JsonTokenType.Number)
        {
            Wrong("a number");
            return null;
        }

        if (Reader.TryGetDouble(out var value) && value >= min && value <= max && double.IsFinite(value)) return value;
        Fault(min == double.MinValue ? "The number is out of range." : string.Create(CultureInfo.InvariantCulture, $"The number is out of range; {min} to {max} are accepted."));
        return null;
    }

    public decimal? Money()
    {
        const decimal max = 1_000_000_000m;
        if (Reader.TokenType != JsonTokenType.Number)
        {
            Wrong("a number of US dollars");
            return null;
        }

        if (Reader.TryGetDecimal(out var value) && value is >= 0 and <= max) return value;
        // Exponents a decimal cannot spell (1e-30) are still sums of money: nothing.
        if (Reader.TryGetDouble(out var real) && real is >= 0 and < 1e-9) return 0;
        Fault($"The amount is out of range; 0 to {max} US dollars are accepted.");
        return null;
    }

    public bool? Bool()
    {
        if (Reader.TokenType is JsonTokenType.True or JsonTokenType.False) return Reader.GetBoolean();
        Wrong("true or false");
        return null;
    }

    readonly string What() => Reader.TokenType switch
    {
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Null => "null",
        _ => "this",
    };

    /// <summary>Control characters cannot stand raw in JSON, but DEL and the C1 set can.</summary>
    string? CheckRaw(string text)
    {
        var at = text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f');
        if (at < 0) return text;
        Fault($"Character {at} is the control character U+{(int)text[at]:X4}; names have none.");
        return null;
    }

    void UnknownMember(NameTable table, string name)
    {
        name = Replace(name);
        var shown = Shorten(name);
        Reader.Read();
        if (Context.Strict)
        {
            Fault(Unknown(table, shown), shown);
        }
        else
        {
            var where = Path(shown);
            Warnings.Add(where, Warnings.IsKnown(where) ? "" : Unknown(table, shown) + " It was ignored.");
        }

        Push(shown);
        WalkPayload();
        Pop();

        static string Unknown(NameTable table, string name) =>
            table.Nearest(name) is { } near ? $"The field \"{name}\" is unknown; did you mean \"{near}\"?" : $"The field \"{name}\" is unknown.";
    }

    static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[59]) ? 59 : 60), "…");

    [InlineArray(8)]
    struct Segments
    {
        Segment first;
    }

    readonly record struct Segment(string? Name, int Index);
}
