using System.Text.Json;
using RunHub.Otlp;
using RunHub.Otlp.Map;
using RunHub.Otlp.Wire;

namespace RunHub.UnitTests.Otlp;

/// <summary>Spans as instrumentations send them, and what they become.</summary>
static class Spans
{
    public const string Trace = "0af7651916cd43dd8448eb211c80319c";
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    const ulong Start = 1_795_176_000_000_000_000;

    public static TenantRules Rules(OtlpOptions? options = null, string own = "null")
    {
        using var document = JsonDocument.Parse(own);
        return OtlpSettings.Of(options ?? new OtlpOptions(), document.RootElement);
    }

    /// <summary>A span with attributes as pairs.</summary>
    public static Span Of(string name, int id, int parent, params (string Key, object? Value)[] attributes) => new()
    {
        TraceId = Trace,
        SpanId = id.ToString("x16"),
        ParentSpanId = parent == 0 ? "" : parent.ToString("x16"),
        Name = name,
        Start = Start + (ulong)id * 1_000_000,
        End = Start + 5_000_000_000 - (ulong)id * 1_000_000,
        Attributes = Set(attributes),
    };

    public static AttributeSet Set(params (string Key, object? Value)[] attributes)
    {
        var set = new AttributeSet();
        foreach (var (key, value) in attributes) set.Add(key, value is int number ? (long)number : value is string[] texts ? texts.Cast<object?>().ToList() : value);
        return set;
    }

    public static StepWrite Step(Span span) => MapSpan.Map(span, 1).Step;

    public static RunWrite Run(params Span[] spans) => Assert.Single(MapTraces.Map(spans, 1, Rules(), Now).Batch.Runs);

    /// <summary>The value at a path such as <c>0.parts.0.content</c>; numbers are indexes.</summary>
    public static string? At(JsonPayload? payload, string path)
    {
        Assert.NotNull(payload);
        using var document = payload!.Value.ToDocument();
        var element = document.RootElement;
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (element.ValueKind == JsonValueKind.Array) element = element[int.Parse(part)];
            else if (!element.TryGetProperty(part, out element)) return null;
        }

        return element.ValueKind == JsonValueKind.String ? element.GetString() : element.GetRawText();
    }
}
