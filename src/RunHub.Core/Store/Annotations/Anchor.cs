using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RunHub.Http;
using RunHub.Ingest;

namespace RunHub.Store.Annotations;

/// <summary>
/// The part of a payload that an annotation is about. The text of a value is what RunHub shows of it: a string's characters, anything else
/// as JSON indented by two spaces; line ends are <c>\n</c>. Offsets count UTF-16 units in that text.
/// </summary>
public sealed record Anchor
{
    /// <summary>Characters of <see cref="Quote"/>.</summary>
    public const int MaxQuote = 2000;

    /// <summary>Characters of <see cref="Prefix"/> and <see cref="Suffix"/>.</summary>
    public const int MaxContext = 64;

    /// <summary>Characters of <see cref="Path"/>.</summary>
    public const int MaxPath = 1024;

    static readonly JsonSerializerOptions Options = new(ApiJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 4 };

    /// <summary><c>input</c> or <c>output</c> of a step, <c>inputs</c> or <c>outputs</c> of the run.</summary>
    public string? Payload { get; init; }

    /// <summary>The value: <c>$</c>, <c>$.lead.name</c>, <c>$.items[3]['odd name']</c>. Null: the whole payload, or wherever the quote stands.</summary>
    public string? Path { get; init; }

    /// <summary>Where the quote begins in the text of that value.</summary>
    public int? Start { get; init; }

    /// <summary>Where it ends, exclusive.</summary>
    public int? End { get; init; }

    /// <summary>The text itself.</summary>
    public string? Quote { get; init; }

    /// <summary>What stood before it, to tell it from the same text elsewhere.</summary>
    public string? Prefix { get; init; }

    /// <summary>What stood after it.</summary>
    public string? Suffix { get; init; }

    /// <summary>Reads one as it is stored or was sent.</summary>
    /// <exception cref="ProblemException">400: it is not an anchor.</exception>
    public static Anchor Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<Anchor>(json.Span, Options) is { } anchor ? anchor.Checked() : throw ProblemException.Invalid("$.anchor", "An object is needed.");
        }
        catch (JsonException e)
        {
            throw ProblemException.Invalid("$.anchor" + e.Path?.TrimStart('$'), "This is not an anchor: payload, path, start, end, quote, prefix, suffix.");
        }
    }

    /// <summary>As it is stored and given out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>The same, with everything looked at and cleaned.</summary>
    /// <exception cref="ProblemException">400: something is not what it should be.</exception>
    public Anchor Checked()
    {
        if (Payload is not ("input" or "output" or "inputs" or "outputs")) throw Wrong("payload", "One of input and output (of a step), inputs and outputs (of the run).");
        if (Quote is null && Path is null && Start is null) throw Wrong("quote", "Say which part: a quote, a path, or start and end.");
        if (Quote is { Length: 0 } || Quote?.Length > MaxQuote) throw Wrong("quote", $"1 to {MaxQuote} characters.");
        if (Path?.Length > MaxPath || Path is not null && JsonPlace.Parse(Path) is null) throw Wrong("path", "A path such as $.items[3].name.");
        if ((Start is null) != (End is null)) throw Wrong("end", "start and end go together.");
        if (Start < 0 || End <= Start) throw Wrong("start", "Offsets in the text, start before end, from 0.");
        return this with { Quote = ValidateRuns.Clean(Quote), Prefix = Context(Prefix, last: true), Suffix = Context(Suffix, last: false), Path = ValidateRuns.Clean(Path) };
    }

    static string? Context(string? text, bool last)
    {
        if (string.IsNullOrEmpty(text)) return null;
        return ValidateRuns.Clean(text.Length <= MaxContext ? text : last ? text[^MaxContext..] : text[..MaxContext]);
    }

    static ProblemException Wrong(string field, string reason) => ProblemException.Invalid("$.anchor." + field, reason);
}

/// <summary>Is the part of the payload that an annotation is about still there.</summary>
public enum AnchorState
{
    /// <summary>It is where it was.</summary>
    Found,

    /// <summary>The payload changed and the same text stands in it.</summary>
    Moved,

    /// <summary>The payload changed, and the text is not in it any more; or there is no such payload.</summary>
    Gone,
}
