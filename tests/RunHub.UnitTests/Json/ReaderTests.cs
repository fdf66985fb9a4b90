using System.Text;
using RunHub.Http;
using RunHub.Json;

namespace RunHub.UnitTests.Json;

public sealed class ReaderTests
{
    static readonly ReadContext Context = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    static ReadResult<RunWrite> Runs(string json, ReadContext? context = null) => RunJsonReader.Runs(Encoding.UTF8.GetBytes(json), context ?? Context);

    static RunWrite One(string json) => Assert.Single(Runs(json).Items).Value;

    static Fault FaultOf(string json)
    {
        var result = Runs(json);
        Assert.Empty(result.Items);
        return Assert.Single(result.Faulty).Faults[0];
    }

    [Fact]
    public void Reads_every_field_of_the_documents_run()
    {
        var run = One("""
            {"id":"run_1","workflow_name":"invoice_extraction","workflow_version":"1.8.3","environment":"prod","status":"completed",
             "started_at":"2025-10-28T10:14:02Z","completed_at":"2025-10-28T10:14:04Z","duration_ms":2120,"actor":"system","hitl":null,
             "business_event_id":"erp:invoice#98421","tenant_id":"acme-inc",
             "inputs_summary":{ "file": "invoice_98421.pdf", "pages": 2 },"outputs_summary":{"total":1732.550},
             "effectiveness":{"first_pass_success":true,"accuracy":0.97,"throughput_delta":2.3},
             "diagnostics":{"trace_id":"trc-8cbd...","resource_usage":{"tokens":3124,"compute_ms":480},"error_code":null,"error_message":null},
             "tags":["invoice","prod"],"annotations":[{"author":"ops@acme","note":"Valid totals.","at":"2025-10-28T10:16:21Z"}]}
            """);
        Assert.Equal(("run_1", "invoice_extraction", "1.8.3", "prod"), (run.Id, run.WorkflowName, run.WorkflowVersion, run.Environment));
        Assert.Equal((RunStatus.Completed, 2120L, "system", (string?)null), (run.Status!.Value, run.DurationMs!.Value, run.Actor, run.Hitl));
        Assert.Equal(new DateTimeOffset(2025, 10, 28, 10, 14, 4, TimeSpan.Zero), run.CompletedAt);
        Assert.Equal(("erp:invoice#98421", "acme-inc", "trc-8cbd..."), (run.BusinessEventId, run.TenantId, run.TraceId));
        Assert.Equal("""{ "file": "invoice_98421.pdf", "pages": 2 }""", run.InputsSummary!.Value.ToString());
        Assert.Equal("""{"total":1732.550}""", run.OutputsSummary!.Value.ToString());
        Assert.Equal((true, 0.97, 2.3), (run.FirstPassSuccess!.Value, run.Accuracy!.Value, run.ThroughputDelta!.Value));
        Assert.Equal((3124L, 480L, (string?)null), (run.Tokens!.Value, run.ComputeMs!.Value, run.ErrorMessage));
        Assert.Equal(["invoice", "prod"], run.Tags!);
        Assert.Equal(new AnnotationWrite("ops@acme", "Valid totals.", new DateTimeOffset(2025, 10, 28, 10, 16, 21, TimeSpan.Zero)), Assert.Single(run.Annotations!));
        Assert.Null(run.Clear);
    }

    [Fact]
    public void Reads_every_field_of_the_documents_step()
    {
        var result = RunJsonReader.Steps("""
            {"id":"step_1","run_id":"run_1","name":"extract_fields","type":"model","status":"completed","started_at":"2025-10-28T10:14:03Z",
             "completed_at":"2025-10-28T10:14:03.8Z","duration_ms":800,"retries":0,"details":{"model":"gpt-4o-mini","parameters_redacted":{"temperature":0}},
             "io":{"input_redacted":{"content_type":"pdf"},"output_redacted":{"fields":["total","date","vendor"]}},
             "diagnostics":{"span_id":"spn-a13d...","resource_usage":{"tokens":2200,"compute_ms":380},"error_code":null,"error_message":null},
             "validation":{"passed":true,"score":0.96,"reasons":["ok"]}}
            """u8.ToArray(), Context);
        var step = Assert.Single(result.Items).Value;
        Assert.False(result.IsBatch);
        Assert.Equal(("step_1", "run_1", "extract_fields", StepType.Model), (step.Id, step.RunId, step.Name, step.Type!.Value));
        Assert.Equal((RunStatus.Completed, 800L, 0), (step.Status!.Value, step.DurationMs!.Value, step.Retries!.Value));
        Assert.Equal(("gpt-4o-mini", """{"temperature":0}"""), (step.Model, step.Parameters.ToString()));
        Assert.Equal("""{"content_type":"pdf"}""", step.Input.ToString());
        Assert.Equal("""{"fields":["total","date","vendor"]}""", step.Output.ToString());
        Assert.Equal(("spn-a13d...", 2200L, 380L), (step.SpanId, step.Tokens!.Value, step.ComputeMs!.Value));
        Assert.Equal((true, 0.96, """["ok"]"""), (step.ValidationPassed!.Value, step.ValidationScore!.Value, step.ValidationReasons.ToString()));
        Assert.Equal(TimeSpan.FromMilliseconds(800), step.CompletedAt - step.StartedAt);
    }

