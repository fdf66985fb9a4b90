using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.Otlp.Silence;
using RunHub.Store;
using static RunHub.IntegrationTests.Otlp.TraceMaker;

namespace RunHub.IntegrationTests.Otlp;

public sealed class TraceTests
{
    const string Trace = "0af7651916cd43dd8448eb211c80319c";
    static readonly (string, object)[] Chat = [("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m"), ("gen_ai.usage.input_tokens", 70), ("gen_ai.usage.output_tokens", 30)];
    static readonly (string, object)[] Agent = [("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "Planner"), ("gen_ai.usage.input_tokens", 70), ("gen_ai.usage.output_tokens", 30)];

    [Fact]
    public async Task What_is_not_there_is_said_as_a_status()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var client in new[] { await hub.KeyAsync(KeyScopes.Ingest), hub.Anonymous() })
        {
            using var read = await client.GetAsync("/v1/traces");
            Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (read.StatusCode, read.Content.Headers.Allow.Single()));
            Assert.Contains("\"code\":12", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            using var content = new ByteArrayContent([]);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var metrics = await client.PostAsync("/v1/metrics", content);
            Assert.Equal((HttpStatusCode.NotFound, "application/x-protobuf"), (metrics.StatusCode, metrics.Content.Headers.ContentType?.MediaType));
            Assert.NotEmpty(await metrics.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_body_that_is_too_large_names_its_own_setting_and_a_cut_one_is_refused()
    {
        await using var hub = await TestHub.StartAsync(settings: new() { ["otlp:MaxBodyBytes"] = "2000" });
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        using var large = new StringContent(new string(' ', 3000), Encoding.UTF8, "application/json");
        using var refused = await client.PostAsync("/v1/traces", large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Contains("otlp:MaxBodyBytes", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync(await Request(Span(Trace, 1, 0, "agent", 0, 60)).ReadAsByteArrayAsync());
        using var cut = new ByteArrayContent(packed.ToArray()[..^3]);
        cut.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        cut.Headers.ContentEncoding.Add("gzip");
        using var broken = await client.PostAsync("/v1/traces", cut);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("\"code\":3", await broken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await Api.WriteTests.RunsAsync(hub));
    }

    [Theory, Engines]
    public async Task A_run_is_running_until_its_root_comes(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        await client.SendAsync(Span(Trace, 2, 1, "chat m", 10, 50, attributes: Chat));
        var before = (await hub.RunOfAsync(Trace)).Run;
        Assert.Equal((RunStatus.Running, null, 100L), (before.Status, before.CompletedAt, before.Tokens));

        await client.SendAsync(Span(Trace, 1, 0, "invoke_agent Planner", 0, 60, attributes: Agent));
        var after = await hub.RunOfAsync(Trace);
        Assert.Equal((RunStatus.Completed, 100L, 60L, "Planner"), (after.Run.Status, after.Run.Tokens, after.Run.DurationMs, after.Run.AgentId));
        Assert.Equal(["invoke_agent Planner", "chat m"], after.Steps.Select(s => s.Step.Name));
        Assert.Equal(after.Steps[0].Step.Id, after.Steps[1].Step.ParentStepId);
        Assert.Null(after.Steps[0].Step.Tokens);
    }

    [Theory, Engines]
    public async Task An_agents_own_figures_count_while_nothing_beneath_it_has_any(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        await client.SendAsync(Span(Trace, 1, 0, "invoke_agent Planner", 0, 60, attributes: Agent));
        Assert.Equal(100, (await hub.RunOfAsync(Trace)).Run.Tokens);
        // The call lies two levels down, and what links it to the agent comes last.
        await client.SendAsync(Span(Trace, 3, 2, "chat m", 10, 50, attributes: Chat));
        Assert.Equal(200, (await hub.RunOfAsync(Trace)).Run.Tokens);
        await client.SendAsync(Span(Trace, 2, 1, "step", 5, 55));
        var run = await hub.RunOfAsync(Trace);
        Assert.Equal(100, run.Run.Tokens);
        Assert.Equal([null, null, 100L], run.Steps.Select(s => s.Step.Tokens));
    }

    [Theory, Engines]
    public async Task A_failed_root_blames_the_step_where_it_began(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        await client.SendAsync(
            Span(Trace, 3, 2, "execute_tool weather", 20, 40, error: "HTTP 503", attributes: [("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "weather"), ("error.type", "Unavailable")]),
            Span(Trace, 4, 1, "execute_tool handled", 20, 30, error: "not so bad", attributes: [("gen_ai.operation.name", "execute_tool")]));
        await client.SendAsync(Span(Trace, 2, 1, "step", 10, 50, error: "tool failed"), Span(Trace, 1, 0, "agent", 0, 60, error: "gave up"));
        var run = await hub.RunOfAsync(Trace);
        Assert.Equal((RunStatus.Failed, "HTTP 503", "Unavailable", "transient"), (run.Run.Status, run.Run.ErrorMessage, run.Run.ErrorCode, run.Run.ErrorClass));
        Assert.Equal(run.Steps.Single(s => s.Step.Name == "execute_tool weather").Step.Id, run.Run.ErrorStepId);
    }

    [Theory, Engines]
    public async Task Silence_ends_a_run_by_what_is_held_and_a_late_span_revises_it(string engine)
    {
        var clock = new Clock();
        await using var hub = await TestHub.StartAsync(engine, configure: b => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<TimeProvider>(b.Services, clock));
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        await client.SendAsync(Span(Trace, 2, 1, "chat m", 10, 50, attributes: Chat));
        var end = hub.Get<EndSilentRuns>();
        Assert.Equal(0, await end.HandleAsync(default));
        clock.Ahead = TimeSpan.FromMinutes(11);
        Assert.Equal(1, await end.HandleAsync(default));
        Assert.Equal(0, await end.HandleAsync(default));
        var ended = (await hub.RunOfAsync(Trace)).Run;
        Assert.Equal((RunStatus.Completed, 40L), (ended.Status, ended.DurationMs));

        await client.SendAsync(Span(Trace, 3, 1, "io", 20, 70, error: "late trouble"));
        Assert.Equal((RunStatus.Failed, "late trouble"), ((await hub.RunOfAsync(Trace)).Run.Status, (await hub.RunOfAsync(Trace)).Run.ErrorMessage));
        await client.SendAsync(Span(Trace, 1, 0, "root", 0, 80));
        var revised = (await hub.RunOfAsync(Trace)).Run;
        Assert.Equal((RunStatus.Completed, null, 80L), (revised.Status, revised.ErrorMessage, revised.DurationMs));
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(4, await sql.Prepare("SELECT count(*) FROM events WHERE run_no > 0").ScalarAsync<long>(default));
    }

    [Theory, Engines]
    public async Task The_job_ends_what_was_silent_while_the_hub_was_down(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using (var before = await TestHub.StartAsync(engine, database: database))
        {
            using var client = await before.KeyAsync(KeyScopes.Ingest);
            await client.SendAsync(Span(Trace, 2, 1, "chat m", 10, 50, attributes: Chat));
        }

        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Jobs:Enabled"] = "true", ["Jobs:StartDelaySeconds"] = "0" };
        var clock = new Clock { Ahead = TimeSpan.FromMinutes(11) };
        await using var hub = await TestHub.StartAsync(engine, settings, b => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<TimeProvider>(b.Services, clock), database);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await hub.RunOfAsync(Trace)).Run.Status != RunStatus.Completed) await Task.Delay(50, limit.Token);
    }

    [Theory, Engines]
    public async Task A_trace_joins_the_run_that_carries_its_id_and_what_was_reported_stays(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        await ReportAsync(hub, new RunWrite
        {
            Id = "mine", WorkflowName = "reported", Status = RunStatus.Running, TraceId = Trace, Environment = "dev", StartedAt = TimeProvider.System.GetUtcNow().AddMinutes(-90),
            Steps = [new StepWrite { Id = "tool-1", Name = "start only", SpanId = 3.ToString("x16"), Input = JsonPayload.Parse("[1]") }],
        });
        await client.SendAsync(
            Span(Trace, 1, 0, "root", 0, 60, error: "spans say no", attributes: [("gen_ai.conversation.id", "conv")]),
            Span(Trace, 3, 1, "execute_tool t", 10, 50, attributes: [("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "t")]),
            Span(Trace, 4, 3, "beneath", 20, 30));
        var run = await hub.RunOfAsync(Trace);
        Assert.Equal(("mine", "reported", "dev", RunStatus.Running, "conv"), (run.Run.Id, run.Run.WorkflowName, run.Run.Environment, run.Run.Status, run.Run.ThreadId));
        Assert.Equal(3, run.Steps.Count);
        var tool = run.Steps.Single(s => s.Step.Id == "tool-1").Step;
        Assert.Equal((RunStatus.Completed, "t", "[1]"), (tool.Status, tool.Tool, tool.Input.ToString()));
        Assert.Equal("tool-1", run.Steps.Single(s => s.Step.Name == "beneath").Step.ParentStepId);

        await ReportAsync(hub, new RunWrite { Id = "mine", Status = RunStatus.Completed });
        Assert.Equal(RunStatus.Completed, (await hub.RunOfAsync(Trace)).Run.Status);
    }

    [Theory, Engines]
    public async Task A_report_that_names_the_trace_takes_over_the_run_the_trace_made(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        await client.SendAsync(Span(Trace, 1, 0, "root", 0, 60, error: "no"));
        await ReportAsync(hub, new RunWrite { Id = "mine", WorkflowName = "reported", TraceId = Trace, Status = RunStatus.Completed, LeadId = "L1" });
        await client.SendAsync(Span(Trace, 2, 1, "child", 10, 50));
        var run = await hub.RunOfAsync(Trace);
        Assert.Equal(("mine", "reported", RunStatus.Completed, null, 2), (run.Run.Id, run.Run.WorkflowName, run.Run.Status, run.Run.ErrorMessage, run.Steps.Count));
    }

    [Fact]
    public async Task Answers_follow_the_rules_of_otlp()
    {
        await using var hub = await TestHub.StartAsync(settings: new(StringComparer.Ordinal) { ["otlp:MaxBodyBytes"] = "5000" });
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync(client, "{}"));
        Assert.Equal((HttpStatusCode.OK, ""), await PostAsync(client, "", "application/x-protobuf"));
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, "{")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, "\u0001\u0002", "application/x-protobuf")).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(client, "x", "text/plain")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(client, new string(' ', 6000))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(client, new string(' ', 60_000), gzip: true)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, "no gzip", encoding: "gzip")).Status);
        var (status, body) = await PostAsync(client, """{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00","spanId":"11","startTimeUnixNano":"5"}]}]}]}""", gzip: true);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"rejectedSpans\":\"1\"", body, StringComparison.Ordinal);
        using var reader = await hub.KeyAsync(KeyScopes.Read);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(reader, "{}")).Status);
        var (denied, why) = await PostAsync(hub.Anonymous(), "{}");
        Assert.Equal(HttpStatusCode.Unauthorized, denied);
        Assert.StartsWith("{\"code\":16,\"message\":", why, StringComparison.Ordinal);
    }

    static async Task<(HttpStatusCode Status, string Body)> PostAsync(HttpClient client, string body, string type = "application/json", bool gzip = false, string? encoding = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        if (gzip)
        {
            using var stream = new MemoryStream();
            await using (var zip = new GZipStream(stream, CompressionLevel.Fastest)) await zip.WriteAsync(bytes);
            bytes = stream.ToArray();
        }

        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (gzip || encoding is not null) content.Headers.ContentEncoding.Add("gzip");
        using var response = await client.PostAsync("/v1/traces", content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    static async Task ReportAsync(TestHub hub, RunWrite run)
    {
        var caller = new Caller(CallerKind.Key, 1, "reporter", await hub.TenantAsync(), Role.None, KeyScopes.Ingest, IsInstallationAdmin: false);
        var result = await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = [run] }, atomic: true, default);
        Assert.Empty(result.Rejected);
    }

    sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
