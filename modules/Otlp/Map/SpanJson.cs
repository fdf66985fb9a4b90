using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>OTLP values as JSON.</summary>
static class SpanJson
{
    const int MaxDepth = 200;
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 512 };

    /// <summary>JSON somebody writes.</summary>
    public static JsonPayload Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json);
        return new JsonPayload(buffer.WrittenMemory);
    }

    /// <summary>
    /// A value that is content: text that is a JSON object or array is that object or array, unchanged; other text is text.
    /// </summary>
    public static JsonPayload Content(object? value) => value is string text && Parsed(text) is { } json ? json : Write(j => Value(j, value));

    /// <summary>The text as JSON when it is an object or array; else null.</summary>
    public static JsonPayload? Parsed(string text)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length < 2 || trimmed[0] is not ('{' or '[')) return null;
        var utf8 = Encoding.UTF8.GetBytes(text);
        try
        {
            var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (json.Read())
            {
                // To the end: half a document is text.
            }

            return new JsonPayload(utf8);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A value in its natural form.</summary>
    public static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case long number: json.WriteNumberValue(number); break;
            case double real: Real(json, real); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case AttributeSet set: Set(json, set); break;
            case List<object?> list:
                json.WriteStartArray();
                foreach (var item in list) Value(json, item);
                json.WriteEndArray();
                break;
            default: throw new InvalidOperationException($"{value.GetType()} is no OTLP value.");
        }
    }

    /// <summary>Content inside a larger object: JSON text becomes JSON.</summary>
    public static void ContentValue(Utf8JsonWriter json, object? value)
    {
        if (value is string text && Parsed(text) is { } parsed) json.WriteRawValue(parsed.Utf8.Span, skipInputValidation: true);
        else Value(json, value);
    }

    /// <summary>
    /// What the Traces view shows of a span and an export gives back: attributes that are not the step's content, events,
    /// links, resource and scope.
    /// </summary>
    public static JsonPayload Rest(Span span, IReadOnlySet<string> taken) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("kind", span.Kind);
        if (span.TraceState.Length > 0) json.WriteString("trace_state", span.TraceState);
        if (span.Flags != 0) json.WriteNumber("flags", span.Flags);
        if (span.Dropped > 0) json.WriteNumber("dropped", span.Dropped);
        json.WriteString("start_time_unix_nano", span.Start.ToString(CultureInfo.InvariantCulture));
        json.WriteString("end_time_unix_nano", span.End.ToString(CultureInfo.InvariantCulture));
        json.WritePropertyName("attributes");
        Set(json, span.Attributes, taken);
        if (span.Events.Count > 0)
        {
            json.WriteStartArray("events");
            foreach (var happened in span.Events)
            {
                json.WriteStartObject();
                json.WriteString("name", happened.Name);
                json.WriteString("time_unix_nano", happened.Time.ToString(CultureInfo.InvariantCulture));
                json.WritePropertyName("attributes");
                Set(json, happened.Attributes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (span.Links.Count > 0)
        {
            json.WriteStartArray("links");
            foreach (var link in span.Links)
            {
                json.WriteStartObject();
                json.WriteString("trace_id", link.TraceId);
                json.WriteString("span_id", link.SpanId);
                if (link.TraceState.Length > 0) json.WriteString("trace_state", link.TraceState);
                json.WritePropertyName("attributes");
                Set(json, link.Attributes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WritePropertyName("resource");
        Set(json, span.Resource.Attributes);
        json.WriteStartObject("scope");
        json.WriteString("name", span.Scope.Name);
        if (span.Scope.Version.Length > 0) json.WriteString("version", span.Scope.Version);
        if (span.Scope.Attributes.Count > 0)
        {
            json.WritePropertyName("attributes");
            Set(json, span.Scope.Attributes);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    public static void Set(Utf8JsonWriter json, AttributeSet set, IReadOnlySet<string>? without = null)
    {
        json.WriteStartObject();
        foreach (var key in set.Keys)
        {
            if (without?.Contains(key) is true) continue;
            json.WritePropertyName(key);
            Value(json, set[key]);
        }

        json.WriteEndObject();
    }

    /// <summary>A whole double keeps its point, so that an export knows it was one; what JSON has no number for is text.</summary>
    static void Real(Utf8JsonWriter json, double real)
    {
        if (double.IsNaN(real)) json.WriteStringValue("NaN");
        else if (double.IsInfinity(real)) json.WriteStringValue(real > 0 ? "Infinity" : "-Infinity");
        else if (Math.Floor(real) == real && Math.Abs(real) < 1e15) json.WriteRawValue(real.ToString("F1", CultureInfo.InvariantCulture), skipInputValidation: true);
        else json.WriteNumberValue(real);
    }
}