    [Fact]
    public void Understands_the_words_of_the_other_documents()
    {
        var run = One("""{"workflow":"w","status":"SUCCESS","startedAt":"2025-01-01T00:00:00Z","finished_at":"2025-01-01T00:00:01Z","totalTokens":7,"total_cost_usd":0.5,"env":"dev","error":"no"}""");
        Assert.Equal(("w", RunStatus.Completed, 7L, 0.5m), (run.WorkflowName, run.Status!.Value, run.Tokens!.Value, run.CostUsd!.Value));
        Assert.Equal(("dev", "no", TimeSpan.FromSeconds(1)), (run.Environment, run.ErrorMessage, run.CompletedAt - run.StartedAt));
    }

    [Theory]
    [InlineData("""{"finished_at":"2025-01-01T00:00:09Z","completed_at":"2025-01-01T00:00:01Z"}""")]
    [InlineData("""{"completed_at":"2025-01-01T00:00:01Z","finished_at":"2025-01-01T00:00:09Z"}""")]
    public void The_proper_name_wins_over_its_synonym(string json) => Assert.Equal(1, One(json).CompletedAt!.Value.Second);

    [Fact]
    public void Keeps_a_version_that_came_as_a_number_as_it_was_spelt()
    {
        var run = One("""{"workflow_version":1.10}""");
        Assert.Equal(("1.10", true), (run.WorkflowVersion, run.WorkflowVersionIsNumber!.Value));
    }

