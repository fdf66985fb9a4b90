using System.Buffers;
using System.Text;
using System.Text.Json;
using RunHub.Model;

namespace RunHub.UnitTests.Filter;

public sealed class RunSummaryTests
{
    static readonly RunRow Full = new()
    {
        Id = "run_1", Name = "Größe \"7\"", WorkflowName = "invoice_intake", WorkflowVersion = "2", Type = "crafter", Environment = "prod",
        Status = RunStatus.Failed, Lane = Lane.Backfill, SortAt = 1_700_000_000_000_000, Actor = "system", Hitl = "requested", Trigger = "api",
        Owner = "ana", BusinessEventId = "erp:1", LeadId = "l", BatchId = "b", ThreadId = "t", AgentId = "a", TraceId = "tr", ParentRunId = "p",
        ErrorCode = "E1", ErrorClass = "bug", FailedNode = "node_1", Models = "\ngpt-4o\no3\n", TagsText = "\nred\n", Resolved = "{}",
    };

    [Fact]
    public void What_is_written_reads_back_as_the_snapshot_of_the_row()
    {
        var expected = RunSummary.From(Full);
        var read = RunSummary.Parse(Json(Full));
        foreach (var property in typeof(RunSummary).GetProperties())
        {
            Assert.NotNull(property.GetValue(expected));
            Assert.Equal(property.GetValue(expected), property.GetValue(read));
        }

        Assert.Equal(["gpt-4o", "o3"], read.Models);
    }

    [Fact]
    public void An_ordinary_run_takes_some_two_hundred_bytes()
    {
        var json = Json(new RunRow
        {
            Id = "run_01JD3V0Q8Y3M4N5P6Q7R8S9T0V", WorkflowName = "invoice_processing", WorkflowVersion = "1.4.2", Type = "crafter", Environment = "prod",
            Status = RunStatus.Completed, SortAt = 1_700_000_000_000_000, Trigger = "api", TagsText = "\neu\n",
        });
        Assert.InRange(json.Length, 1, 230);
        Assert.DoesNotContain("null", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_names_are_passed_over() =>
        Assert.Equal("x", RunSummary.Parse("""{"later":{"id":"y"},"id":"x","status":"failed","sort_at":1}"""u8).Id);

    static byte[] Json(RunRow row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) RunSummary.Write(writer, row);
        return buffer.WrittenSpan.ToArray();
    }
}
