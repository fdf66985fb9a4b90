using System.Diagnostics;
using System.Text.Json;
using RunHub.Client;

namespace RunHub.UnitTests.Reporting;

public sealed class ReportingTests
{
    readonly HubStub hub = new();

    [Fact]
    public async Task Changes_of_one_run_within_a_batch_are_one()
    {
        await using (var client = Client())
        {
            await using var run = client.StartRun("flow", new RunStart { Id = "r1", Tags = ["a"], Input = new { N = 1 } });
            run.AddTags("b", "a");
            await using (var outer = run.StartStep("outer"))
            await using (var inner = outer.StartStep("inner", new StepStart { Kind = StepKind.Model, Model = "m" })) inner.SetTokens(3, 4);
            run.SetOutput("done");
            run.SetCost(0.000_000_001m);
        }

        var json = Assert.Single(hub.Taken);
        Assert.Equal("completed", json.GetProperty("status").GetString());
        Assert.Equal(["a", "b"], json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!));
        Assert.Equal(1, json.GetProperty("inputs_summary").GetProperty("n").GetInt32());
        Assert.Equal("0.000000001", json.GetProperty("cost_usd").GetRawText());
        var steps = json.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(["outer", "inner"], steps.Select(s => s.GetProperty("name").GetString()!));
        Assert.Equal(steps[0].GetProperty("id").GetString(), steps[1].GetProperty("parent_step_id").GetString());
        Assert.Equal("m", steps[1].GetProperty("details").GetProperty("model").GetString());
        Assert.Equal((3, 4), (steps[1].GetProperty("tokens_in").GetInt32(), steps[1].GetProperty("tokens_out").GetInt32()));
    }

    [Fact]
    public async Task What_names_a_run_goes_with_every_change()
    {
        await using var client = Client();
        await using var run = client.StartRun("flow", new RunStart { BusinessEventId = "e1" });
        await client.FlushAsync();
        run.SetProgress(50);
        await client.FlushAsync();
        Assert.Equal(2, hub.Taken.Count);
        foreach (var json in hub.Taken)
        {
            Assert.Equal(("flow", "e1"), (json.GetProperty("workflow_name").GetString(), json.GetProperty("business_event_id").GetString()));
            Assert.True(json.TryGetProperty("started_at", out _));
        }

        Assert.False(hub.Taken[1].TryGetProperty("status", out _)); // said before, and not changed
    }

    [Fact]
    public async Task Exceptions_fail_the_step_and_the_run_they_fly_through()
    {
        await using (var client = Client())
        {
            await Assert.ThrowsAsync<TimeoutException>(() => client.RunAsync("flow", run => run.RunAsync("call", _ => Task.FromException(new TimeoutException("slow")))));
            await Assert.ThrowsAsync<OperationCanceledException>(() => client.RunAsync("stopped", _ => Task.FromException(new OperationCanceledException())));
        }

        var failed = hub.Taken.Single(r => r.GetProperty("workflow_name").GetString() == "flow");
        foreach (var json in new[] { failed, failed.GetProperty("steps")[0] })
        {
            Assert.Equal("failed", json.GetProperty("status").GetString());
            Assert.Equal(("slow", "System.TimeoutException"), (json.GetProperty("diagnostics").GetProperty("error_message").GetString(), json.GetProperty("diagnostics").GetProperty("error_code").GetString()));
            Assert.Contains("TimeoutException", json.GetProperty("error_stack").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal("canceled", hub.Taken.Single(r => r.GetProperty("workflow_name").GetString() == "stopped").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Lines_of_the_log_go_with_their_run_once()
    {
        await using var client = Client();
        await using var run = client.StartRun("flow");
        run.Log(LogKind.Info, "begun");
        await using (var step = run.StartStep("read", new StepStart { Id = "s1" })) step.Log(LogKind.Warn, "odd", new { Page = 1 });
        await client.FlushAsync();
        run.Log(LogKind.Fatal, "over", 7);
        await client.FlushAsync();
        var lines = hub.Taken[0].GetProperty("logs").EnumerateArray().ToList();
        Assert.Equal(["info begun", "warn odd"], lines.Select(l => $"{l.GetProperty("level").GetString()} {l.GetProperty("msg").GetString()}"));
        Assert.Equal(("s1", 1), (lines[1].GetProperty("step_id").GetString(), lines[1].GetProperty("attributes").GetProperty("page").GetInt32()));
        var last = Assert.Single(hub.Taken[1].GetProperty("logs").EnumerateArray());
        Assert.Equal(7, last.GetProperty("attributes").GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task The_first_end_counts()
    {
        await using (var client = Client())
        {
            await using var run = client.StartRun("flow");
            run.Fail("no", "E1", ErrorKind.ExternalApi);
            run.Complete();
            run.Cancel();
        }

        var json = Assert.Single(hub.Taken);
        Assert.Equal(("failed", "external_api"), (json.GetProperty("status").GetString(), json.GetProperty("error_class").GetString()));
    }

    [Fact]
    public async Task The_ambient_trace_goes_along_and_each_span_names_one_step()
    {
        using var source = new ActivitySource("test");
        using var listener = new ActivityListener { ShouldListenTo = s => s == source, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        using var request = source.StartActivity("request")!;
        string inner;
        await using (var client = Client())
        {
            await using var run = client.StartRun("flow");
            await using (run.StartStep("same activity")) { }
            using var call = source.StartActivity("call")!;
            inner = call.SpanId.ToHexString();
            await using (run.StartStep("own activity")) { }
        }

        var json = Assert.Single(hub.Taken);
        Assert.Equal(request.TraceId.ToHexString(), json.GetProperty("diagnostics").GetProperty("trace_id").GetString());
        Assert.False(json.GetProperty("steps")[0].TryGetProperty("diagnostics", out _));
        Assert.Equal(inner, json.GetProperty("steps")[1].GetProperty("diagnostics").GetProperty("span_id").GetString());
    }

    [Fact]
    public async Task Nothing_that_is_reported_can_break_who_reports()
    {
        await using (var client = Client())
        {
            await using var run = client.StartRun(new string('x', 900) + "\u0001", new RunStart { Name = "a\0b\ud800" });
            run.SetInput(new Loop());
            run.SetOutput("half \ud83d");
            run.SetProgress(double.NaN);
            run.AddTags([.. Enumerable.Range(0, 100).Select(i => "t" + i)]);
        }

        var json = Assert.Single(hub.Taken);
        Assert.Equal(256, json.GetProperty("workflow_name").GetString()!.Length);
        Assert.Equal("a\uFFFDb\uFFFD", json.GetProperty("name").GetString());
        Assert.Contains("could not be written", json.GetProperty("inputs_summary").GetString(), StringComparison.Ordinal);
        Assert.Equal("half \uFFFD", json.GetProperty("outputs_summary").GetString());
        Assert.Equal(64, json.GetProperty("tags").GetArrayLength());
    }

    [Theory]
    [InlineData("nowhere", "key")]
    [InlineData("ftp://hub", "key")]
    [InlineData("http://hub", " ")]
    [InlineData("http://hub", "two\nlines")]
    public void Options_that_cannot_work_are_refused_at_once(string url, string key) =>
        Assert.Throws<ArgumentException>(() => new RunHubClient(new RunHubClientOptions { Url = url, ApiKey = key }));

    RunHubClient Client() => new(new RunHubClientOptions { Url = "http://hub/base", ApiKey = "key", Handler = hub, BatchDelay = TimeSpan.FromSeconds(30) });

    sealed class Loop
    {
        public Loop Self => this;
    }
}
