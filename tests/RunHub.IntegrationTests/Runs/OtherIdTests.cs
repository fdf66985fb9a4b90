using System.Net;
using RunHub.Access;
using RunHub.IntegrationTests.Api;
using RunHub.IntegrationTests.Otlp;
using RunHub.Store;

namespace RunHub.IntegrationTests.Runs;

/// <summary>Ids that lead to a run beside its own: those of duplicates, and the one its trace gave it.</summary>
public sealed class OtherIdTests
{
    const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Theory, Engines]
    public async Task A_change_to_a_run_that_is_not_there_takes_over_no_other(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.SendAsync(TraceMaker.Span(Trace, 1, 0, "agent", 0, 60));
        var made = (await hub.RunOfAsync(Trace)).Run.Id!;
        Assert.Equal(404, (await client.PatchAsync("/api/runs/nonexist_1", $$$"""{"diagnostics":{"trace_id":"{{{Trace}}}"}}""")).Status);
        Assert.Equal(made, (await hub.RunOfAsync(Trace)).Run.Id);
        Assert.Equal(404, (await client.ReadAsync("/api/runs/nonexist_1")).Status);
    }

    [Theory, Engines]
    public async Task Links_to_a_traces_run_go_on_leading_to_it_after_a_report_took_it_over(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.SendAsync(TraceMaker.Span(Trace, 1, 0, "agent", 0, 60));
        var made = (await hub.RunOfAsync(Trace)).Run.Id!;
        Assert.Equal(200, (await client.PostAsync("/api/runs", $$$"""{"id":"mine","workflow_name":"w","diagnostics":{"trace_id":"{{{Trace}}}"},"logs":[{"msg":"hello"}]}""")).Status);
        await LeadsToAsync(hub, client, made, "mine");
        // It is the same run: what is sent under the old id reaches it.
        Assert.Equal(200, (await client.PatchAsync($"/api/runs/{made}", """{"owner":"ana"}""")).Status);
        Assert.Equal("ana", (string?)(await client.ReadAsync("/api/runs/mine")).Json!["owner"]);
        Assert.Equal(200, (await client.PostAsync($"/api/runs/{made}/tags", """{"add":["x"]}""")).Status);
        Assert.Equal("x", (string?)(await client.ReadAsync("/api/runs/mine")).Json!["tags"]![0]);
        // And nobody's duplicate.
        Assert.Equal(0, (int)(await client.ReadAsync("/api/runs/mine/lineage")).Json!["duplicates"]!["total"]!);
        Assert.Equal(404, (await (await hub.KeyAsync(tenant: "other")).ReadAsync("/api/runs/" + made)).Status);
    }

    [Theory, Engines]
    public async Task A_duplicates_id_leads_to_the_run_that_answered_it(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """[{"id":"first","workflow_name":"w","business_event_id":"e","steps":[{"id":"s","name":"n"}]},{"id":"dup","workflow_name":"w","business_event_id":"e"}]""");
        await client.PostAsync("/api/runs/first/logs", """{"msg":"hello"}""");
        await LeadsToAsync(hub, client, "dup", "first");
        Assert.Equal("first", (string?)(await client.ReadAsync("/api/runs/dup/steps")).Json!["steps"]![0]!["run_id"]);
    }

    [Theory, Engines]
    public async Task A_duplicates_id_goes_with_the_newest_answer_until_it_is_a_run_of_its_own(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        const string dup = """{"id":"dup","workflow_name":"w","business_event_id":"e"}""";
        await client.PostAsync("/api/runs", """{"id":"first","workflow_name":"w","business_event_id":"e"}""");
        await client.PostAsync("/api/runs", dup);
        await client.PatchAsync("/api/runs/first", """{"status":"failed"}""");
        await client.PostAsync("/api/runs", """{"id":"second","workflow_name":"w","business_event_id":"e"}""");
        Assert.Equal("second", (string?)(await client.PostAsync("/api/runs", dup)).Json!["id"]);
        Assert.Equal("second", (string?)(await client.PatchAsync("/api/runs/dup", """{"owner":"ana"}""")).Json!["id"]);
        Assert.Equal("second", (string?)(await client.ReadAsync("/api/runs/dup")).Json!["id"]);
        Assert.Equal(0, (int)(await client.ReadAsync("/api/runs/first/lineage")).Json!["duplicates"]!["total"]!);

        await client.PatchAsync("/api/runs/second", """{"status":"failed"}""");
        Assert.Equal(201, (await client.PostAsync("/api/runs", dup)).Status);
        Assert.Equal(("dup", 3), (await client.ReadAsync("/api/runs/dup")).Json is var own ? ((string?)own!["id"], (int)own["attempt"]!) : default);
        Assert.Equal(0, (int)(await client.ReadAsync("/api/runs/second/lineage")).Json!["duplicates"]!["total"]!);
    }

    [Theory, Engines]
    public async Task Any_number_of_children_hides_no_run_of_the_same_work(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"first","workflow_name":"w","business_event_id":"e","status":"completed","started_at":"2025-01-01T00:00:00Z"}""");
        var children = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""{"id":"c{{i}}","workflow_name":"w","business_event_id":"e","parent_run_id":"first"}"""));
        Assert.Equal(60, (int)(await client.PostAsync("/api/runs", $"[{children}]")).Json!["accepted"]!);
        Assert.Equal("first", (string?)(await client.PostAsync("/api/runs", """{"id":"again","workflow_name":"w","business_event_id":"e"}""")).Json!["id"]);
    }

    static async Task LeadsToAsync(TestHub hub, HttpClient client, string other, string id)
    {
        Assert.Equal(id, (string?)(await client.ReadAsync($"/api/runs/{other}")).Json!["id"]);
        Assert.Equal(id, (string?)(await client.ReadAsync($"/api/runs/{other}/logs")).Json!["logs"]![0]!["run_id"]);
        Assert.Equal(id, (string?)(await client.ReadAsync($"/api/runs/{other}/lineage")).Json!["id"]);
        foreach (var below in new[] { "steps", "annotations", "attachments", "checkpoints", "download", "notebook" })
            Assert.Equal((below, 200), (below, (await client.ReadAsync($"/api/runs/{other}/{below}")).Status));
        await using (var stream = await SseListener.OpenAsync(client, $"/api/runs/{other}/logs/stream"))
        {
            await client.PostAsync($"/api/runs/{id}/logs", """{"msg":"more"}""");
            Assert.Equal("more", (await stream.NextAsync("log")).Json.GetProperty("msg").GetString());
        }

        using var browser = await hub.SignInAsync(Role.Viewer);
        foreach (var query in new[] { "", "?tab=logs" })
        {
            using var page = await browser.GetAsync($"/runs/{other}{query}");
            Assert.Equal((HttpStatusCode.Redirect, $"/runs/{id}{query}"), (page.StatusCode, page.Headers.Location?.ToString()));
        }
    }
}
