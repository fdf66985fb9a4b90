using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RunHub.IntegrationTests.Otlp;

/// <summary>One span as OTLP JSON writes it, and the service it comes from.</summary>
sealed record MadeSpan(string TraceId, string SpanId, string Service, string Json);

/// <summary>Makes traces of GenAI work from a seed.</summary>
sealed class TraceMaker(int seed)
{
    static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow().AddHours(-1);
    readonly Random random = new(seed);

    /// <summary>A request with these spans, grouped by service.</summary>
    public static StringContent Request(params IEnumerable<MadeSpan> spans)
    {
        var groups = spans.GroupBy(s => s.Service, StringComparer.Ordinal).Select(g =>
            """{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"SERVICE"}}]},"scopeSpans":[{"scope":{"name":"maker"},"spans":[SPANS]}]}"""
                .Replace("SERVICE", g.Key, StringComparison.Ordinal).Replace("SPANS", string.Join(',', g.Select(s => s.Json)), StringComparison.Ordinal));
        return new StringContent("""{"resourceSpans":[""" + string.Join(',', groups) + "]}", Encoding.UTF8, "application/json");
    }

    /// <summary>One span; times in milliseconds from the start of the hour.</summary>
    public static MadeSpan Span(string trace, int id, int parent, string name, long from, long to, string? error = null, string service = "svc", params (string Key, object Value)[] attributes)
    {
        var json = new JsonObject
        {
            ["traceId"] = trace,
            ["spanId"] = id.ToString("x16", CultureInfo.InvariantCulture),
            ["name"] = name,
            ["kind"] = 1,
            ["startTimeUnixNano"] = Nanos(from),
            ["endTimeUnixNano"] = Nanos(to),
            ["attributes"] = new JsonArray([.. attributes.Select(a => new JsonObject { ["key"] = a.Key, ["value"] = Value(a.Value) })]),
        };
        if (parent != 0) json["parentSpanId"] = parent.ToString("x16", CultureInfo.InvariantCulture);
        if (error is not null) json["status"] = new JsonObject { ["code"] = 2, ["message"] = error };
        return new MadeSpan(trace, (string)json["spanId"]!, service, json.ToJsonString());
    }

    /// <summary>A new trace id.</summary>
    public string Trace() => $"{random.NextInt64():x16}{random.NextInt64() | 1:x16}";

    /// <summary>
    /// A tree of one to a dozen spans. Agents repeat the usage beneath them; tools fail at times and take their parents with
    /// them or not; a few traces never show their root.
    /// </summary>
    public List<MadeSpan> Spans()
    {
        var (trace, count) = (Trace(), random.Next(1, 13));
        var spans = new List<MadeSpan>();
        var rootFails = random.Next(4) == 0;
        for (var id = 1; id <= count; id++)
        {
            var parent = id == 1 ? 0 : random.Next(1, id);
            var (from, to) = (id * 10L, 100_000L - id * 10L - random.Next(9));
            var error = id == 1 ? (rootFails ? "root gave up" : null) : random.Next(5) == 0 ? $"error of {id}" : null;
            spans.Add(random.Next(4) switch
            {
                _ when id == 1 => Span(trace, id, parent, "invoke_agent root", from, to, error, "front", ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "Root"), ("gen_ai.usage.input_tokens", random.Next(1, 99)), ("gen_ai.input.messages", "[\"in\"]")),
                0 => Span(trace, id, parent, "chat m" + id % 3, from, to, error, "svc", ("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m" + id % 3), ("gen_ai.usage.input_tokens", random.Next(100)), ("gen_ai.usage.output_tokens", random.Next(100)),
                    ("gen_ai.input.messages", $"[\"question {id}\"]"), ("gen_ai.output.messages", $"[\"answer {id}\"]"), ("gen_ai.conversation.id", "conv" + id)),
                1 => Span(trace, id, parent, "execute_tool t", from, to, error, "tools", ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "t"), ("gen_ai.tool.call.arguments", $"{{\"id\":{id}}}"), ("error.type", "E" + id)),
                2 => Span(trace, id, parent, "invoke_agent sub" + id, from, to, error, "svc", ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "Sub" + id), ("gen_ai.usage.input_tokens", random.Next(1, 99)), ("gen_ai.usage.output_tokens", random.Next(99)), ("gen_ai.usage.cost", 0.001 * id)),
                _ => Span(trace, id, parent, "GET /" + id, from, to, error, "svc", ("http.request.method", "GET"), ("user.id", "user" + id)),
            });
        }

        if (random.Next(6) == 0 && spans.Count > 1) spans.RemoveAt(0);
        return spans;
    }

    static string Nanos(long ms) => ((Start.ToUnixTimeMilliseconds() + ms) * 1_000_000).ToString(CultureInfo.InvariantCulture);

    static JsonObject Value(object value) => value switch
    {
        string text => new JsonObject { ["stringValue"] = text },
        double real => new JsonObject { ["doubleValue"] = real },
        _ => new JsonObject { ["intValue"] = Convert.ToInt64(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture) },
    };
}
