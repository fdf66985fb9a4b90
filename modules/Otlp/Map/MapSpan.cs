using System.Text.Json;
using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>A span and the step it became.</summary>
/// <param name="Span">As it came.</param>
/// <param name="Step">As RunHub keeps it.</param>
/// <param name="Role">What it does.</param>
/// <param name="IsRoot">Nothing lies above it.</param>
sealed record MappedSpan(Span Span, StepWrite Step, Role Role, bool IsRoot);

/// <summary>Turns one span into a step. Pure: the same span gives the same step.</summary>
static class MapSpan
{
    static readonly DateTimeOffset Earliest = new(1970, 1, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Null when the span can be taken, else why it never can.</summary>
    public static string? WhatIsWrong(Span span, TenantRules rules, DateTimeOffset now)
    {
        if (!WireIds.IsTrace(span.TraceId)) return "trace_id must be 16 bytes, not all zero";
        if (!WireIds.IsSpan(span.SpanId)) return "span_id must be 8 bytes, not all zero";
        if (span.ParentSpanId.Length > 0 && span.ParentSpanId != "0000000000000000" && !WireIds.IsSpan(span.ParentSpanId)) return "parent_span_id must be absent or 8 bytes";
        if (span.Start == 0) return "start_time_unix_nano is missing";
        if (Time(span.Start) < Earliest || span.End != 0 && Time(span.End) < Earliest) return "a time before 1970-01-02 cannot be right";
        return rules.IsAhead(Time(span.Start), now) || rules.IsAhead(Time(span.End), now) ? TenantRules.TooFarAhead : null;
    }

    public static DateTimeOffset Time(ulong nanos) => new(DateTime.UnixEpoch.Ticks + (long)(nanos / 100), TimeSpan.Zero);

    /// <summary>
    /// Place among the run's steps, whatever the order of arrival: by start; within one tick of a coarse clock the root first,
    /// then what took longest, since that holds the others.
    /// </summary>
    public static long Order(ulong start, ulong end, bool isRoot)
    {
        var bits = (long)Math.Min(1023, Math.Log2(1 + (end > start ? end - start : 0)) * 16);
        return (long)(start / 1000) << 11 | (isRoot ? 0L : 1L) << 10 | (1023 - bits);
    }

    public static MappedSpan Map(Span span, long tenantNo)
    {
        var role = Roles.Of(span);
        var content = new SpanContent(span.Attributes, span.Events);
        var parent = WireIds.IsSpan(span.ParentSpanId) && span.ParentSpanId != span.SpanId ? span.ParentSpanId : null;
        var failed = span.StatusCode == 2;
        var step = new StepWrite
        {
            Id = Ids.OfSpan(tenantNo, span.TraceId, span.SpanId),
            SpanId = span.SpanId,
            ParentStepId = parent is null ? null : Ids.OfSpan(tenantNo, span.TraceId, parent),
            Order = Order(span.Start, span.End, parent is null),
            Name = Texts.Clip(span.Name) ?? Texts.Clip(content.Text(["gen_ai.operation.name", "ai.operationId"])) ?? "span",
            Type = Roles.StepTypeOf(role),
            NodeId = Texts.Clip(content.Text(Names.NodeId)),
            Label = Texts.Clip(content.Text(Names.Label)),
            StartedAt = Time(span.Start),
            // Clocks of two machines: an end before the start is the start.
            CompletedAt = span.End == 0 ? null : Time(Math.Max(span.Start, span.End)),
            Status = failed ? RunStatus.Failed : span.End == 0 ? RunStatus.Running : RunStatus.Completed,
            Model = Roles.IsCall(role) ? Texts.Clip(content.Text(Names.Model)) : null,
            Tool = role is Role.Tool or Role.Retrieval ? Texts.Clip(content.Text(Names.Tool) ?? content.Text(["traceloop.entity.name", "db.system.name", "db.system"])) : null,
            Endpoint = Texts.Clip(Server(content, role) ?? content.Text(Names.Endpoint), 2048),
        };
        Usage(step, content, role);
        if (failed) Error(step, span, content);
        step.Input = Input(span, content, role);
        step.Output = Output(span, content, role);
        step.Parameters = Parameters(content, role);
        step.Attributes = SpanJson.Rest(span, content.Taken);
        return new MappedSpan(span, step, role, parent is null);
    }

    static string? Server(SpanContent content, Role role)
    {
        if (!Roles.IsCall(role) || content.Text(["server.address"]) is not { } address) return null;
        return content.Text(["server.port"]) is { } port ? address + ":" + port : address;
    }

    static void Usage(StepWrite step, SpanContent content, Role role)
    {
        var (tokensIn, tokensOut) = (content.Count(Names.TokensIn), content.Count(Names.TokensOut));
        var total = tokensIn is null || tokensOut is null ? content.Count(Names.TokensTotal) : null;
        var cost = Names.Cost.Select(content.Dollars).FirstOrDefault(c => c is not null);
        if (cost is null && Names.CostParts.Select(content.Dollars).OfType<decimal>().ToList() is { Count: > 0 } parts) cost = parts.Sum();
        if (Roles.IsCall(role)) (step.TokensIn, step.TokensOut, step.Tokens, step.CostUsd) = (tokensIn, tokensOut, total, cost);
        else if (tokensIn is not null || tokensOut is not null || total is not null || cost is not null) step.SubtreeUsage = new SubtreeUsage(tokensIn, tokensOut, total, cost);
    }

    static void Error(StepWrite step, Span span, SpanContent content)
    {
        var exception = span.Events.FindLast(e => e.Name == "exception")?.Attributes ?? AttributeSet.Empty;
        var type = exception["exception.type"] as string;
        var message = exception["exception.message"] as string;
        step.ErrorCode = Texts.Clip(content.Text(Names.ErrorCode) ?? type);
        step.ErrorMessage = NotEmpty(span.StatusMessage) ?? NotEmpty(message) ?? content.Text(["exception.message", "error.message"]) ?? step.ErrorCode;
        step.ErrorStack = NotEmpty(exception["exception.stacktrace"] as string) ?? content.Text(["exception.stacktrace"]);
    }

    static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    static JsonPayload? Input(Span span, SpanContent content, Role role)
    {
        var own = role switch
        {
            Role.Tool => content.Content(Names.ToolInput),
            Role.Retrieval or Role.Reranker => content.Content(Names.RetrievalInput),
            Role.Embedding => content.Content(Names.EmbeddingInput) ?? content.List(Names.EmbeddingInputLists),
            _ => null,
        };
        return own ?? Instructed(content, content.Content(Names.ModelInput) ?? content.List(Names.ModelInputLists) ?? Conversation.Of(span, Conversation.IsInput))
            ?? content.Content(Names.AnyInput);
    }

    /// <summary>System instructions travel apart from the messages; both are what went in.</summary>
    static JsonPayload? Instructed(SpanContent content, JsonPayload? messages)
    {
        if (content.First(["gen_ai.system_instructions"], take: true) is not { } instructions) return messages;
        return SpanJson.Write(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("system_instructions");
            SpanJson.ContentValue(json, instructions);
            if (messages is { } m)
            {
                json.WritePropertyName("messages");
                json.WriteRawValue(m.Utf8.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        });
    }

    static JsonPayload? Output(Span span, SpanContent content, Role role)
    {
        var own = role switch
        {
            Role.Tool => content.Content(Names.ToolOutput),
            Role.Retrieval => content.Content(Names.RetrievalOutput) ?? content.List(Names.RetrievalOutputLists),
            Role.Reranker => content.List(Names.RetrievalOutputLists),
            _ => null,
        };
        return own ?? content.Content(Names.ModelOutput) ?? content.List(Names.ModelOutputLists, content.Text(Names.FinishReason)) ?? Answer(content)
            ?? Conversation.Of(span, Conversation.IsOutput) ?? content.Content(Names.AnyOutput);
    }

    /// <summary>The Vercel AI SDK's answer, which it spreads over attributes.</summary>
    static JsonPayload? Answer(SpanContent content)
    {
        (string Name, object? Value)[] parts =
        [
            ("text", content.First(["ai.response.text", "ai.result.text"], take: true)),
            ("object", content.First(["ai.response.object", "ai.result.object"], take: true)),
            ("tool_calls", content.First(["ai.response.toolCalls", "ai.result.toolCalls"], take: true)),
        ];
        if (parts.All(p => p.Value is null)) return null;
        return SpanJson.Write(json =>
        {
            json.WriteStartObject();
            foreach (var (name, value) in parts)
            {
                if (value is null) continue;
                json.WritePropertyName(name);
                if (name == "text") SpanJson.Value(json, value);
                else SpanJson.ContentValue(json, value);
            }

            if (content.Text(Names.FinishReason) is { } reason) json.WriteString("finish_reason", reason);
            json.WriteEndObject();
        });
    }

    static JsonPayload? Parameters(SpanContent content, Role role)
    {
        var members = new Dictionary<string, Action<Utf8JsonWriter>>(StringComparer.Ordinal);
        if (Roles.IsCall(role) || role is Role.Agent)
        {
            foreach (var (name, value) in content.Below("gen_ai.request.")) if (name != "model") Put(name, value);
            foreach (var (name, value) in content.Below("ai.settings.")) if (!name.StartsWith("context", StringComparison.Ordinal)) Put(name, value);
            Invocation();
            Put("provider", content.First(Names.Provider));
            Put("output_type", content.First(["gen_ai.output.type"]));
            Put("tool_choice", content.First(["ai.prompt.toolChoice"], take: true));
            if (content.First(Names.ToolDefinitions, take: true) is { } tools) members.TryAdd("tools", json => Tools(json, tools));
            else if (content.List(Names.ToolDefinitionLists) is { } list) members.TryAdd("tools", json => json.WriteRawValue(list.Utf8.Span, skipInputValidation: true));
        }
        else if (role == Role.Tool)
        {
            Put("type", content.First(["gen_ai.tool.type"]));
            Put("description", content.First(["gen_ai.tool.description", "tool.description"]));
            Put("call_id", content.First(["gen_ai.tool.call.id", "ai.toolCall.id", "tool.id"]));
        }

        if (members.Count == 0) return null;
        return SpanJson.Write(json =>
        {
            json.WriteStartObject();
            foreach (var (name, write) in members)
            {
                json.WritePropertyName(name);
                write(json);
            }

            json.WriteEndObject();
        });

        void Put(string name, object? value)
        {
            if (value is not null) members.TryAdd(name, json => SpanJson.ContentValue(json, value));
        }

        void Invocation()
        {
            if (content.First(["llm.invocation_parameters"], take: true) is not { } given) return;
            if (given is not string text || SpanJson.Parsed(text) is not { } parsed || parsed.Utf8.Span.TrimStart(" \t\r\n"u8)[0] != '{')
            {
                Put("invocation_parameters", given);
                return;
            }

            using var document = parsed.ToDocument();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                var raw = JsonPayload.From(member.Value);
                members.TryAdd(member.Name, json => json.WriteRawValue(raw.Utf8.Span, skipInputValidation: true));
            }
        }
    }

    /// <summary>Definitions come as one JSON text, as values, or as a list of JSON texts.</summary>
    static void Tools(Utf8JsonWriter json, object? tools)
    {
        if (tools is not List<object?> list)
        {
            SpanJson.ContentValue(json, tools);
            return;
        }

        json.WriteStartArray();
        foreach (var tool in list) SpanJson.ContentValue(json, tool);
        json.WriteEndArray();
    }
}
