using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunHub.Ui;

/// <summary>A payload as a page shows it: formatted, folded when long, and asked for when it is large.</summary>
/// <param name="Id">Id of its element, unique on the page.</param>
/// <param name="Text">Formatted JSON or plain text; null: not loaded yet.</param>
/// <param name="IsJson">To be highlighted.</param>
/// <param name="Size">Bytes of the payload as it is stored.</param>
public sealed record JsonBlock(string Id, string? Text, bool IsJson, long Size)
{
    /// <summary>Larger payloads are asked for by the reader.</summary>
    public const int LoadedAtOnce = 256 * 1024;

    /// <summary>Larger payloads are shown in part; the whole is a download.</summary>
    public const int ShownAtMost = 2 * 1024 * 1024;

    const int FoldedLines = 18;
    static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1024, NewLine = "\n" };

    /// <summary>Where the payload is asked for when it is large; null: nowhere.</summary>
    public string? LoadUrl { get; init; }

    /// <summary>Where the payload is downloaded; null: nowhere.</summary>
    public string? DownloadUrl { get; init; }

    /// <summary>Only the beginning is shown.</summary>
    public bool IsPart { get; init; }

    /// <summary>Long enough to be folded.</summary>
    public bool IsLong => Text is not null && (Text.Length > 1600 || Text.AsSpan().Count('\n') > FoldedLines);

    /// <summary>A payload in JSON: a string is shown as its text, anything else is formatted.</summary>
    public static JsonBlock Of(string id, ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = 1024 });
        if (reader.Read() && reader.TokenType == JsonTokenType.String) return new JsonBlock(id, Unescape(ref reader), IsJson: false, json.Length);
        return new JsonBlock(id, Pretty(json), IsJson: true, json.Length);
    }

    /// <summary>Plain text.</summary>
    public static JsonBlock Of(string id, string text) => new(id, text, IsJson: false, Encoding.UTF8.GetByteCount(text));

    /// <summary>Formats JSON with two spaces: numbers keep their digits, strings lose escapes they do not need.</summary>
    public static string Pretty(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1024 });
        var buffer = new ArrayBufferWriter<byte>(json.Length * 2);
        using var writer = new Utf8JsonWriter(buffer, Indented);
        try
        {
            document.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, escaped, is valid JSON but no text: shown as it came.
            return Encoding.UTF8.GetString(json.Span);
        }

        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static string Unescape(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}
