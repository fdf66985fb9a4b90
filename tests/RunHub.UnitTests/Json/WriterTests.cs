using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunHub.Json;
using RunHub.Model;

namespace RunHub.UnitTests.Json;

public sealed class WriterTests
{
    [Fact]
    public void Writes_the_documents_members_even_when_nothing_is_known()
    {
        var json = Write(w => RunJson.Write(w, new RunRow { Id = "r", WorkflowName = "w", Environment = "prod", Type = "t" }, "acme", new RunParts()));
        foreach (var name in new[] { "id", "workflow_name", "workflow_version", "environment", "status", "started_at", "completed_at", "duration_ms", "actor", "hitl",
            "business_event_id", "tenant_id", "inputs_summary", "outputs_summary", "effectiveness", "diagnostics", "tags", "annotations" })
            Assert.True(json.ContainsKey(name), name);
        Assert.False(json.ContainsKey("owner"));
        Assert.Equal("""{"trace_id":null,"resource_usage":{"tokens":null,"compute_ms":null},"error_code":null,"error_message":null}""", json["diagnostics"]!.ToJsonString());
    }

    [Fact]
    public void Lists_leave_payloads_and_notes_out()
    {
        var json = Write(w => RunJson.Write(w, new RunRow { Id = "r", TagsText = "\na\nb c\n" }, "acme"));
        Assert.False(json.ContainsKey("inputs_summary") || json.ContainsKey("outputs_summary") || json.ContainsKey("annotations"));
        Assert.Equal("""["a","b c"]""", json["tags"]!.ToJsonString());
    }

    [Fact]
    public void Payloads_leave_as_they_came()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, RunJson.WriterOptions))
            RunJson.Write(writer, new RunRow { Id = "r" }, "acme", new RunParts { Inputs = """{ "n": 1.50e+2, "ñ": "\u00f1" }"""u8.ToArray() });
        Assert.Contains("""{ "n": 1.50e+2, "ñ": "\u00f1" }""", Encoding.UTF8.GetString(buffer.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void The_other_documents_names_stand_beside_on_request()
    {
        var row = new RunRow { Id = "r", CompletedAt = 1_000_000, Tokens = 5, CostNano = 12_300_000, ErrorMessage = "short" };
        var json = Write(w => RunJson.Write(w, row, "acme", new RunParts { ErrorMessage = "the whole" }, withAliases: true));
        Assert.Equal(("1970-01-01T00:00:01Z", 5, "the whole"), ((string)json["finished_at"]!, (int)json["total_tokens"]!, (string)json["error"]!));
        Assert.Equal("0.0123", json["total_cost_usd"]!.ToJsonString());
        Assert.True(json.ContainsKey("agent_id") && json.ContainsKey("thread_id") && json.ContainsKey("trigger"));
    }

    [Fact]
    public void What_is_written_is_read_back_without_a_warning()
    {
        var row = new RunRow
        {
            Id = "r", WorkflowName = "w", Environment = "prod", Type = "t", Status = RunStatus.Failed, StartedAt = 1_000_001, CompletedAt = 2_000_000, Name = "n", Owner = "o",
            Resolved = """{"by":"me"}""", FailedSteps = 1, Retries = 2, TagsText = "\nx\n", Attempt = 1, ErrorClass = "bug", CostNano = 1,
        };
        var text = Write(w => RunJson.Write(w, row, "acme", new RunParts { ErrorMessage = "e", Annotations = [new RunNote("a", "b", 5)] }, withAliases: true)).ToJsonString();
        var result = RunJsonReader.Runs(Encoding.UTF8.GetBytes(text), new ReadContext(DateTimeOffset.UnixEpoch.AddYears(1), Strict: true));
        Assert.Empty(result.Faulty);
        var run = result.Items[0].Value;
        Assert.Equal((RunStatus.Failed, 1_000_001, "e", "o"), (run.Status!.Value, run.StartedAt!.Value.ToMicros(), run.ErrorMessage, run.Owner));
    }

    static JsonObject Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, RunJson.WriterOptions)) write(writer);
        return JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
    }
}
