using System.Text;
using RunHub.Feed;
using RunHub.Model;
using RunHub.Store.Events;

namespace RunHub.UnitTests.Filter;

public sealed class RunSummaryTests
{
    static readonly RunRow Full = new()
    {
        Id = "run_1", Name = "Größe \"7\"", WorkflowName = "invoice_intake", WorkflowVersion = "2", Type = "crafter", Environment = "prod",
        Status = RunStatus.Failed, Lane = Lane.Backfill, SortAt = 1_700_000_000_000_000, DurationMs = 1200, Tokens = 5, CostNano = 1_500_000, Actor = "system", Hitl = "requested", Trigger = "api",
        Owner = "ana", BusinessEventId = "erp:1", LeadId = "l", BatchId = "b", ThreadId = "t", AgentId = "a", TraceId = "tr", ParentRunId = "p",
        ErrorCode = "E1", ErrorClass = "bug", FailedNode = "node_1", Fingerprint = "f1", Models = "\ngpt-4o\no3\n", TagsText = "\nred\n", Resolved = "{}",
    };

    [Fact]
    public void What_is_written_reads_back_as_the_snapshot_of_the_row()
    {
        var expected = RunSummary.From(Full);
        var read = EventText.Read(EventText.Write(Full, [], "ana")).Run;
        foreach (var property in typeof(RunSummary).GetProperties())
        {
            Assert.NotNull(property.GetValue(expected));
            Assert.Equal(property.GetValue(expected), property.GetValue(read));
        }

        Assert.Equal(["gpt-4o", "o3"], read.Models);
    }

    [Fact]
    public void An_ordinary_run_takes_a_hundred_and_some_bytes()
    {
        var text = EventText.Write(new RunRow
        {
            Id = "run_01JD3V0Q8Y3M4N5P6Q7R8S9T0V", WorkflowName = "invoice_processing", WorkflowVersion = "1.4.2", Type = "crafter", Environment = "prod",
            Status = RunStatus.Completed, SortAt = 1_700_000_000_000_000, Trigger = "api", TagsText = "\neu\n",
        }, [], "key 1");
        Assert.InRange(text.Length, 1, 130);
    }

    [Fact]
    public void Unknown_letters_are_passed_over() => Assert.Equal("x", EventText.Read("Zlater\nix\n\u00e9y\ns4\n@1\n").Run.Id);

    [Fact]
    public void Steps_and_writer_read_back_whatever_characters_they_have()
    {
        StepRow[] steps = [new() { Id = "a\\b", Name = "tab\there", Status = RunStatus.Failed }, new() { Id = "c", Name = "line\nfeed\\n", Status = RunStatus.Completed }];
        var read = EventText.Read(EventText.Write(Full, steps, "back\\slash\n"));
        Assert.Equal([new EventStep("a\\b", "tab\there", RunStatus.Failed), new EventStep("c", "line\nfeed\\n", RunStatus.Completed)], read.Steps);
        Assert.Equal("back\\slash\n", read.By);
    }

    [Fact]
    public void The_JSON_outside_is_named_in_full()
    {
        var e = new HubEvent(7, 1, 1, EventType.RunFailed, 1_700_000_000_000_000, EventText.Write(Full, [new StepRow { Id = "s1", Name = "fetch", Status = RunStatus.Failed }], "ana"));
        Assert.Equal(
            """
            {"seq":7,"type":"run.failed","at":"2023-11-14T22:13:20Z","run":{"id":"run_1","name":"Gr\u00F6\u00DFe \u00227\u0022","workflow_name":"invoice_intake","workflow_version":"2","type":"crafter","environment":"prod","actor":"system","hitl":"requested","trigger":"api","owner":"ana","business_event_id":"erp:1","lead_id":"l","batch_id":"b","thread_id":"t","agent_id":"a","trace_id":"tr","parent_run_id":"p","error_code":"E1","error_class":"bug","failed_node":"node_1","fingerprint":"f1","status":"failed","lane":"backfill","sort_at":1700000000000000,"duration_ms":1200,"tokens":5,"cost_usd":0.0015,"models":["gpt-4o","o3"],"tags":["red"],"resolved":true},"steps":[{"id":"s1","name":"fetch","status":"failed"}],"by":"ana"}
            """, Encoding.UTF8.GetString(e.Json.Span));
    }

    [Fact]
    public void A_deleted_run_is_its_id_alone() => Assert.Equal(
        """{"seq":7,"type":"run.deleted","at":"2023-11-14T22:13:20Z","run":{"id":"run_1"}}""",
        Encoding.UTF8.GetString(new HubEvent(7, 1, 1, EventType.RunDeleted, 1_700_000_000_000_000, EventText.OfDeleted("run_1")).Json.Span));
}
