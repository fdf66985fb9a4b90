using System.Globalization;
using System.Text;
using System.Text.Json;
using RunHub.Plugins;

namespace RunHub.UnitTests.Plugins;

/// <summary>Documents to try, what the store does with them, and how two are compared.</summary>
static class RunDetails
{
    /// <summary>The run the requirement draws: the Lead Analyzer.</summary>
    public const string LeadAnalyzer = """
        {
          "id": "8f2a4b", "status": "success", "type": "precrafter", "workflow_version": 2.30,
          "start_time": "2025-01-25T14:32:15.000Z", "end_time": "2025-01-25T14:32:19.200Z", "duration_ms": 4200,
          "leadId": "lead-7", "batchId": null, "inputData": { "lead": { "name": "Ana Núñez", "budget": 1e5 } },
          "results": {
            "node_2": {
              "input": { "systemPrompt": "You are a lead analyst...", "userPrompt": "Analyze this lead: {{lead}}", "model": "gpt-4", "temperature": 0.70 },
              "output": { "score": 85, "segment": "Enterprise" }, "duration_ms": 3900, "tokens_used": 512, "label": "Lead Analyzer"
            },
            "node_1": { "input": {}, "output": null, "cached": true }
          },
          "flow": { "editor": "v4" }
        }
        """;

    /// <summary>The run as the store gives it back after it was written.</summary>
    public static StoredRun Store(RunWrite run) => new(run with { Steps = null, CreatedAt = run.CreatedAt ?? Cut(DateTimeOffset.UnixEpoch), StartedAt = Cut(run.StartedAt), CompletedAt = Cut(run.CompletedAt) },
        [.. (run.Steps ?? []).Select(step => new StoredStep(step))]);

    /// <summary>Equal but for white space and the order of members; numbers by their spelling.</summary>
    public static bool Same(JsonElement a, JsonElement b) => a.ValueKind == b.ValueKind && a.ValueKind switch
    {
        JsonValueKind.Object => a.EnumerateObject().Count() == b.EnumerateObject().Count() && a.EnumerateObject().All(p => b.TryGetProperty(p.Name, out var other) && Same(p.Value, other)),
        JsonValueKind.Array => a.GetArrayLength() == b.GetArrayLength() && a.EnumerateArray().Zip(b.EnumerateArray()).All(pair => Same(pair.First, pair.Second)),
        JsonValueKind.Number => a.GetRawText() == b.GetRawText(),
        JsonValueKind.String => a.GetString() == b.GetString(),
        _ => true,
    };

    public static void AssertSame(string expected, string actual)
    {
        using var a = JsonDocument.Parse(expected, Deep);
        using var b = JsonDocument.Parse(actual, Deep);
        Assert.True(Same(a.RootElement, b.RootElement), $"Sent:\n{expected}\nGot back:\n{actual}");
        Assert.Equal(Nodes(a), Nodes(b));
    }

