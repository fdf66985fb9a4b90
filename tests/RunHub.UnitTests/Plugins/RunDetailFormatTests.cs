using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using RunHub.Plugins;
using RunHub.RunDetail;

namespace RunHub.UnitTests.Plugins;

public sealed class RunDetailFormatTests
{
    [Fact]
    public void Reads_the_run_and_its_nodes()
    {
        var run = Read(RunDetails.LeadAnalyzer);

        Assert.Equal("8f2a4b", run.Id);
        Assert.Equal("precrafter", run.Type);
        Assert.Equal("PreCrafter", run.WorkflowName);
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("2.30", run.WorkflowVersion);
        Assert.True(run.WorkflowVersionIsNumber);
        Assert.Equal(DateTimeOffset.Parse("2025-01-25T14:32:15Z"), run.StartedAt);
        Assert.Equal(DateTimeOffset.Parse("2025-01-25T14:32:19.2Z"), run.CompletedAt);
        Assert.Equal(4200, run.DurationMs);
        Assert.Equal("lead-7", run.LeadId);
        Assert.Null(run.BatchId);
        Assert.Equal("""{ "lead": { "name": "Ana Núñez", "budget": 1e5 } }""", run.InputsSummary.ToString());

        Assert.Equal(["node_2", "node_1"], run.Steps!.Select(s => s.Id));
        var step = run.Steps![0];
        Assert.Equal(("node_2", "Lead Analyzer", "Lead Analyzer"), (step.NodeId, step.Label, step.Name));
        Assert.Equal((StepType.Model, "gpt-4", RunStatus.Completed), (step.Type!.Value, step.Model, step.Status!.Value));
        Assert.Equal("""{"temperature":0.70}""", step.Parameters.ToString());
        Assert.Equal((3900L, 512L), (step.DurationMs!.Value, step.Tokens!.Value));
        Assert.Equal("""{ "score": 85, "segment": "Enterprise" }""", step.Output.ToString());
        Assert.Equal((StepType.Io, "node_1"), (run.Steps[1].Type!.Value, run.Steps[1].Name));
    }

