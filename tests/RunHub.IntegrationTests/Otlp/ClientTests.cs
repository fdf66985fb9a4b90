using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RunHub.Access;
using RunHub.Plugins;

namespace RunHub.IntegrationTests.Otlp;

/// <summary>Real SDKs report to a running hub.</summary>
public sealed class ClientTests
{
    [Theory, Engines]
    public async Task The_JavaScript_sdk_reports_an_agent_run_with_tools_and_a_failing_step(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var key = await hub.KeyTextAsync(KeyScopes.Ingest);
        foreach (var (protocol, gzip) in new[] { ("http/protobuf", true), ("http/json", true), ("http/protobuf", false), ("http/json", false) })
        {
            var trace = await NodeClients.RunAsync(hub, key, "agent.mjs", protocol, gzip);
            var run = await hub.RunOfAsync(trace);
            AssertAgentRun(run, "travel-desk", "no seats left", "TypeError");
            Assert.Equal(("stage", "2.1.0", 190L), (run.Run.Environment, run.Run.WorkflowVersion, run.Run.Tokens));
            // The model call's messages came as log records.
            var chat = Step(run, "chat gpt-4o");
            Assert.Equal("""[{"role":"user","content":"¿Qué tiempo hace en Lima?"}]""", chat.Input.ToString());
            Assert.Contains("Miro.", chat.Output.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("6")]
    [InlineData("7")]
    public async Task The_Vercel_ai_sdk_reports_a_run_with_a_tool_call(string version)
    {
        await using var hub = await TestHub.StartAsync();
        var trace = await NodeClients.RunAsync(hub, await hub.KeyTextAsync(KeyScopes.Ingest), "vercel.mjs", "http/protobuf", gzip: true, version);
        var run = await hub.RunOfAsync(trace);
        Assert.Equal((RunStatus.Completed, "vercel-app", "weather-agent", 95L), (run.Run.Status, run.Run.WorkflowName, run.Run.AgentId, run.Run.Tokens));
        Assert.Contains("Weather in Lima?", run.Run.InputsSummary.ToString(), StringComparison.Ordinal);
        Assert.Contains("Sunny in Lima.", run.Run.OutputsSummary.ToString(), StringComparison.Ordinal);
        if (version == "6") Assert.Equal(("chat-9", "ada"), (run.Run.ThreadId, run.Run.StartedBy));
        var models = run.Steps.Where(s => s.Step.Type == StepType.Model).Select(s => s.Step).ToList();
        Assert.Equal([("mock-1", 30L, 9L), ("mock-1", 50L, 6L)], models.Select(m => (m.Model, m.TokensIn!.Value, m.TokensOut!.Value)));
        Assert.Contains("weather", models[0].Output.ToString(), StringComparison.Ordinal);
        var tool = Assert.Single(run.Steps, s => s.Step.Type == StepType.Tool).Step;
        Assert.Equal(("weather", """{"city":"Lima"}""", """{"city":"Lima","sky":"clear"}"""), (tool.Tool, tool.Input.ToString(), tool.Output.ToString()));
        Assert.Single(run.Steps, s => s.Step.ParentStepId is null);
    }

    [Theory, Engines]
    public async Task The_dotnet_sdk_reports_an_agent_run_with_tools_a_failing_step_and_logs(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var key = await hub.KeyTextAsync(KeyScopes.Ingest);
        var resource = ResourceBuilder.CreateEmpty().AddService("booking", serviceVersion: "3").AddAttributes([new("deployment.environment.name", "dev")]);
        using var source = new ActivitySource("agents");
        string trace;
        using (var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("agents").AddOtlpExporter(o => Exporter(o, "/v1/traces")).Build())
        using (var logging = LoggerFactory.Create(b => b.AddOpenTelemetry(o =>
        {
            o.SetResourceBuilder(resource);
            o.AddOtlpExporter(e => Exporter(e, "/v1/logs"));
        })))
        {
            trace = Travel(source, logging.CreateLogger("agent"));
        }

        var run = await hub.RunOfAsync(trace);
        AssertAgentRun(run, "booking", "no seats left", "System.InvalidOperationException");
        Assert.Contains("at RunHub.IntegrationTests", Step(run, "execute_tool booking").ErrorStack, StringComparison.Ordinal);
        Assert.Equal(190, run.Run.Tokens);

        void Exporter(OtlpExporterOptions options, string path)
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.Endpoint = new Uri(hub.Address, path);
            options.Headers = "authorization=Bearer " + key;
        }
    }

    static string Travel(ActivitySource source, ILogger log)
    {
        using var agent = source.StartActivity("invoke_agent Travel")!;
        agent.SetTag("gen_ai.operation.name", "invoke_agent").SetTag("gen_ai.agent.name", "Travel").SetTag("gen_ai.conversation.id", "conv-7").SetTag("user.id", "ada")
            .SetTag("gen_ai.input.messages", """[{"role":"user","parts":[{"type":"text","content":"¿Qué tiempo hace en Lima?"}]}]""");
        using (var chat = source.StartActivity("chat gpt-4o", ActivityKind.Client)!)
        {
            chat.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.request.model", "gpt-4o").SetTag("gen_ai.request.temperature", 0.5).SetTag("gen_ai.usage.input_tokens", 150).SetTag("gen_ai.usage.output_tokens", 40);
            log.LogInformation("Asked the model");
        }

        using (var tool = source.StartActivity("execute_tool weather")!)
            tool.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", "weather").SetTag("gen_ai.tool.call.arguments", """{"city":"Lima"}""").SetTag("gen_ai.tool.call.result", """{"sky":"clear"}""");
        using (var booking = source.StartActivity("execute_tool booking")!)
        {
            booking.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", "booking");
            try
            {
                throw new InvalidOperationException("no seats left");
            }
            catch (InvalidOperationException e)
            {
                booking.AddException(e);
                booking.SetStatus(ActivityStatusCode.Error, e.Message);
                log.LogError(e, "Booking failed");
            }
        }

        agent.SetStatus(ActivityStatusCode.Error, "could not book");
        return agent.TraceId.ToHexString();
    }

    static void AssertAgentRun(StoredRun run, string workflow, string message, string code)
    {
        Assert.Equal((RunStatus.Failed, workflow, "Travel", "conv-7", "ada"), (run.Run.Status, run.Run.WorkflowName, run.Run.AgentId, run.Run.ThreadId, run.Run.StartedBy));
        Assert.Equal((message, code), (run.Run.ErrorMessage, run.Run.ErrorCode));
        Assert.Equal(["invoke_agent Travel", "chat gpt-4o", "execute_tool weather", "execute_tool booking"], run.Steps.Select(s => s.Step.Name));
        Assert.Equal([StepType.Decision, StepType.Model, StepType.Tool, StepType.Tool], run.Steps.Select(s => s.Step.Type!.Value));
        Assert.All(run.Steps.Skip(1), s => Assert.Equal(run.Steps[0].Step.Id, s.Step.ParentStepId));
        var chat = Step(run, "chat gpt-4o");
        Assert.Equal(("gpt-4o", 150L, 40L), (chat.Model, chat.TokensIn, chat.TokensOut));
        Assert.Contains("\"temperature\":0.5", chat.Parameters.ToString(), StringComparison.Ordinal);
        var weather = Step(run, "execute_tool weather");
        Assert.Equal(("weather", """{"city":"Lima"}""", """{"sky":"clear"}"""), (weather.Tool, weather.Input.ToString(), weather.Output.ToString()));
        var booking = Step(run, "execute_tool booking");
        Assert.Equal((RunStatus.Failed, message, code), (booking.Status, booking.ErrorMessage, booking.ErrorCode));
        Assert.Equal(booking.Id, run.Run.ErrorStepId);
        Assert.Contains("Qué tiempo", Encoding.UTF8.GetString(run.Run.InputsSummary!.Value.Utf8.Span), StringComparison.Ordinal);
    }

    static StepWrite Step(StoredRun run, string name) => run.Steps.Single(s => s.Step.Name == name).Step;
}
