using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunHub.Plugins;

namespace RunHub.RunDetail;

/// <summary>A value of a document together with where it stands, so that every complaint says where.</summary>
internal readonly partial record struct JsonPart(JsonElement Element, string Path)
{
    /// <summary>Largest whole number every JSON reader keeps exactly.</summary>
    const long MaxNumber = (1L << 53) - 1;

    public bool IsNull => Element.ValueKind == JsonValueKind.Null;

    public ReadOnlySpan<byte> Raw => JsonMarshal.GetRawUtf8Value(Element);

    public JsonPayload ToPayload() => new(Raw.ToArray());

    public PayloadException Wrong(string reason) => new(Path, reason);

    /// <summary>The members, each name once.</summary>
    public List<(string Name, JsonPart Part)> Members()
    {
        if (Element.ValueKind != JsonValueKind.Object) throw Wrong("This must be an object, not " + Kind + ".");
        var members = new List<(string, JsonPart)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in Element.EnumerateObject())
        {
            var name = NameOf(property);
            var part = new JsonPart(property.Value, Below(name));
            if (!names.Add(name)) throw part.Wrong("This name appears twice in the same object.");
            members.Add((name, part));
        }

        return members;
    }

    /// <summary>Text of one character or more; null for <c>null</c> and for an empty text.</summary>
    public string? Text()
    {
        if (IsNull) return null;
        if (Element.ValueKind != JsonValueKind.String) throw Wrong("This must be a text, not " + Kind + ".");
        try
        {
            return Element.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("This text contains half of a surrogate pair.");
        }
    }

    /// <summary>Text for people, of one character or more: where it has half of a surrogate pair, its escaped ones become U+FFFD.</summary>
    public string? FreeText()
    {
        try
        {
            if (IsNull || Element.ValueKind != JsonValueKind.String) return Text();
            return Element.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            using var mended = JsonDocument.Parse(Surrogate().Replace(Element.GetRawText(), "${even}\\ufffd"));
            return mended.RootElement.GetString();
        }
    }

    // An even number of backslashes before it: the escape itself is not escaped.
    [GeneratedRegex(@"(?<!\\)(?<even>(?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Surrogate();

    /// <summary>Text, or a number as it is spelled.</summary>
    public string? TextOrNumber() => Element.ValueKind == JsonValueKind.Number ? Element.GetRawText() : Text();

    /// <summary>A text, or a number as it is spelled, that can be shown in one line; null for <c>null</c> and for an empty text.</summary>
    public string? Name(int max)
    {
        var name = TextOrNumber();
        if (name is null || IsName(name, max)) return name;
        throw Wrong($"This must have 1 to {max} printable characters.");
    }

    /// <summary>The text if it is one that can be shown in one line, else null.</summary>
    public string? UsableName(int max) => Element.ValueKind == JsonValueKind.String && Text() is { } name && IsName(name, max) ? name : null;

    static bool IsName(string name, int max)
    {
        if (name.Length > max || string.IsNullOrWhiteSpace(name)) return false;
        foreach (var c in name)
        {
            if (char.IsControl(c)) return false;
        }

        return true;
    }

    /// <summary>A number that is not negative, rounded to a whole one.</summary>
    public long? Whole()
    {
        if (IsNull) return null;
        if (Element.ValueKind != JsonValueKind.Number) throw Wrong("This must be a number, not " + Kind + ".");
        if (!Element.TryGetInt64(out var number))
        {
            var real = Element.TryGetDouble(out var d) ? Math.Round(d, MidpointRounding.AwayFromZero) : double.NaN;
            number = real is >= 0 and <= MaxNumber ? (long)real : -1;
        }

        return number is >= 0 and <= MaxNumber ? number : throw Wrong($"This must be a number from 0 to {MaxNumber}.");
    }

    /// <summary>An ISO 8601 time; without an offset it is UTC.</summary>
    public DateTimeOffset? Time()
    {
        if (Text() is not { } text) return null;
        var isIso = text.Length >= 10 && text[4] == '-' && text[7] == '-' && char.IsAsciiDigit(text[0]);
        return isIso && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw Wrong("This must be a time in ISO 8601, such as 2025-01-25T14:32:15Z.");
    }

    public RunStatus Status() => Text() is { } word && RunStatuses.TryParse(word, out var status)
        ? status
        : throw Wrong("This must be one of queued, running, success, failed, cancelled, waiting_human.");

    string Kind => Element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    string Below(string name)
    {
        var plain = name.Length > 0 && !char.IsAsciiDigit(name[0]);
        foreach (var c in name) plain &= char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
        if (plain) return Path + "." + name;
        var quoted = new StringBuilder(Path).Append("['");
        foreach (var rune in (name.Length > 64 ? name[..64] + "…" : name).EnumerateRunes())
            quoted.Append(rune.Value is '\'' or '\\' ? "\\" : "").Append(Rune.IsControl(rune) ? "\uFFFD" : rune.ToString());
        return quoted.Append("']").ToString();
    }

    string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("A name in this object contains half of a surrogate pair.");
        }
    }
}