    [Fact]
    public void Keeps_prompts_and_outputs_out_of_the_shape_so_that_they_are_stored_once()
    {
        var shape = Read(RunDetails.LeadAnalyzer).AdapterData.ToString()!;
        Assert.DoesNotContain("Analyze this lead", shape, StringComparison.Ordinal);
        Assert.DoesNotContain("Enterprise", shape, StringComparison.Ordinal);
        Assert.DoesNotContain("Núñez", shape, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_the_node_that_failed_and_the_one_that_was_stopped()
    {
        var run = Read("""
            {"id":"r","status":"failed","type":"precrafter","results":{"a":{"input":{},"output":1},"b":{"input":{}},"c":{"input":{}}},
             "error":{"nodeId":"b","message":"No quota","stack":"at b"}}
            """);
        Assert.Equal([RunStatus.Completed, RunStatus.Failed, RunStatus.Canceled], run.Steps!.Select(s => s.Status!.Value));
        Assert.Equal(("b", "No quota", "at b"), (run.ErrorStepId, run.ErrorMessage, run.ErrorStack));
        Assert.Equal("No quota", run.Steps![1].ErrorMessage);
    }

    [Fact]
    public void Gives_the_document_back_as_it_came() => RunDetails.AssertSame(RunDetails.LeadAnalyzer, GiveBack(RunDetails.LeadAnalyzer));

    [Fact]
    public void Gives_any_document_back_as_it_came() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => RunDetails.AssertSame(RunDetails.Any(new Random(seed), "precrafter"), GiveBack(RunDetails.Any(new Random(seed), "precrafter"))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Gives_back_what_the_store_filled_in_as_absent()
    {
        const string sent = """{"id":"r","status":"success","type":"precrafter","duration_ms":5,"results":{}}""";
        var stored = RunDetails.Store(Read(sent));
        stored.Run.StartedAt = stored.Run.CompletedAt = DateTimeOffset.UnixEpoch;
        RunDetails.AssertSame(sent, RunDetailFormat.Write(stored).ToString());
    }

    [Fact]
    public void Says_what_became_of_the_run_since_the_document_came()
    {
        var stored = RunDetails.Store(Read("""{"id":"r","status":"running","type":"precrafter","workflow_version":1,"start_time":"2025-01-25T14:32:15.00Z","results":{"a":{"input":{"model":"m"},"output":null}}}"""));
        stored.Run.Status = RunStatus.Canceled;
        stored.Run.CompletedAt = DateTimeOffset.Parse("2025-01-25T14:33:15Z");
        stored.Run.DurationMs = 60_000;
        stored.Run.LeadId = "l";
        stored.Steps[0].Step.Output = JsonPayload.Parse("[1]");
        stored.Steps[0].Step.Tokens = 9;
        var later = stored with { Steps = [.. stored.Steps, new StoredStep(new StepWrite { Id = "b", NodeId = "b", Input = JsonPayload.String("hello"), Model = "m" })] };
        RunDetails.AssertSame("""
            {"id":"r","status":"cancelled","type":"precrafter","workflow_version":1,"start_time":"2025-01-25T14:32:15.00Z","end_time":"2025-01-25T14:33:15Z","duration_ms":60000,"leadId":"l",
             "results":{"a":{"input":{"model":"m"},"output":[1],"tokens_used":9},"b":{"input":{"userPrompt":"hello","model":"m"},"output":null}}}
            """, RunDetailFormat.Write(later).ToString());
    }

    [Fact]
    public void Writes_a_proper_document_for_a_run_that_came_another_way()
    {
        var run = new RunWrite
        {
            Id = "run_1", Type = "invoice", WorkflowName = "Invoices", WorkflowVersion = "2.3.0", Status = RunStatus.Failed,
            CreatedAt = DateTimeOffset.Parse("2025-01-25T14:32:14Z"), InputsSummary = JsonPayload.Parse("[0.70]"),
            ErrorMessage = "No", ErrorStepId = "s2", Tags = ["x"],
        };
        StoredStep[] steps =
        [
            new(new StepWrite { Id = "s1", Name = "fetch", NodeId = "n", Tool = "http", Input = JsonPayload.Parse("{\"userPrompt\":\"u\",\"x\":1.0}"), Parameters = JsonPayload.Parse("{\"temperature\":0.20}"), Model = "m" }),
            new(new StepWrite { Id = "s2", Name = "fetch again", NodeId = "n", Output = JsonPayload.Parse("[ 1 ]"), DurationMs = 3, Tokens = 4, Label = "Again" }),
        ];
        RunDetails.AssertSame("""
            {"id":"run_1","status":"failed","type":"invoice","workflow_version":"2.3.0","start_time":"2025-01-25T14:32:14Z","duration_ms":0,"inputData":[0.70],
             "results":{"n":{"input":{"userPrompt":"u","x":1.0,"model":"m","temperature":0.20},"output":null},"s2":{"label":"Again","input":{},"output":[1],"duration_ms":3,"tokens_used":4}},
             "error":{"nodeId":"s2","message":"No"}}
            """, RunDetailFormat.Write(new StoredRun(run, steps)).ToString());
    }

    [Theory]
    [InlineData("[]", "$")]
    [InlineData("7", "$")]
    [InlineData("{}", "$")]
    [InlineData("""{"id":7,"status":"success","type":"precrafter"}""", "$.id")]
    [InlineData("""{"id":"","status":"success","type":"precrafter"}""", "$.id")]
    [InlineData("""{"id":"a/b","status":"success","type":"precrafter"}""", "$.id")]
    [InlineData("""{"id":"a\u0000b","status":"success","type":"precrafter"}""", "$.id")]
    [InlineData("""{"id":"\ud800","status":"success","type":"precrafter"}""", "$.id")]
    [InlineData("""{"id":"r","status":"great","type":"precrafter"}""", "$.status")]
    [InlineData("""{"id":"r","status":"success","type":"crafter"}""", "$.type")]
    [InlineData("""{"id":"r","status":"success","status":"failed","type":"precrafter"}""", "$.status")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","workflow_version":{}}""", "$.workflow_version")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","start_time":"yesterday"}""", "$.start_time")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","start_time":"01/02/2025"}""", "$.start_time")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","end_time":5}""", "$.end_time")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","duration_ms":-1}""", "$.duration_ms")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","duration_ms":1e300}""", "$.duration_ms")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","leadId":[]}""", "$.leadId")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","results":[]}""", "$.results")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","results":{"a":1}}""", "$.results.a")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","results":{"a/b":{}}}""", "$.results['a/b']")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","results":{"a":{},"a":{}}}""", "$.results.a")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","results":{"a":{"tokens_used":"many"}}}""", "$.results.a.tokens_used")]
    [InlineData("""{"id":"r","status":"success","type":"precrafter","results":{"a":{"input":{"model":1,"model":2}}}}""", "$.results.a.input.model")]
    [InlineData("""{"id":"r","status":"failed","type":"precrafter","error":"boom"}""", "$.error")]
    [InlineData("""{"id":"r","status":"failed","type":"precrafter","error":{"message":5}}""", "$.error.message")]
    public void Says_where_a_document_is_not_one(string document, string path)
    {
        var refusal = Assert.Throws<PayloadException>(() => Read(document));
        Assert.Equal(path, refusal.Path);
        Assert.NotEmpty(refusal.Reason);
    }

    [Fact]
    public void Replaces_what_no_text_can_hold_in_messages_only()
    {
        var run = Read("""{"id":"r","status":"failed","type":"precrafter","error":{"nodeId":"a","message":"a \ud800 b \\ud800 c","stack":"\ud83e\udda4"}}""");
        Assert.Equal("a \uFFFD b \\ud800 c", run.ErrorMessage);
        Assert.Equal("🦤", run.ErrorStack);
    }

    [Fact]
    public void Lays_a_node_out_as_prompts_badges_and_output()
    {
        var layout = PromptLayout.Present(new StoredStep(Read(RunDetails.LeadAnalyzer).Steps![0]))!;
        Assert.Equal([(StepTitles.SystemPrompt, "You are a lead analyst..."), (StepTitles.UserPrompt, "Analyze this lead: {{lead}}")], layout.Input.Select(b => (b.Title!, b.Text)));
        Assert.Equal([new StepBadge(StepTitles.Model, "gpt-4"), new StepBadge(StepTitles.Temperature, "0.70")], layout.Badges);
        Assert.Equal(new StepBlock(null, StepBlockKind.Json, """{ "score": 85, "segment": "Enterprise" }"""), Assert.Single(layout.Output));
    }

    static RunWrite Read(string document) => RunDetailFormat.Read(JsonPayload.Parse(document), "precrafter", "PreCrafter");

    static string GiveBack(string document) => RunDetailFormat.Write(RunDetails.Store(Read(document))).ToString();
}
