using System.Globalization;
using System.Text.Json;
using RunHub.Json;
using RunHub.Model;

namespace RunHub.Runs.Export;

/// <summary>One run as the spans of a trace, each as a whole <c>ResourceSpans</c>.</summary>
sealed class OtlpTrace(RunRow run, RunParts parts, string tenantId, IReadOnlyDictionary<string, string?> spans)
{
    readonly string traceId = OtlpIds.Trace(run.TraceId, tenantId, run.Id);
    readonly long start = run.StartedAt ?? run.CreatedAt;

    /// <summary>False: the run came as spans, and one of them is its root.</summary>
    public bool HasOwnRoot { get; } = !run.Flags.HasFlag(RunFlags.DerivedStatus);

    string RootId => OtlpIds.Span(null, traceId, run.Id);

    /// <summary>The run's own span.</summary>
    public void WriteRoot(Utf8JsonWriter json) => Span(json, null, () =>
    {
        Head(json, RootId, parent: null, run.Name ?? run.WorkflowName, kind: 1, Nanos(start), Nanos(run.CompletedAt));
        json.WriteStartArray("attributes");
        OtlpValues.Text(json, "gen_ai.operation.name", "invoke_workflow");
        foreach (var (name, value) in RunAttributes()) OtlpValues.Text(json, "runhub." + name, value);
        OtlpValues.Texts(json, "runhub.tags", TextList.Split(run.TagsText));
        OtlpValues.Payload(json, "input.value", parts.Inputs);
        OtlpValues.Payload(json, "output.value", parts.Outputs);
        OtlpValues.Int(json, "gen_ai.usage.total_tokens", run.Tokens);
        OtlpValues.Double(json, "gen_ai.usage.cost", run.CostNano is { } nano ? (double)Money.FromNano(nano) : null);
        OtlpValues.Text(json, "error.type", run.ErrorCode);
        json.WriteEndArray();
        End(json, run.Status, run.ErrorCode, parts.ErrorMessage ?? run.ErrorMessage, parts.ErrorStack, run.CompletedAt ?? start, events: null);
    });

    /// <summary>A step's span.</summary>
    public void Write(Utf8JsonWriter json, StepRow step, StepParts own)
    {
        using var kept = own.Attributes.Length > 0 ? JsonDocument.Parse(own.Attributes, new JsonDocumentOptions { MaxDepth = 512 }) : null;
        // What arrived as a span knows its resource, scope, kind, events and links.
        var span = kept?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("resource", out _) ? root : (JsonElement?)null;
        Span(json, span, () =>
        {
            var parent = step.ParentStepId is { } id ? OtlpIds.Span(spans.GetValueOrDefault(id), traceId, id) : HasOwnRoot ? RootId : null;
            Head(json, OtlpIds.Span(step.SpanId, traceId, step.Id), parent, step.Name, Kind(span, step),
                Member(span, "start_time_unix_nano")?.GetString() ?? Nanos(step.StartedAt ?? start), Member(span, "end_time_unix_nano")?.GetString() ?? Nanos(step.CompletedAt));
            if (Member(span, "trace_state")?.GetString() is { } state) json.WriteString("traceState", state);
            if (Member(span, "flags") is { } flags) json.WriteNumber("flags", flags.GetUInt32());
            json.WriteStartArray("attributes");
            if (Member(span, "attributes") is { } attributes) OtlpValues.Members(json, attributes);
            else Native(json, step, own);
            OtlpValues.Payload(json, "input.value", own.Input);
            OtlpValues.Payload(json, "output.value", own.Output);
            if (span is null || !HasTaken(span.Value)) OtlpValues.Payload(json, "llm.invocation_parameters", own.Parameters);
            json.WriteEndArray();
            Links(json, span);
            End(json, step.Status, step.ErrorCode, own.ErrorMessage ?? step.ErrorMessage, own.ErrorStack, step.CompletedAt ?? step.StartedAt ?? start, Member(span, "events"));
        });
    }

    /// <summary>What a reported step knows, in the words of the GenAI conventions where they have one.</summary>
    static void Native(Utf8JsonWriter json, StepRow step, StepParts own)
    {
        var operation = step.Type switch { StepType.Model => "chat", StepType.Tool => "execute_tool", StepType.Decision => "plan", _ => null };
        OtlpValues.Text(json, "gen_ai.operation.name", operation);
        OtlpValues.Text(json, "gen_ai.request.model", step.Model);
        OtlpValues.Text(json, "gen_ai.tool.name", step.Tool);
        OtlpValues.Text(json, "url.full", step.Endpoint);
        OtlpValues.Text(json, "runhub.node_id", step.NodeId);
        OtlpValues.Text(json, "runhub.label", step.Label);
        OtlpValues.Text(json, "runhub.step_id", step.Id);
        OtlpValues.Int(json, "gen_ai.usage.input_tokens", step.TokensIn);
        OtlpValues.Int(json, "gen_ai.usage.output_tokens", step.TokensOut);
        if (step.TokensIn is null || step.TokensOut is null) OtlpValues.Int(json, "gen_ai.usage.total_tokens", step.Tokens);
        OtlpValues.Double(json, "gen_ai.usage.cost", step.CostNano is { } nano ? (double)Money.FromNano(nano) : null);
        OtlpValues.Text(json, "error.type", step.ErrorCode);
        if (step.Retries > 0) OtlpValues.Int(json, "runhub.retries", step.Retries);
        if (step.Status == RunStatus.Canceled) OtlpValues.Text(json, "runhub.status", "canceled");
        if (step.ValidationPassed is { } passed) OtlpValues.Text(json, "runhub.validation.passed", passed ? "true" : "false");
        OtlpValues.Double(json, "runhub.validation.score", step.ValidationScore);
        OtlpValues.Payload(json, "runhub.validation.reasons", own.Reasons);
    }