    /// <summary>Any document of the shape, with everything optional sometimes absent, null, odd or unknown.</summary>
    public static string Any(Random random, string type)
    {
        var members = new List<string>
        {
            Member("id", Quote(Pick(random, "r1", "8f2a4b", "run_01JJ", "ünï-çødé", "a b", "x'y"))),
            Member("status", Quote(Pick(random, "success", "failed", "running", "queued", "cancelled", "Completed", "waiting_human"))),
            Member("type", Quote(type)),
        };
        Maybe("workflow_version", () => Pick(random, "3", "2.30", "1e2", "\"2.3\"", "null", "-0", "\"\""));
        Maybe("start_time", () => Pick(random, "\"2025-01-25T14:32:15Z\"", "\"2025-01-25T14:32:15.123456789+02:00\"", "\"2025-01-25\"", "null"));
        Maybe("end_time", () => Pick(random, "\"2025-01-25T14:32:19.5Z\"", "null"));
        Maybe("duration_ms", () => Pick(random, "0", "4200", "4200.0", "4.2e3", "null", "17.25"));
        Maybe("leadId", () => Pick(random, "\"lead-1\"", "7", "null", "\"\""));
        Maybe("batchId", () => Pick(random, "\"b\"", "7.10", "null"));
        Maybe("inputData", () => Value(random, 3));
        Maybe("error", () => Pick(random, "null", Object(
            random.Next(4) > 0 ? Member("nodeId", Quote(Pick(random, "node_0", "node_1", "gone"))) : null,
            random.Next(4) > 0 ? Member("message", Pick(random, "\"boom\"", "null", "\"\"", "\"$\"")) : null,
            random.Next(2) > 0 ? Member("stack", Pick(random, "\"at A\\n at B\"", "null")) : null,
            random.Next(4) == 0 ? Member("code", "429") : null)));
        Maybe("results", () => random.Next(8) == 0 ? "null" : Object([.. Enumerable.Range(0, random.Next(4)).OrderBy(_ => random.Next()).Select(i => Member(Pick(random, "node_", "é ", "0") + i, Node(random)))]));
        Maybe("extra", () => Value(random, 2));
        Maybe("$", () => Value(random, 2));
        return "{" + string.Join(", ", members.OrderBy(_ => random.Next())) + "}";

        void Maybe(string name, Func<string> value)
        {
            if (random.Next(3) > 0) members.Add(Member(name, value()));
        }
    }

    static JsonDocumentOptions Deep => new() { MaxDepth = 2000 };

    static string Node(Random random) => Object(
        random.Next(5) > 0 ? Member("input", random.Next(4) == 0 ? Value(random, 2) : Object(
            Member("systemPrompt", Quote("You are…")), Member("model", Pick(random, "\"gpt-4\"", "null", "7")), Member("temperature", Pick(random, "0.70", "1", "\"hot\"")))) : null,
        random.Next(5) > 0 ? Member("output", Value(random, 3)) : null,
        random.Next(2) > 0 ? Member("duration_ms", Pick(random, "12", "1.20e1", "null")) : null,
        random.Next(2) > 0 ? Member("tokens_used", Pick(random, "0", "12", "12.0", "null")) : null,
        random.Next(3) == 0 ? Member(Pick(random, "label", "nodeLabel", "name"), Pick(random, "\"Lead Analyzer\"", "7", "\"\"")) : null,
        random.Next(3) == 0 ? Member("cached", Value(random, 1)) : null);

    static string Value(Random random, int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => "null",
        1 => Pick(random, "true", "false"),
        2 => Pick(random, "0.70", "1E+2", "-1.0e-3", "12345678901234567890", "0"),
        3 => Quote(Pick(random, "", "$", "Ñandú 🦤", "\"quoted\"", "line\nbreak", "</script>")),
        4 => "\"\\u00e9\\/\\ud83e\\udda4\"",
        5 => random.Next(1000).ToString(CultureInfo.InvariantCulture),
        6 => "[" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))) + "]",
        _ => Object([.. Enumerable.Range(0, random.Next(4)).Select(i => Member("k" + i, Value(random, depth - 1)))]),
    };

    static string Object(params IEnumerable<string?> members) => "{ " + string.Join(" , ", members.Where(m => m is not null)) + "}";

    static string Member(string name, string value) => Quote(name) + ": " + value;

    static string Quote(string text) => JsonSerializer.Serialize(text);

    static T Pick<T>(Random random, params T[] from) => from[random.Next(from.Length)];

    static DateTimeOffset? Cut(DateTimeOffset? time) => time is { } t ? Times.FromMicros(Times.ToMicros(t)) : null;

    static IEnumerable<string> Nodes(JsonDocument document) =>
        document.RootElement.TryGetProperty("results", out var results) && results.ValueKind == JsonValueKind.Object ? results.EnumerateObject().Select(p => p.Name) : [];
}
