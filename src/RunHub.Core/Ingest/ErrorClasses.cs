namespace RunHub.Ingest;

/// <summary>S2's five classes of errors.</summary>
public static class ErrorClasses
{
    /// <summary>The five, as in JSON.</summary>
    public static IReadOnlyList<string> All { get; } = ["transient", "validation_failed", "external_api", "policy_denied", "bug"];

    static readonly (string Class, string[] Signs)[] Signs =
    [
        ("transient", ["timeout", "timed out", "rate limit", "ratelimit", "too many requests", "429", "503", "504", "502", "temporar", "unavailable", "overloaded", "connection reset", "connection refused", "deadlock", "econn", "transient", "retry"]),
        ("policy_denied", ["policy", "denied", "forbidden", "unauthorized", "401", "403", "permission", "content_filter", "guardrail", "blocked"]),
        ("validation_failed", ["validation", "invalid", "schema", "malformed", "missing field", "required", "parse", "unprocessable", "422", "400"]),
        ("external_api", ["api", "http", "upstream", "gateway", "provider", "service", "endpoint", "500"]),
    ];

    /// <summary>Best guess from the source's own code, then from its message; <c>bug</c> when neither says anything.</summary>
    public static string Derive(string? code, string? message)
    {
        foreach (var text in new[] { code, message })
        {
            if (string.IsNullOrEmpty(text)) continue;
            foreach (var (name, signs) in Signs)
                if (signs.Any(sign => text.Contains(sign, StringComparison.OrdinalIgnoreCase))) return name;
        }

        return "bug";
    }
}
