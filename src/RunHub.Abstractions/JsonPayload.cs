using System.Text;
using System.Text.Json;

namespace RunHub;

/// <summary>
/// One JSON value as UTF-8 text, kept exactly as it came: number spellings, key order and white space survive.
/// </summary>
/// <param name="Utf8">Valid JSON text in UTF-8. Whoever makes a payload guarantees that it is valid.</param>
public readonly record struct JsonPayload(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Size in bytes.</summary>
    public int Length => Utf8.Length;

    /// <summary>A payload from JSON text.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static JsonPayload Parse(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        return new JsonPayload(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>A payload holding the text of <paramref name="element"/> unchanged.</summary>
    public static JsonPayload From(JsonElement element) => new(Encoding.UTF8.GetBytes(element.GetRawText()));

    /// <summary>A JSON string.</summary>
    public static JsonPayload String(string text) => new(JsonSerializer.SerializeToUtf8Bytes(text));

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    /// <summary>Reads the value into a document of its own.</summary>
    public JsonDocument ToDocument() => JsonDocument.Parse(Utf8, new JsonDocumentOptions { MaxDepth = 512 });
}
