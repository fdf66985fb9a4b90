using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunHub.Otlp.Wire;

/// <summary>
/// Reads OTLP JSON: lowerCamelCase keys, unknown ones ignored, absent and null mean default, ids in hex of either case,
/// 64-bit numbers as numbers or text, doubles also as <c>"NaN"</c> and <c>"Infinity"</c>, bytes in base64.
/// </summary>
static class OtlpJsonReader
{
    static readonly JsonDocumentOptions Options = new() { MaxDepth = 3 * ProtoReader.MaxDepth, AllowTrailingCommas = true };

    /// <summary>An <c>ExportTraceServiceRequest</c>.</summary>
    /// <exception cref="BadOtlpException">It is none.</exception>
    public static List<Span> Traces(ReadOnlyMemory<byte> utf8) => Read(utf8, static root =>
    {
        var spans = new List<Span>();
        foreach (var (resource, scope, element) in Items(root, "resourceSpans", "scopeSpans", "spans")) spans.Add(Span(element, resource, scope));
        return spans;
    });

    /// <summary>An <c>ExportLogsServiceRequest</c>.</summary>
    /// <exception cref="BadOtlpException">It is none.</exception>
    public static List<LogRecord> Logs(ReadOnlyMemory<byte> utf8) => Read(utf8, static root =>
    {
        var logs = new List<LogRecord>();
        foreach (var (resource, scope, element) in Items(root, "resourceLogs", "scopeLogs", "logRecords")) logs.Add(Log(element, resource, scope));
        return logs;
    });

