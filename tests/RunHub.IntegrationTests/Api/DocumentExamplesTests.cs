using System.Text.Json.Nodes;
using RunHub.Access;

namespace RunHub.IntegrationTests.Api;

/// <summary>The run and the step as they stand in the requirements, posted and read back.</summary>
public sealed class DocumentExamplesTests
{
    internal const string Run = """
        {
          "id": "run_01HXY...",
          "workflow_name": "invoice_extraction",
          "workflow_version": "1.8.3",
          "environment": "prod",
          "status": "completed",
          "started_at": "2025-10-28T10:14:02Z",
          "completed_at": "2025-10-28T10:14:04Z",
          "duration_ms": 2120,
          "actor": "system",
          "hitl": null,
          "business_event_id": "erp:invoice#98421",
          "tenant_id": "acme-inc",
          "inputs_summary": { "file": "invoice_98421.pdf", "pages": 2 },
          "outputs_summary": { "total": 1732.55, "currency": "USD", "line_items": 5 },
          "effectiveness": { "first_pass_success": true, "accuracy": 0.97, "throughput_delta": 2.3 },
          "diagnostics": { "trace_id": "trc-8cbd...", "resource_usage": { "tokens": 3124, "compute_ms": 480 }, "error_code": null, "error_message": null },
          "tags": ["invoice", "prod"],
          "annotations": [ { "author": "ops@acme", "note": "Valid totals.", "at": "2025-10-28T10:16:21Z" } ]
        }
        """;

    internal const string Step = """
        {
          "id": "step_01HXY...",
          "run_id": "run_01HXY...",
          "name": "extract_fields",
          "type": "model",
          "status": "completed",
          "started_at": "2025-10-28T10:14:03Z",
          "completed_at": "2025-10-28T10:14:03.8Z",
          "duration_ms": 800,
          "retries": 0,
          "details": { "model": "gpt-4o-mini", "parameters_redacted": { "temperature": 0 } },
          "io": { "input_redacted": { "content_type": "pdf" }, "output_redacted": { "fields": ["total", "date", "vendor"] } },
          "diagnostics": { "span_id": "spn-a13d...", "resource_usage": { "tokens": 2200, "compute_ms": 380 }, "error_code": null, "error_message": null },
          "validation": { "passed": true, "score": 0.96 }
        }
        """;

    [Theory, Engines]
    public async Task Come_back_field_for_field(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync(KeyScopes.Ingest | KeyScopes.Read, "acme-inc");

        var posted = await client.PostAsync("/api/runs", Run);
        Assert.Equal((201, "run_01HXY...", "completed"), (posted.Status, (string?)posted.Json!["id"], (string?)posted.Json["status"]));
        Assert.Equal("/api/runs/run_01HXY...", posted.Message.Headers.Location!.ToString());
        Assert.Null(posted.Json["warnings"]);
        var step = await client.PostAsync("/api/runs/run_01HXY.../steps", Step);
        Assert.Equal((200, "step_01HXY..."), (step.Status, (string?)step.Json!["id"]));

        var run = await client.ReadAsync("/api/runs/run_01HXY...");
        Assert.Equal((200, "application/json"), (run.Status, run.Type));
        ApiHttp.AssertHas(JsonNode.Parse(Run), run.Json);
        foreach (var group in new[] { "effectiveness", "diagnostics", "inputs_summary", "outputs_summary", "tags", "annotations" })
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Run)![group], run.Json![group]), group);
        var steps = await client.ReadAsync("/api/runs/run_01HXY.../steps");
        var got = Assert.Single(steps.Json!["steps"]!.AsArray());
        ApiHttp.AssertHas(JsonNode.Parse(Step), got);
        foreach (var group in new[] { "details", "io", "diagnostics", "validation" })
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Step)![group], got![group]), group);
    }

    [Theory, Engines]
    public async Task The_other_documents_names_stand_beside(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync(tenant: "acme-inc");
        await client.PostAsync("/api/runs", Run);
        var run = (await client.ReadAsync("/api/runs/run_01HXY...")).Json!;
        Assert.Equal(("2025-10-28T10:14:04Z", 3124), ((string?)run["finished_at"], (int)run["total_tokens"]!));
        foreach (var name in new[] { "agent_id", "thread_id", "trigger", "total_cost_usd", "error" }) Assert.True(run.AsObject().ContainsKey(name), name);
    }

    [Theory, Engines]
    public async Task An_answer_can_be_posted_again_as_it_came(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync(tenant: "acme-inc");
        await client.PostAsync("/api/runs", Run);
        var run = (await client.ReadAsync("/api/runs/run_01HXY...")).Json!;
        var again = await client.PostAsync("/api/runs?strict=true", run.ToJsonString());
        Assert.Equal(200, again.Status);
        run.AsObject().Remove("updated_at"); // the payload's white space changed
        ApiHttp.AssertHas(run, (await client.ReadAsync("/api/runs/run_01HXY...")).Json);
    }

    [Theory, Engines]
    public async Task Steps_sent_with_their_run_are_the_same_steps(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync(tenant: "acme-inc");
        var run = JsonNode.Parse(Run)!;
        run["steps"] = new JsonArray(JsonNode.Parse(Step));
        Assert.Equal(201, (await client.PostAsync("/api/runs", run.ToJsonString())).Status);
        ApiHttp.AssertHas(JsonNode.Parse(Step), (await client.ReadAsync("/api/runs/run_01HXY.../steps")).Json!["steps"]![0]);
    }
}
