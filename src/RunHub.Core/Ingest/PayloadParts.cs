using System.Buffers;
using System.Text.Json;

namespace RunHub.Ingest;

/// <summary>
/// Payloads that arrive in pieces, in any order: kept as a JSON object key → piece in order of key, read as the array of
/// its values.
/// </summary>
static class PayloadParts
{
    /// <summary>Most pieces of one payload; those with the largest keys go.</summary>
    const int Max = 1000;

    /// <summary>What was held and what arrived.</summary>
    public static JsonPayload? Union(JsonPayload? held, IReadOnlyList<PayloadPart>? arrived)
    {
        if (arrived is not { Count: > 0 }) return held;
        var pieces = new SortedDictionary<string, JsonPayload>(StringComparer.Ordinal);
        foreach (var (key, piece) in Read(held)) pieces[key] = piece;
        foreach (var part in arrived) pieces.TryAdd(part.Key, part.Value);
        return Write(json =>
        {
            json.WriteStartObject();
            foreach (var (key, piece) in pieces.Take(Max))
            {
                json.WritePropertyName(key);
                json.WriteRawValue(piece.Utf8.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        });
    }

    /// <summary>The payload the pieces make; null without pieces.</summary>
    public static JsonPayload? Whole(JsonPayload? parts) => parts is null ? null : Write(json =>
    {
        json.WriteStartArray();
        foreach (var (_, piece) in Read(parts)) json.WriteRawValue(piece.Utf8.Span, skipInputValidation: true);
        json.WriteEndArray();
    });

    static List<(string Key, JsonPayload Piece)> Read(JsonPayload? parts)
    {
        var pieces = new List<(string, JsonPayload)>();
        if (parts is not { } held) return pieces;
        var json = new Utf8JsonReader(held.Utf8.Span, new JsonReaderOptions { MaxDepth = 1024 });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            var from = (int)json.TokenStartIndex;
            json.Skip();
            pieces.Add((key, new JsonPayload(held.Utf8[from..(int)json.BytesConsumed])));
        }

        return pieces;
    }

    static JsonPayload Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, MaxDepth = 1024 })) write(json);
        return new JsonPayload(buffer.WrittenMemory);
    }
}
