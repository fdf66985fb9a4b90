using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunHub.Runs.Export;

/// <summary>JSON as OTLP's AnyValue and KeyValue: lowerCamelCase, 64-bit numbers as text.</summary>
static class OtlpValues
{
    const int MaxDepth = 60;

    /// <summary><c>{"key":…,"value":{"stringValue":…}}</c>; nothing for null.</summary>
    public static void Text(Utf8JsonWriter json, string key, string? text)
    {
        if (text is null) return;
        Open(json, key);
        json.WriteString("stringValue", text);
        Close(json);
    }

    public static void Int(Utf8JsonWriter json, string key, long? number)
    {
        if (number is not { } value) return;
        Open(json, key);
        json.WriteString("intValue", value.ToString(CultureInfo.InvariantCulture));
        Close(json);
    }

    public static void Double(Utf8JsonWriter json, string key, double? number)
    {
        if (number is not { } value) return;
        Open(json, key);
        json.WriteNumber("doubleValue", value);
        Close(json);
    }

    public static void Texts(Utf8JsonWriter json, string key, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) return;
        Open(json, key);
        json.WriteStartObject("arrayValue");
        json.WriteStartArray("values");
        foreach (var text in texts)
        {
            json.WriteStartObject();
            json.WriteString("stringValue", text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        Close(json);
    }

    /// <summary>A payload: text as text, anything else as its JSON text.</summary>
    public static void Payload(Utf8JsonWriter json, string key, ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length == 0) return;
        Text(json, key, utf8.Span[0] == '"' ? JsonSerializer.Deserialize<string>(utf8.Span) : Encoding.UTF8.GetString(utf8.Span));
    }

    /// <summary>Members of a JSON object as attributes.</summary>
    public static void Members(Utf8JsonWriter json, JsonElement set)
    {
        foreach (var member in set.EnumerateObject()) Member(json, member, 0);
    }

    static void Member(Utf8JsonWriter json, JsonProperty member, int depth)
    {
        json.WriteStartObject();
        json.WriteString("key", member.Name);
        json.WritePropertyName("value");
        Value(json, member.Value, depth);
        json.WriteEndObject();
    }

    static void Value(Utf8JsonWriter json, JsonElement value, int depth)
    {
        json.WriteStartObject();
        switch (value.ValueKind)
        {
            case JsonValueKind.String: json.WriteString("stringValue", value.GetString()); break;
            case JsonValueKind.True or JsonValueKind.False: json.WriteBoolean("boolValue", value.GetBoolean()); break;
            // A whole double keeps its point where spans are stored.
            case JsonValueKind.Number when value.TryGetInt64(out var whole) && value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0:
                json.WriteString("intValue", whole.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonValueKind.Number: json.WriteNumber("doubleValue", value.GetDouble()); break;
            case JsonValueKind.Array or JsonValueKind.Object when depth == MaxDepth: json.WriteString("stringValue", value.GetRawText()); break;
            case JsonValueKind.Array:
                json.WriteStartObject("arrayValue");
                json.WriteStartArray("values");
                foreach (var item in value.EnumerateArray()) Value(json, item, depth + 1);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case JsonValueKind.Object:
                json.WriteStartObject("kvlistValue");
                json.WriteStartArray("values");
                foreach (var member in value.EnumerateObject()) Member(json, member, depth + 1);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            default: break; // null: a value without one
        }

        json.WriteEndObject();
    }

    static void Open(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("value");
    }

    static void Close(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
