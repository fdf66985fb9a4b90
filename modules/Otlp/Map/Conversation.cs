using System.Globalization;
using System.Text.Json;
using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>
/// Messages that came as events of a span or as log records (<c>gen_ai.user.message</c>, <c>gen_ai.choice</c> …), one by one.
/// </summary>
static class Conversation
{
    static readonly HashSet<string> About = new(StringComparer.Ordinal) { "gen_ai.system", "gen_ai.provider.name", "gen_ai.operation.name", "event.name" };

    /// <summary>True when this event is a message that went in.</summary>
    public static bool IsInput(string name) => name is "gen_ai.system.message" or "gen_ai.user.message" or "gen_ai.assistant.message" or "gen_ai.tool.message";

    /// <summary>True when it is an answer.</summary>
    public static bool IsOutput(string name) => name is "gen_ai.choice";

    /// <summary>All messages of a kind among a span's events as one array; null where there are none.</summary>
    public static JsonPayload? Of(Span span, Func<string, bool> wanted)
    {
        var messages = span.Events.FindAll(e => wanted(e.Name));
        if (messages.Count == 0) return null;
        return SpanJson.Write(json =>
        {
            json.WriteStartArray();
            foreach (var message in messages) Write(json, message.Name, message.Attributes, null);
            json.WriteEndArray();
        });
    }

    /// <summary>One message.</summary>
    public static JsonPayload Of(string name, AttributeSet attributes, object? body) => SpanJson.Write(json => Write(json, name, attributes, body));

    /// <summary>Order among messages: by time, then by what they say.</summary>
    public static string Key(ulong nanos, JsonPayload message) => string.Create(CultureInfo.InvariantCulture,
        $"{nanos:D20}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(message.Utf8.Span).AsSpan(0, 6))}");

    static void Write(Utf8JsonWriter json, string name, AttributeSet attributes, object? body)
    {
        var content = attributes["gen_ai.event.content"] ?? body;
        var set = content as AttributeSet;
        json.WriteStartObject();
        if (IsInput(name) && set?.Has("role") is not true && !attributes.Has("role")) json.WriteString("role", name.Split('.')[1]);
        if (set is not null) Members(json, set);
        else if (content is string text && SpanJson.Parsed(text) is { } parsed) Merge(json, parsed);
        else if (content is not null) Named(json, "content", content);
        Members(json, attributes, set);
        json.WriteEndObject();
    }

    static void Members(Utf8JsonWriter json, AttributeSet attributes, AttributeSet? but = null)
    {
        foreach (var key in attributes.Keys)
            if (!About.Contains(key) && key != "gen_ai.event.content" && but?.Has(key) is not true) Named(json, key, attributes[key]);
    }

    static void Named(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        if (name is "message" or "tool_calls" or "arguments") SpanJson.ContentValue(json, value);
        else SpanJson.Value(json, value);
    }

    static void Merge(Utf8JsonWriter json, JsonPayload payload)
    {
        using var document = payload.ToDocument();
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            json.WritePropertyName("content");
            document.RootElement.WriteTo(json);
            return;
        }

        foreach (var member in document.RootElement.EnumerateObject()) member.WriteTo(json);
    }
}