    [Theory]
    [InlineData("""{"status":"done"}""", "$.status", "completed")]
    [InlineData("""{"status":5}""", "$.status", "text")]
    [InlineData("""{"id":""}""", "$.id", "1 to 128")]
    [InlineData("""{"id":"a/b"}""", "$.id", "/")]
    [InlineData("""{"id":"a\u0000b"}""", "$.id", "U+0000")]
    [InlineData("""{"id":"a\ud800b"}""", "$.id", "surrogate")]
    [InlineData("""{"workflow_name":"a\u0000"}""", "$.workflow_name", "U+0000")]
    [InlineData("""{"workflow_name":"\udc00"}""", "$.workflow_name", "surrogate")]
    [InlineData("""{"workflow_name":"a\nb"}""", "$.workflow_name", "control")]
    [InlineData("""{"workflow_name":["w"]}""", "$.workflow_name", "text, not an array")]
    [InlineData("""{"duration_ms":-1}""", "$.duration_ms", "out of range")]
    [InlineData("""{"duration_ms":1.5}""", "$.duration_ms", "whole")]
    [InlineData("""{"duration_ms":"9"}""", "$.duration_ms", "whole number, not text")]
    [InlineData("""{"duration_ms":99999999999999999999}""", "$.duration_ms", "out of range")]
    [InlineData("""{"duration_ms":1e999}""", "$.duration_ms", "out of range")]
    [InlineData("""{"cost_usd":-0.1}""", "$.cost_usd", "out of range")]
    [InlineData("""{"progress":101}""", "$.progress", "0 to 100")]
    [InlineData("""{"effectiveness":{"accuracy":1e999}}""", "$.effectiveness.accuracy", "out of range")]
    [InlineData("""{"effectiveness":[]}""", "$.effectiveness", "an object, not an array")]
    [InlineData("""{"diagnostics":{"resource_usage":{"tokens":"x"}}}""", "$.diagnostics.resource_usage.tokens", "whole number")]
    [InlineData("""{"started_at":"yesterday"}""", "$.started_at", "2025-10-28T10:14:02Z")]
    [InlineData("""{"started_at":1700000000}""", "$.started_at", "text")]
    [InlineData("""{"started_at":"1969-12-31T23:59:59Z"}""", "$.started_at", "1970")]
    [InlineData("""{"started_at":"2201-01-01T00:00:00Z"}""", "$.started_at", "2200")]
    [InlineData("""{"started_at":"2025-02-30T00:00:00Z"}""", "$.started_at", "no such day")]
    [InlineData("""{"started_at":"2026-01-03T00:00:00Z"}""", "$.started_at", "future")]
    [InlineData("""{"started_at":"2025-01-01T00:00:02Z","completed_at":"2025-01-01T00:00:01Z"}""", "$.completed_at", "before it starts")]
    [InlineData("""{"hitl":"maybe"}""", "$.hitl", "requested, approved, rejected")]
    [InlineData("""{"error_class":"x"}""", "$.error_class", "transient")]
    [InlineData("""{"tags":"a"}""", "$.tags", "an array")]
    [InlineData("""{"tags":["a",7]}""", "$.tags[1]", "text")]
    [InlineData("""{"tags":[""]}""", "$.tags[0]", "empty")]
    [InlineData("""{"annotations":[{"author":"x"}]}""", "$.annotations[0].note", "text")]
    [InlineData("""{"steps":[{"name":"a"},{"type":"robot"}]}""", "$.steps[1].type", "decision")]
    [InlineData("""{"steps":[7]}""", "$.steps[0]", "an object, not a number")]
    [InlineData("""{"id":"a","id":"b"}""", "$.id", "twice")]
    [InlineData("""{"id":"a","\u0069d":"b"}""", "$.id", "twice")]
    [InlineData("""{"diagnostics":{"trace_id":"a","trace_id":"b"}}""", "$.diagnostics.trace_id", "twice")]
    [InlineData("""{"inputs_summary":{"a":{"b":1,"b":2}}}""", "$.inputs_summary", "\"b\" occurs twice")]
    [InlineData("""{"resolved":"yes"}""", "$.resolved", "an object")]
    public void Says_what_is_wrong_and_where(string json, string path, string reason)
    {
        var fault = FaultOf(json);
        Assert.Equal(path, fault.Path);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Tells_every_fault_of_an_item_and_reads_the_items_around_it()
    {
        var result = Runs("""[{"id":"a"},{"id":"b","status":"?","duration_ms":-1},3,{"id":"c"}]""");
        Assert.True(result.IsBatch);
        Assert.Equal([(0, "a"), (3, "c")], result.Items.Select(i => (i.Index, i.Value.Id)));
        Assert.Equal([1, 2], result.Faulty.Select(f => f.Index));
        Assert.Equal("b", result.Faulty[0].Id);
        Assert.Equal(["$.status", "$.duration_ms"], result.Faulty[0].Faults.Select(f => f.Path));
        Assert.Equal("$", result.Faulty[1].Faults[0].Path);
    }

    [Theory]
    [InlineData("", "$", "empty")]
    [InlineData("   ", "$", "empty")]
    [InlineData("7", "$", "object or an array")]
    [InlineData("{", "$", "not JSON")]
    [InlineData("""{"id":"a"} x""", "$", "not JSON")]
    [InlineData("""{"inputs_summary":{"a":}}""", "$.inputs_summary", "not JSON")]
    [InlineData("""[{"id":"a"},{"id":tru}]""", "$[1].id", "not JSON")]
    public void A_body_that_is_not_JSON_is_a_problem(string json, string path, string reason)
    {
        var problem = Assert.Throws<ProblemException>(() => Runs(json));
        Assert.Equal(400, problem.Status);
        Assert.Equal(path, problem.Faults[0].Path);
        Assert.Contains(reason, problem.Faults[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_a_problem() =>
        Assert.Contains("UTF-8", Assert.Throws<ProblemException>(() => RunJsonReader.Runs(new byte[] { (byte)'"', 0xC3, (byte)'"' }, Context)).Faults[0].Reason, StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_refuses_its_item_alone()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 1000)) + string.Concat(Enumerable.Repeat("]", 1000));
        var result = Runs($$"""[{"id":"a"},{"id":"b","inputs_summary":{{deep}}},{"id":"c","outputs_summary":[[[]]]}]""");
        Assert.Equal(["a", "c"], result.Items.Select(i => i.Value.Id));
        var fault = Assert.Single(result.Faulty).Faults[0];
        Assert.Equal("$.inputs_summary", fault.Path);
        Assert.Contains("128", fault.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    public void The_run_itself_counts_as_a_level(int levels, bool accepted)
    {
        var json = "{\"inputs_summary\":" + new string('[', levels) + new string(']', levels) + "}";
        Assert.Equal(accepted, Runs(json).Faulty.Count == 0);
        Assert.Equal(accepted, Runs("[" + json + "]").Faulty.Count == 0);
    }

    [Fact]
    public void Unknown_fields_are_ignored_and_counted_or_refused_when_strict()
    {
        const string json = """[{"workflow_nam":"a","diagnostics":{"x":{"y":1}}},{"workflow_nam":"b"}]""";
        var warnings = Runs(json).Warnings.Unknown.ToList();
        Assert.Equal(["$.workflow_nam", "$.diagnostics.x"], warnings.Select(w => w.Path));
        Assert.Equal([2, 1], warnings.Select(w => w.Count));
        Assert.Contains("did you mean \"workflow_name\"", warnings[0].Reason, StringComparison.Ordinal);
        var strict = Runs(json, Context with { Strict = true });
        Assert.Equal(2, strict.Faulty.Count);
        Assert.Equal("$.workflow_nam", strict.Faulty[1].Faults[0].Path);
    }

    [Fact]
    public void Text_and_payloads_have_what_cannot_be_stored_replaced_and_counted()
    {
        var result = Runs("""{"error":"a\u0000b\ud800","inputs_summary":{"k\u0000":"\udc00 \ud83d\ude00 \\u0000"},"error_stack":"\ud83d\ude00\t"}""");
        var run = result.Items[0].Value;
        Assert.Equal("a\uFFFDb\uFFFD", run.ErrorMessage);
        Assert.Equal("""{"k\ufffd":"\ufffd \ud83d\ude00 \\u0000"}""", run.InputsSummary.ToString());
        Assert.Equal("😀\t", run.ErrorStack);
        Assert.Equal(4, result.Warnings.ReplacedCharacters);
    }

    [Fact]
    public void A_name_may_be_as_long_as_the_limit_and_no_longer()
    {
        Assert.Equal(Limits.Name, One($$"""{"workflow_name":"{{new string('ñ', Limits.Name)}}"}""").WorkflowName!.Length);
        Assert.Contains("256", FaultOf($$"""{"workflow_name":"{{new string('a', Limits.Name + 1)}}"}""").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_stand_each_for_itself()
    {
        var result = RunJsonReader.RunLines("{\"id\":\"a\"}\r\n\n{oops}\n {\"id\":\"b\"}"u8.ToArray(), Context);
        Assert.Equal([(0, "a"), (2, "b")], result.Items.Select(i => (i.Index, i.Value.Id)));
        Assert.Equal(1, Assert.Single(result.Faulty).Index);
    }

    [Fact]
    public void Too_many_items_are_refused() =>
        Assert.Equal(413, Assert.Throws<ProblemException>(() => Runs("[{},{},{}]", Context with { MaxItems = 2 })).Status);

    [Fact]
    public void In_a_patch_null_removes()
    {
        var (run, _) = RunJsonReader.Patch("""{"owner":null,"diagnostics":{"error_code":null,"resource_usage":null},"effectiveness":null,"status":"failed","steps":[{"id":"s","label":null}]}"""u8.ToArray(), Context);
        Assert.Equal(["owner", "error_code", "tokens", "compute_ms", "first_pass_success", "accuracy", "throughput_delta"], run.Clear!);
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Equal(["label"], run.Steps![0].Clear!);
        var problem = Assert.Throws<ProblemException>(() => RunJsonReader.Patch("""{"workflow_name":null}"""u8.ToArray(), Context));
        Assert.Equal("$.workflow_name", problem.Faults[0].Path);
    }

    [Fact]
    public void A_large_object_with_a_late_duplicate_is_found()
    {
        var keys = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"k{i}\":{{\"k1\":{i}}}"));
        Assert.Single(Runs($$"""{"inputs_summary":{ {{keys}} } }""").Items);
        Assert.Contains("k17", FaultOf($$"""{"inputs_summary":{ {{keys}}, "k17":1 } }""").Reason, StringComparison.Ordinal);
    }
}