    IEnumerable<(string Name, string? Value)> RunAttributes() =>
    [
        ("run_id", run.Id), ("workflow_name", run.WorkflowName), ("workflow_version", run.WorkflowVersion), ("environment", run.Environment), ("type", run.Type), ("name", run.Name),
        ("status", run.Status.ToName()), ("thread_id", run.ThreadId), ("started_by", run.StartedBy), ("agent_id", run.AgentId), ("business_event_id", run.BusinessEventId),
        ("lead_id", run.LeadId), ("batch_id", run.BatchId), ("owner", run.Owner), ("parent_run_id", run.ParentRunId), ("trigger", run.Trigger),
    ];

    void Span(Utf8JsonWriter json, JsonElement? kept, Action write)
    {
        json.WriteStartObject();
        OtlpJson.Resource(json, run, Member(kept, "resource"));
        json.WriteStartArray("scopeSpans");
        json.WriteStartObject();
        Scope(json, Member(kept, "scope"));
        json.WriteStartArray("spans");
        json.WriteStartObject();
        write();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Scope(Utf8JsonWriter json, JsonElement? scope)
    {
        json.WriteStartObject("scope");
        json.WriteString("name", Member(scope, "name")?.GetString() ?? "runhub");
        if (Member(scope, "version")?.GetString() is { } version) json.WriteString("version", version);
        if (Member(scope, "attributes") is { } attributes)
        {
            json.WriteStartArray("attributes");
            OtlpValues.Members(json, attributes);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    void Head(Utf8JsonWriter json, string spanId, string? parent, string name, int kind, string from, string to)
    {
        json.WriteString("traceId", traceId);
        json.WriteString("spanId", spanId);
        if (parent is not null) json.WriteString("parentSpanId", parent);
        json.WriteString("name", name);
        json.WriteNumber("kind", kind);
        json.WriteString("startTimeUnixNano", from);
        json.WriteString("endTimeUnixNano", to);
    }

    static void Links(Utf8JsonWriter json, JsonElement? span)
    {
        if (Member(span, "links") is not { } links) return;
        json.WriteStartArray("links");
        foreach (var link in links.EnumerateArray())
        {
            json.WriteStartObject();
            json.WriteString("traceId", Member(link, "trace_id")?.GetString());
            json.WriteString("spanId", Member(link, "span_id")?.GetString());
            if (Member(link, "trace_state")?.GetString() is { } state) json.WriteString("traceState", state);
            Attributes(json, link);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void End(Utf8JsonWriter json, RunStatus status, string? code, string? message, string? stack, long at, JsonElement? events)
    {
        if (events is { } happened)
        {
            json.WriteStartArray("events");
            foreach (var one in happened.EnumerateArray())
            {
                json.WriteStartObject();
                json.WriteString("timeUnixNano", Member(one, "time_unix_nano")?.GetString());
                json.WriteString("name", Member(one, "name")?.GetString());
                Attributes(json, one);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
        else if (status == RunStatus.Failed && (message is not null || stack is not null))
        {
            json.WriteStartArray("events");
            json.WriteStartObject();
            json.WriteString("timeUnixNano", Nanos(at));
            json.WriteString("name", "exception");
            json.WriteStartArray("attributes");
            OtlpValues.Text(json, "exception.type", code);
            OtlpValues.Text(json, "exception.message", message);
            OtlpValues.Text(json, "exception.stacktrace", stack);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteStartObject("status");
        if (status == RunStatus.Failed)
        {
            if (message is not null) json.WriteString("message", message);
            json.WriteNumber("code", 2);
        }
        else if (status == RunStatus.Completed)
        {
            json.WriteNumber("code", 1);
        }

        json.WriteEndObject();
    }

    static void Attributes(Utf8JsonWriter json, JsonElement of)
    {
        json.WriteStartArray("attributes");
        if (Member(of, "attributes") is { } attributes) OtlpValues.Members(json, attributes);
        json.WriteEndArray();
    }

    /// <summary>3 (client) for calls to the outside, 1 (internal) for the rest.</summary>
    static int Kind(JsonElement? span, StepRow step) => Member(span, "kind") is { } kind && kind.TryGetInt32(out var known) ? known : step.Type == StepType.Model ? 3 : 1;

    // Parameters made of attributes that are still there need not go again.
    static bool HasTaken(JsonElement span) => Member(span, "attributes") is { } attributes && attributes.EnumerateObject().Any(a => a.Name.StartsWith("gen_ai.request.", StringComparison.Ordinal) && a.Name != "gen_ai.request.model");

    static JsonElement? Member(JsonElement? of, string name) => OtlpJson.Member(of, name);

    static string Nanos(long? micros) => micros is { } m ? (m * 1000).ToString(CultureInfo.InvariantCulture) : "0";
}
