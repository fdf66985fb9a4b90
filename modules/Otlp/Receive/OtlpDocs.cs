using RunHub.Http;

namespace RunHub.Otlp.Receive;

/// <summary>What the OpenAPI document says about the two endpoints.</summary>
static class OtlpDocs
{
    const string Status = """{"type":"object","properties":{"code":{"type":"integer"},"message":{"type":"string"}}}""";
    static readonly string[] Types = ["application/json", "application/x-protobuf"];

    public static ApiDoc Traces { get; } = Doc("Spans by OTLP/HTTP: a trace becomes a run", "resourceSpans", "rejectedSpans", """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"invoice-agent"}}]},"scopeSpans":[{"scope":{"name":"docs"},"spans":[{
          "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"chat gpt-4o","kind":3,"startTimeUnixNano":"1761646442000000000","endTimeUnixNano":"1761646443800000000",
          "attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}}]}]}]}]}
        """);

    public static ApiDoc Logs { get; } = Doc("Log records by OTLP/HTTP: they join the step of their span", "resourceLogs", "rejectedLogRecords", """
        {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1761646442500000000","severityNumber":9,"body":{"stringValue":"asked the model"},
          "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}]}
        """);

    static ApiDoc Doc(string summary, string items, string rejected, string example) => new(summary)
    {
        Tag = "OpenTelemetry",
        Description = "Protobuf or JSON, plain or gzip, by the rules of OTLP/HTTP; docs/otlp.md says which attribute becomes what.",
        Body = new ApiBody(Object(items, """{"type":"array","items":{"type":"object"}}"""), example) { Types = Types },
        Answers =
        [
            new(200, $"Stored; with partialSuccess ({rejected}, errorMessage) all but what can never be taken.", Object("partialSuccess", """{"type":"object"}"""), "application/json"),
            new(400, "The body is not OTLP; do not send it again.", Status, "application/json"),
            new(413, "The body is too large.", Status, "application/json"),
            new(415, "Another content type or encoding.", Status, "application/json"),
            new(429, "More requests than this key or tenant may send; send it again after Retry-After.", Status, "application/json"),
            new(503, "Busy; send it again after Retry-After.", Status, "application/json"),
        ],
    };

    static string Object(string member, string schema) => "{\"type\":\"object\",\"properties\":{\"" + member + "\":" + schema + "}}";
}
