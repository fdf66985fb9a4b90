using RunHub.Otlp.Wire;
using static RunHub.UnitTests.Otlp.Spans;

namespace RunHub.UnitTests.Otlp;

public sealed class DialectTests
{
    [Fact]
    public void A_GenAI_chat_span_is_a_model_step()
    {
        var step = Step(Of("chat gpt-4o", 2, 1,
            ("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "openai"), ("gen_ai.request.model", "gpt-4o"), ("gen_ai.response.model", "gpt-4o-2024-08-06"),
            ("gen_ai.request.temperature", 0.2), ("gen_ai.request.max_tokens", 300), ("server.address", "api.openai.com"), ("server.port", 443),
            ("gen_ai.usage.input_tokens", 120), ("gen_ai.usage.output_tokens", 45), ("gen_ai.response.finish_reasons", new[] { "stop" }),
            ("gen_ai.system_instructions", """[{"type":"text","content":"Be brief."}]"""),
            ("gen_ai.input.messages", """[{"role":"user","parts":[{"type":"text","content":"Weather in Lima?"}]}]"""),
            ("gen_ai.output.messages", """[{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Lima"}}],"finish_reason":"tool_call"}]""")));

        Assert.Equal((StepType.Model, "gpt-4o", "api.openai.com:443"), (step.Type, step.Model, step.Endpoint));
        Assert.Equal((120L, 45L, null, null), (step.TokensIn, step.TokensOut, step.Tokens, step.SubtreeUsage));
        Assert.Equal("Be brief.", At(step.Input, "system_instructions.0.content"));
        Assert.Equal("Weather in Lima?", At(step.Input, "messages.0.parts.0.content"));
        Assert.Equal("Lima", At(step.Output, "0.parts.0.arguments.city"));
        Assert.Equal("0.2", At(step.Parameters, "temperature"));
        Assert.Equal("openai", At(step.Parameters, "provider"));
        Assert.Null(At(step.Attributes, "attributes.gen_ai\u002einput.messages"));
        Assert.Contains("finish_reasons", step.Attributes.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Weather in Lima", step.Attributes.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Content_may_come_structured_instead_of_as_text()
    {
        var message = Set(("role", "user"), ("parts", new List<object?> { Set(("type", "text"), ("content", "Hola")) }));
        var step = Step(Of("chat m", 2, 1, ("gen_ai.operation.name", "chat"), ("gen_ai.input.messages", new List<object?> { message })));
        Assert.Equal("Hola", At(step.Input, "0.parts.0.content"));
    }

    [Fact]
    public void Old_GenAI_names_and_message_events_are_understood()
    {
        var span = Of("chat", 2, 1, ("gen_ai.system", "OpenAI"), ("gen_ai.request.model", "gpt-4"), ("gen_ai.usage.prompt_tokens", 10), ("gen_ai.usage.completion_tokens", 5));
        span.Events.Add(new SpanEvent { Name = "gen_ai.user.message", Attributes = Set(("gen_ai.system", "openai"), ("content", "Hi")) });
        span.Events.Add(new SpanEvent { Name = "gen_ai.choice", Attributes = Set(("index", 0), ("finish_reason", "stop"), ("message", """{"content":"Hello"}""")) });
        var step = Step(span);

        Assert.Equal((StepType.Model, "gpt-4", 10L, 5L), (step.Type, step.Model, step.TokensIn, step.TokensOut));
        Assert.Equal("user", At(step.Input, "0.role"));
        Assert.Equal("Hi", At(step.Input, "0.content"));
        Assert.Equal("Hello", At(step.Output, "0.message.content"));
        Assert.Equal("stop", At(step.Output, "0.finish_reason"));
    }

    [Fact]
    public void A_GenAI_tool_span_is_a_tool_step_with_arguments_and_result()
    {
        var step = Step(Of("execute_tool weather", 3, 1, ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "weather"), ("gen_ai.tool.type", "function"),
            ("gen_ai.tool.call.id", "c1"), ("gen_ai.tool.call.arguments", """{"city":"Lima"}"""), ("gen_ai.tool.call.result", "sunny")));
        Assert.Equal((StepType.Tool, "weather"), (step.Type, step.Tool));
        Assert.Equal("Lima", At(step.Input, "city"));
        Assert.Equal("\"sunny\"", step.Output.ToString());
        Assert.Equal("c1", At(step.Parameters, "call_id"));
    }

    [Fact]
    public void An_agent_states_the_usage_of_everything_beneath_it()
    {
        var step = Step(Of("invoke_agent Planner", 1, 0, ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "Planner"), ("gen_ai.request.model", "gpt-4o"), ("gen_ai.usage.input_tokens", 200), ("gen_ai.usage.output_tokens", 60)));
        Assert.Equal(StepType.Decision, step.Type);
        Assert.Null(step.TokensIn);
        Assert.Null(step.Model);
        Assert.Equal(new SubtreeUsage(200, 60, null, null), step.SubtreeUsage);
    }

    [Fact]
    public void OpenInference_lists_are_put_together()
    {
        var step = Step(Of("ChatCompletion", 2, 1, ("openinference.span.kind", "LLM"), ("llm.model_name", "claude-3"), ("llm.provider", "anthropic"),
            ("llm.invocation_parameters", """{"temperature": 0.5, "max_tokens": 10}"""),
            ("llm.input_messages.0.message.role", "system"), ("llm.input_messages.0.message.content", "You translate."),
            ("llm.input_messages.1.message.role", "user"),
            ("llm.input_messages.1.message.contents.0.message_content.type", "text"), ("llm.input_messages.1.message.contents.0.message_content.text", "Guten Tag"),
            ("llm.output_messages.0.message.role", "assistant"), ("llm.output_messages.0.message.content", "Good day"),
            ("llm.output_messages.0.message.tool_calls.0.tool_call.function.name", "save"), ("llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", """{"x":1}"""),
            ("llm.finish_reason", "end_turn"), ("input.value", "whole request"), ("output.value", "whole answer"),
            ("llm.token_count.prompt", 12), ("llm.token_count.completion", 4), ("llm.token_count.total", 16), ("llm.cost.total", 0.0012)));

        Assert.Equal((StepType.Model, "claude-3", 12L, 4L, 0.0012m), (step.Type, step.Model, step.TokensIn, step.TokensOut, step.CostUsd));
        Assert.Equal("You translate.", At(step.Input, "0.content"));
        Assert.Equal("Guten Tag", At(step.Input, "1.contents.0.text"));
        Assert.Equal("1", At(step.Output, "0.tool_calls.0.function.arguments.x"));
        Assert.Equal("end_turn", At(step.Output, "0.finish_reason"));
        Assert.Equal("0.5", At(step.Parameters, "temperature"));
        Assert.Contains("whole request", step.Attributes.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LLM")]
    [InlineData("AGENT")]
    public void Figures_nobody_can_mean_are_not_taken_and_do_not_cost_the_span(string kind)
    {
        var step = Step(Of("call", 2, 1, ("openinference.span.kind", kind), ("llm.token_count.prompt", long.MaxValue), ("llm.token_count.completion", 9e15), ("llm.token_count.total", "9223372036854775807"),
            ("llm.cost.prompt", 8e9), ("llm.cost.completion", 8_000_000_000L)));
        Assert.Equal((null, null, null, null, null), (step.TokensIn, step.TokensOut, step.Tokens, step.CostUsd, step.SubtreeUsage));
    }

    [Fact]
    public void OpenInference_lists_longer_than_ten_keep_their_order()
    {
        var attributes = Enumerable.Range(0, 12).Select(i => ($"retrieval.documents.{i}.document.content", (object?)$"d{i}"));
        var step = Step(Of("retrieve", 2, 1, [("openinference.span.kind", "RETRIEVER"), ("input.value", "query"), .. attributes]));
        Assert.Equal("d11", At(step.Output, "11.content"));
        Assert.Equal("\"query\"", step.Input.ToString());
        Assert.Equal(StepType.Tool, step.Type);
    }

    [Theory]
    [InlineData("TOOL", StepType.Tool)]
    [InlineData("EMBEDDING", StepType.Model)]
    [InlineData("AGENT", StepType.Decision)]
    [InlineData("CHAIN", StepType.Io)]
    [InlineData("GUARDRAIL", StepType.Decision)]
    [InlineData("RERANKER", StepType.Model)]
    public void OpenInference_kinds_are_step_types(string kind, StepType type) => Assert.Equal(type, Step(Of("s", 1, 0, ("openinference.span.kind", kind))).Type);

    [Fact]
    public void The_Vercel_sdk_of_old_is_understood()
    {
        var outer = Of("ai.generateText", 1, 0, ("ai.operationId", "ai.generateText"), ("ai.telemetry.functionId", "weather-agent"), ("ai.telemetry.metadata.userId", "u7"),
            ("ai.telemetry.metadata.sessionId", "s9"), ("ai.prompt", """{"prompt":"Weather?"}"""), ("ai.usage.promptTokens", 30), ("ai.usage.completionTokens", 9), ("ai.response.text", "Sunny."));
        var call = Of("ai.generateText.doGenerate", 2, 1, ("ai.operationId", "ai.generateText.doGenerate"), ("ai.model.id", "mock"), ("ai.model.provider", "mock-provider"), ("gen_ai.request.model", "mock"),
            ("ai.settings.maxRetries", 2), ("ai.prompt.messages", """[{"role":"user","content":[{"type":"text","text":"Weather?"}]}]"""), ("ai.prompt.tools", new[] { """{"type":"function","name":"weather"}""" }),
            ("ai.response.toolCalls", """[{"toolName":"weather","input":"{}"}]"""), ("ai.response.finishReason", "tool-calls"), ("gen_ai.usage.input_tokens", 30), ("ai.usage.promptTokens", 30), ("gen_ai.usage.output_tokens", 9));
        var tool = Of("ai.toolCall", 3, 2, ("ai.operationId", "ai.toolCall"), ("ai.toolCall.name", "weather"), ("ai.toolCall.id", "c1"), ("ai.toolCall.args", """{"city":"Lima"}"""), ("ai.toolCall.result", """{"sky":"clear"}"""));
        var run = Run(outer, call, tool);

        Assert.Equal(("weather-agent", "s9", "u7", "u7"), (run.AgentId, run.ThreadId, run.StartedBy, run.Actor));
        Assert.Equal("Weather?", At(run.InputsSummary, "prompt"));
        Assert.Equal("Sunny.", At(run.OutputsSummary, "text"));
        var steps = run.Steps!;
        Assert.Equal([StepType.Decision, StepType.Model, StepType.Tool], steps.Select(s => s.Type!.Value));
        Assert.Equal((30L, 9L), (steps[1].TokensIn, steps[1].TokensOut));
        Assert.Equal(new SubtreeUsage(30, 9, null, null), steps[0].SubtreeUsage);
        Assert.Equal("tool-calls", At(steps[1].Output, "finish_reason"));
        Assert.Equal("weather", At(steps[1].Output, "tool_calls.0.toolName"));
        Assert.Equal("weather", At(steps[1].Parameters, "tools.0.name"));
        Assert.Equal("2", At(steps[1].Parameters, "maxRetries"));
        Assert.Equal(("weather", "Lima", "clear"), (steps[2].Tool, At(steps[2].Input, "city"), At(steps[2].Output, "sky")));
        Assert.Equal(steps[1].Id, steps[2].ParentStepId);
    }

    [Fact]
    public void Traceloop_old_and_new_is_understood()
    {
        var root = Of("joke.workflow", 1, 0, ("traceloop.span.kind", "workflow"), ("traceloop.workflow.name", "joke"), ("traceloop.entity.input", """{"args":["pirates"]}"""), ("traceloop.entity.output", "Arr"));
        var call = Of("openai.chat", 2, 1, ("llm.request.type", "chat"), ("traceloop.workflow.name", "joke"), ("traceloop.association.properties.session_id", "chat-1"), ("gen_ai.system", "OpenAI"), ("gen_ai.request.model", "gpt-3.5"),
            ("gen_ai.prompt.0.role", "user"), ("gen_ai.prompt.0.content", "A joke"), ("gen_ai.completion.0.role", "assistant"), ("gen_ai.completion.0.finish_reason", "stop"),
            ("gen_ai.completion.0.tool_calls.0.name", "laugh"), ("gen_ai.completion.0.tool_calls.0.arguments", """{"loud":true}"""), ("llm.usage.total_tokens", 21),
            ("llm.request.functions.0.name", "laugh"));
        var run = Run(root, call);

        Assert.Equal(("joke", "chat-1"), (run.WorkflowName, run.ThreadId));
        Assert.Equal("pirates", At(run.InputsSummary, "args.0"));
        Assert.Equal("\"Arr\"", run.OutputsSummary.ToString());
        var step = run.Steps![1];
        Assert.Equal((StepType.Model, 21L), (step.Type, step.Tokens));
        Assert.Equal("A joke", At(step.Input, "0.content"));
        Assert.Equal("true", At(step.Output, "0.tool_calls.0.arguments.loud"));
        Assert.Equal("laugh", At(step.Parameters, "tools.0.name"));
    }

    [Fact]
    public void A_span_without_GenAI_work_is_an_io_step()
    {
        var step = Step(Of("GET /users", 2, 1, ("http.request.method", "GET"), ("url.full", "https://example.com/users"), ("http.response.status_code", 200)));
        Assert.Equal((StepType.Io, "https://example.com/users"), (step.Type, step.Endpoint));
        Assert.Contains("http.response.status_code", step.Attributes.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_takes_its_words_from_status_and_exception()
    {
        var span = Of("execute_tool x", 2, 1, ("gen_ai.operation.name", "execute_tool"), ("error.type", "timeout"));
        span.StatusCode = 2;
        span.Events.Add(new SpanEvent { Name = "exception", Attributes = Set(("exception.type", "TimeoutError"), ("exception.message", "No answer"), ("exception.stacktrace", "at call()")) });
        var step = Step(span);
        Assert.Equal((RunStatus.Failed, "timeout", "No answer", "at call()"), (step.Status, step.ErrorCode, step.ErrorMessage, step.ErrorStack));
        span.StatusMessage = "Gave up";
        Assert.Equal("Gave up", Step(span).ErrorMessage);
    }

    [Fact]
    public void A_handled_exception_is_no_failure()
    {
        var span = Of("s", 2, 1);
        span.Events.Add(new SpanEvent { Name = "exception", Attributes = Set(("exception.message", "caught")) });
        Assert.Equal((RunStatus.Completed, null), (Step(span).Status, Step(span).ErrorMessage));
    }
}