    static T Read<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new BadOtlpException("The body is not a JSON object.");
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new BadOtlpException("The body is not JSON: " + e.Message, e);
        }
    }

    static IEnumerable<(Resource, Scope, JsonElement)> Items(JsonElement root, string resources, string scopes, string items)
    {
        foreach (var outer in List(root, resources))
        {
            var resource = new Resource { Attributes = Attributes(Member(outer, "resource")) };
            foreach (var inner in List(outer, scopes))
            {
                var named = Member(inner, "scope");
                var scope = new Scope { Name = Text(named, "name"), Version = Text(named, "version"), Attributes = Attributes(named) };
                foreach (var item in List(inner, items)) yield return (resource, scope, item);
            }
        }
    }

    static Span Span(JsonElement json, Resource resource, Scope scope)
    {
        var status = Member(json, "status");
        var span = new Span
        {
            Resource = resource,
            Scope = scope,
            TraceId = Id(json, "traceId"),
            SpanId = Id(json, "spanId"),
            ParentSpanId = Id(json, "parentSpanId"),
            TraceState = Text(json, "traceState"),
            Name = Text(json, "name"),
            Kind = (int)Whole(json, "kind"),
            Start = Nanos(json, "startTimeUnixNano"),
            End = Nanos(json, "endTimeUnixNano"),
            Attributes = Attributes(json),
            Dropped = Whole(json, "droppedAttributesCount") + Whole(json, "droppedEventsCount") + Whole(json, "droppedLinksCount"),
            StatusCode = (int)Whole(status, "code"),
            StatusMessage = Text(status, "message"),
            Flags = (uint)Whole(json, "flags"),
        };
        foreach (var happened in List(json, "events"))
            span.Events.Add(new SpanEvent { Time = Nanos(happened, "timeUnixNano"), Name = Text(happened, "name"), Attributes = Attributes(happened) });
        foreach (var link in List(json, "links"))
            span.Links.Add(new SpanLink { TraceId = Id(link, "traceId"), SpanId = Id(link, "spanId"), TraceState = Text(link, "traceState"), Attributes = Attributes(link) });
        return span;
    }

    static LogRecord Log(JsonElement json, Resource resource, Scope scope) => new()
    {
        Resource = resource,
        Scope = scope,
        Time = Nanos(json, "timeUnixNano"),
        ObservedTime = Nanos(json, "observedTimeUnixNano"),
        Severity = (int)Whole(json, "severityNumber"),
        SeverityText = Text(json, "severityText"),
        Body = Value(Member(json, "body"), 0),
        Attributes = Attributes(json),
        TraceId = Id(json, "traceId"),
        SpanId = Id(json, "spanId"),
        EventName = Text(json, "eventName"),
    };

    static AttributeSet Attributes(JsonElement owner, string name = "attributes", int depth = 0)
    {
        AttributeSet? set = null;
        foreach (var pair in List(owner, name)) (set ??= new AttributeSet()).Add(Text(pair, "key"), Value(Member(pair, "value"), depth));
        return set ?? AttributeSet.Empty;
    }

    static object? Value(JsonElement value, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object) return null;
        if (depth > ProtoReader.MaxDepth) throw new BadOtlpException($"A value nests deeper than {ProtoReader.MaxDepth} levels.");
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;
            switch (member.Name)
            {
                case "stringValue": return Text(member.Value);
                case "boolValue": return member.Value.ValueKind == JsonValueKind.True || member.Value.ValueKind == JsonValueKind.String && Text(member.Value) is "true";
                case "intValue": return Whole(member.Value, member.Name);
                case "doubleValue": return Real(member.Value);
                case "bytesValue": return Bytes(member.Value);
                case "arrayValue": return List(member.Value, "values").Select(v => Value(v, depth + 1)).ToList();
                case "kvlistValue": return Attributes(member.Value, "values", depth + 1) is { Count: > 0 } set ? set : new AttributeSet();
                default: continue;
            }
        }

        return null;
    }

    static JsonElement Member(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) ? value : default;

    static IEnumerable<JsonElement> List(JsonElement owner, string name)
    {
        var list = Member(owner, name);
        return list.ValueKind switch
        {
            JsonValueKind.Array => list.EnumerateArray(),
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            _ => throw Wrong(name, "an array"),
        };
    }

    static string Id(JsonElement owner, string name) => Text(owner, name).ToLowerInvariant();

    static string Text(JsonElement owner, string name)
    {
        var value = Member(owner, name);
        return value.ValueKind switch
        {
            JsonValueKind.String => Text(value),
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            _ => throw Wrong(name, "text"),
        };
    }

    static string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return value.GetRawText();
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: it becomes U+FFFD instead of refusing all.
            return Halves(value.GetRawText());
        }
    }

    static string Halves(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 1; i < raw.Length - 1; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            text.Append(raw[i] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                'u' => (char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                var c => c,
            });
            if (raw[i] == 'u') i += 4;
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }

    static long Whole(JsonElement owner, string name)
    {
        var value = owner.ValueKind == JsonValueKind.Object ? Member(owner, name) : owner;
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null: return 0;
            case JsonValueKind.Number when value.TryGetInt64(out var number): return number;
            case JsonValueKind.Number when value.TryGetDouble(out var real) && Math.Abs(real) < 9e18 && Math.Floor(real) == real: return (long)real;
            case JsonValueKind.String when long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed): return parsed;
            default: throw Wrong(name, "a whole number");
        }
    }

    static ulong Nanos(JsonElement owner, string name)
    {
        var value = Member(owner, name);
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null: return 0;
            case JsonValueKind.Number when value.TryGetUInt64(out var number): return number;
            // Beyond 2^53 some senders write a double: its nanoseconds are rounded, no more.
            case JsonValueKind.Number when value.TryGetDouble(out var real) && real is >= 0 and < 1.8e19: return (ulong)real;
            case JsonValueKind.String when ulong.TryParse(Text(value), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed): return parsed;
            case JsonValueKind.String when Text(value).Length == 0: return 0;
            default: throw Wrong(name, "nanoseconds since 1970");
        }
    }

    static double Real(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => Text(value) switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => throw Wrong("doubleValue", "a number"),
        },
        _ => throw Wrong("doubleValue", "a number"),
    };

    static byte[] Bytes(JsonElement value)
    {
        try
        {
            return Convert.FromBase64String(Text(value).Replace('-', '+').Replace('_', '/'));
        }
        catch (FormatException e)
        {
            throw new BadOtlpException("bytesValue is not base64.", e);
        }
    }

    static BadOtlpException Wrong(string name, string wanted) => new($"{name} is not {wanted}.");
}
