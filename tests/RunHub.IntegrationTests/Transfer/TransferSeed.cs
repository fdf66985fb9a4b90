using System.Globalization;
using System.Text.Json.Nodes;
using RunHub.IntegrationTests.Api;

namespace RunHub.IntegrationTests.Transfer;

/// <summary>Runs of every kind, and what tests of export and import do with them.</summary>
static class TransferSeed
{
    /// <summary>Reports runs: every field, attempts of one business event, a child, a batch, odd texts, a failing one.</summary>
    public static async Task FillAsync(HttpClient client)
    {
        string[] bodies =
        [
            """
            {"id":"full","name":"a \"name\"","type":"precrafter","workflow_name":"invoice, \"quoted\"","workflow_version":"1.8","environment":"stage","status":"completed",
             "started_at":"2026-11-01T10:00:00.123456Z","completed_at":"2026-11-01T10:00:04Z","created_at":"2026-11-01T09:59:59Z","duration_ms":4200,"actor":"human","hitl":"approved","trigger":"manual",
             "started_by":"ann","owner":"bob","business_event_id":"erp:1","lead_id":"l1","thread_id":"t1","agent_id":"a1","attempt":1,"progress":100,"cost_usd":0.000000001,
             "customer_experience_index":4.5,"experience_notes":"fine","time_to_feature":12,"resolved":{"reason":"ok","by":"ann"},
             "inputs_summary":{"b":1.0,"a":[null,"é\n"]},"outputs_summary":"text","effectiveness":{"first_pass_success":true,"accuracy":0.97,"throughput_delta":-2.5},
             "diagnostics":{"trace_id":"trc-1","resource_usage":{"tokens":3124,"compute_ms":480}},"tags":["=1+1","prod"],
             "annotations":[{"author":"ann","note":"look","at":"2026-11-01T11:00:00Z"}],
             "steps":[{"id":"s1","name":"read","type":"io","status":"completed","started_at":"2026-11-01T10:00:00.123456Z","completed_at":"2026-11-01T10:00:01Z","io":{"input_redacted":{"x":1},"output_redacted":[1,2]}},
                      {"id":"s2","name":"ask","type":"model","parent_step_id":"s1","status":"completed","started_at":"2026-11-01T10:00:01Z","completed_at":"2026-11-01T10:00:03Z","tokens_in":100,"tokens_out":20,"cost_usd":0.25,
                       "details":{"model":"gpt-4o","endpoint":"https://api.example.com","parameters_redacted":{"temperature":0}},"io":{"input_redacted":{"prompt":"hi"},"output_redacted":"hello"},
                       "validation":{"passed":false,"score":0.4,"reasons":["short"]}},
                      {"id":"s3","name":"look_up","type":"tool","status":"completed","started_at":"2026-11-01T10:00:03Z","completed_at":"2026-11-01T10:00:04Z","retries":2,"details":{"tool":"search"},"node_id":"n3","label":"Look up"}]}
            """,
            """
            {"id":"first","workflow_name":"retry","status":"failed","started_at":"2026-11-02T10:00:00Z","completed_at":"2026-11-02T10:00:01Z","business_event_id":"erp:2",
             "diagnostics":{"error_code":"E1","error_message":"-broken"},"error_class":"external_api","error_stack":"at x\nat y",
             "steps":[{"id":"f1","name":"call","type":"tool","status":"failed","started_at":"2026-11-02T10:00:00Z","completed_at":"2026-11-02T10:00:01Z","diagnostics":{"error_code":"E1","error_message":"-broken"},"error_stack":"at x"}]}
            """,
            """{"id":"second","workflow_name":"retry","status":"completed","started_at":"2026-11-02T11:00:00Z","completed_at":"2026-11-02T11:00:01Z","business_event_id":"erp:2"}""",
            """{"id":"child","workflow_name":"retry","status":"canceled","started_at":"2026-11-02T12:00:00Z","completed_at":"2026-11-02T12:00:01Z","parent_run_id":"second"}""",
            """{"id":"batch","workflow_name":"bulk","status":"completed","batch_id":"b1","started_at":"2026-11-03T10:00:00Z","completed_at":"2026-11-03T10:00:01Z"}""",
            """{"id":"queued","workflow_name":"later","status":"queued","created_at":"2026-11-04T10:00:00Z"}""",
            """{"id":"@odd","workflow_name":"＝full-width","status":"running","started_at":"2026-11-05T10:00:00Z","actor":"+1 x","owner":"-5"}""",
        ];
        foreach (var body in bodies)
        {
            var reply = await client.PostAsync("/api/runs", body.ReplaceLineEndings(" "));
            Assert.True(reply.Status is 200 or 201, reply.Json?.ToJsonString());
        }
    }

    /// <summary>More runs than a page has.</summary>
    public static async Task ManyAsync(HttpClient client, int count)
    {
        var lines = Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"m{{i:D5}}","workflow_name":"many","status":"completed","started_at":"2026-10-01T00:{{i / 60 % 60:D2}}:{{i % 60:D2}}Z","duration_ms":{{i}}}"""));
        var reply = await client.PostAsync("/api/runs", string.Join('\n', lines), "application/x-ndjson");
        Assert.Equal(200, reply.Status);
    }

    /// <summary>Every run with its steps as the API gives them, but for what the server alone decides.</summary>
    public static async Task<SortedDictionary<string, string>> DocumentsAsync(HttpClient client)
    {
        var documents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var (token, more) = ("", true); more;)
        {
            var page = (await client.ReadAsync("/api/runs?lane=all&limit=200" + token)).Json!;
            foreach (var run in page["runs"]!.AsArray())
            {
                var id = Uri.EscapeDataString((string)run!["id"]!);
                var whole = (await client.ReadAsync("/api/runs/" + id)).Json!.AsObject();
                foreach (var own in new[] { "updated_at", "tenant_id" }) whole.Remove(own);
                documents[(string)run["id"]!] = whole.ToJsonString() + (await client.ReadAsync($"/api/runs/{id}/steps")).Json!["steps"]!.ToJsonString();
            }

            more = page["next_token"] is not null;
            token = more ? "&next_token=" + (string)page["next_token"]! : "";
        }

        return documents;
    }
}
