using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RunHub.IntegrationTests.Api;
using RunHub.IntegrationTests.Otlp;

namespace RunHub.IntegrationTests.Transfer;

public sealed class OtlpExportTests
{
    // The names of the proto, in lowerCamelCase; STANDARDS of OTLP/HTTP.
    static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "resourceSpans", "resource", "scopeSpans", "attributes", "key", "value", "scope", "name", "version", "spans", "traceId", "spanId", "parentSpanId", "traceState", "flags", "kind",
        "startTimeUnixNano", "endTimeUnixNano", "events", "timeUnixNano", "links", "status", "message", "code",
        "stringValue", "intValue", "doubleValue", "boolValue", "arrayValue", "kvlistValue", "values",
    };

    [Theory, Engines]
    public async Task Spans_come_out_as_the_spans_that_came_in(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SeedTracesAsync(client);
        var file = await client.GetStringAsync("/api/runs/export?format=otlp");

        await using var other = await TestHub.StartAsync(engine);
        await ReplayAsync(await other.KeyAsync(), file);
        Assert.Equal(await hub.PictureAsync("acme"), await other.PictureAsync("acme"));
    }

    [Theory, Engines]
    public async Task A_reported_run_becomes_a_trace_with_the_same_tree(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await TransferSeed.FillAsync(client);
        var file = await client.GetStringAsync("/api/runs/export?format=otlp&lane=all");
        foreach (var line in Lines(file)) Check(JsonNode.Parse(line)!, "$");

        await using var other = await TestHub.StartAsync(engine);
        var target = await other.KeyAsync();
        await ReplayAsync(target, file);
        await ReplayAsync(target, file); // the same ids: nothing twice
        var runs = (await target.ReadAsync("/api/runs?lane=all")).Json!["runs"]!.AsArray();
        Assert.Equal(7, runs.Count);
        var run = runs.Single(r => (string?)r!["name"] == "a \"name\"")!;
        Assert.Equal(("completed", "invoice, \"quoted\"", "1.8", "stage", "t1"), ((string?)run["status"], (string?)run["workflow_name"], (string?)run["workflow_version"], (string?)run["environment"], (string?)run["thread_id"]));
        var whole = (await target.ReadAsync("/api/runs/" + run["id"])).Json!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"b":1.0,"a":[null,"é\n"]}"""), whole["inputs_summary"]));
        Assert.Equal("text", (string?)whole["outputs_summary"]);
        Assert.Equal(120, (int)whole["total_tokens"]!);
        Assert.Equal(0.25m, (decimal)whole["cost_usd"]!);
        var steps = (await target.ReadAsync($"/api/runs/{run["id"]}/steps")).Json!["steps"]!.AsArray();
        Assert.Equal(["a \"name\" io", "read io", "ask model", "look_up tool"], steps.Select(s => $"{s!["name"]} {s["type"]}"));
        Assert.Equal((string)steps[1]!["id"]!, (string)steps[2]!["parent_step_id"]!);
        Assert.Equal((string)steps[0]!["id"]!, (string)steps[1]!["parent_step_id"]!);
        Assert.Equal(("gpt-4o", "search"), ((string)steps[2]!["details"]!["model"]!, (string)steps[3]!["details"]!["tool"]!));
        Assert.Equal("hello", (string)steps[2]!["io"]!["output_redacted"]!);
        var failed = runs.Single(r => (string?)r!["status"] == "failed")!;
        Assert.Equal(("-broken", "E1"), ((string?)failed["diagnostics"]!["error_message"], (string?)failed["diagnostics"]!["error_code"]));
    }

    static async Task SeedTracesAsync(HttpClient client)
    {
        const string Trace = "5b8efff798038103d269b633813fc60c";
        var body = $$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"agent"} },{"key":"host.cpus","value":{"intValue":"4"} }]},"scopeSpans":[{"scope":{"name":"sdk","version":"1.2"},"spans":[
              {"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa1","name":"invoke_agent","kind":1,"startTimeUnixNano":"1761646442000000001","endTimeUnixNano":"1761646449000000002","attributes":[
                {"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"} },{"key":"gen_ai.agent.name","value":{"stringValue":"planner"} },{"key":"ratio","value":{"doubleValue":2.0} },
                {"key":"list","value":{"arrayValue":{"values":[{"intValue":1},{"boolValue":true},{"stringValue":"x"}]} } },{"key":"session.id","value":{"stringValue":"s-1"} }],
                "links":[{"traceId":"{{Trace.Replace('5', '6')}}","spanId":"bbbbbbbbbbbbbbb1","attributes":[{"key":"why","value":{"stringValue":"retry"} }]}],"status":{"code":1} },
              {"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa2","parentSpanId":"aaaaaaaaaaaaaaa1","name":"chat gpt-4o","kind":3,"startTimeUnixNano":"1761646443000000000","endTimeUnixNano":"1761646444000000000","attributes":[
                {"key":"gen_ai.operation.name","value":{"stringValue":"chat"} },{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"} },{"key":"gen_ai.request.temperature","value":{"doubleValue":0.5} },
                {"key":"gen_ai.usage.input_tokens","value":{"intValue":"12"} },{"key":"gen_ai.usage.output_tokens","value":{"intValue":3} },
                {"key":"gen_ai.input.messages","value":{"stringValue":"[{\"role\":\"user\",\"content\":\"hi\"}]"} },{"key":"gen_ai.output.messages","value":{"stringValue":"[{\"role\":\"assistant\"}]"} }] },
              {"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa3","parentSpanId":"aaaaaaaaaaaaaaa1","name":"execute_tool","kind":1,"startTimeUnixNano":"1761646445000000000","endTimeUnixNano":"1761646446000000000","attributes":[
                {"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"} },{"key":"gen_ai.tool.name","value":{"stringValue":"search"} },{"key":"gen_ai.tool.call.arguments","value":{"stringValue":"{\"q\":1}"} }],
                "events":[{"timeUnixNano":"1761646445500000000","name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"Timeout"} },{"key":"exception.message","value":{"stringValue":"slow"} },{"key":"exception.stacktrace","value":{"stringValue":"at x"} }]}],
                "status":{"code":2,"message":"too slow"} },
              {"traceId":"{{Trace}}","spanId":"aaaaaaaaaaaaaaa4","parentSpanId":"aaaaaaaaaaaaaaa3","name":"GET","kind":3,"startTimeUnixNano":"1761646445100000000","endTimeUnixNano":"1761646445200000000","attributes":[{"key":"url.full","value":{"stringValue":"https://x"} }] }
            ]}]}]}
            """;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/v1/traces", content)).StatusCode);
    }

    static async Task ReplayAsync(HttpClient client, string file)
    {
        foreach (var line in Lines(file))
        {
            using var content = new StringContent(line, Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync("/v1/traces", content);
            Assert.Equal((HttpStatusCode.OK, "{}"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
    }

    static string[] Lines(string file) => file.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>No member that OTLP does not know, ids in hex, 64-bit numbers as text.</summary>
    static void Check(JsonNode? node, string path)
    {
        if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++) Check(list[i], $"{path}[{i}]");
        }
        else if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                Assert.True(Names.Contains(name), $"{path}.{name} is no name of OTLP");
                if (name == "traceId") Assert.Matches("^[0-9a-f]{32}$", (string)value!);
                if (name is "spanId" or "parentSpanId") Assert.Matches("^[0-9a-f]{16}$", (string)value!);
                if (name is "intValue" or "startTimeUnixNano" or "endTimeUnixNano" or "timeUnixNano") Assert.Matches("^-?[0-9]+$", (string)value!);
                Check(value, path + "." + name);
            }
        }
    }
}
