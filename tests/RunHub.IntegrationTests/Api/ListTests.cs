using System.Text.Json.Nodes;

namespace RunHub.IntegrationTests.Api;

public sealed class ListTests
{
    [Theory, Engines]
    public async Task Lists_newest_first_in_pages_that_neither_skip_nor_repeat(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var runs = string.Join(',', Enumerable.Range(0, 25).Select(i => $$"""{"id":"r{{i:00}}","workflow_name":"w","started_at":"2025-01-01T00:00:{{i:00}}Z","status":"{{(i % 2 == 0 ? "failed" : "completed")}}"}"""));
        await client.PostAsync("/api/runs", $"[{runs}]");
        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = (await client.ReadAsync($"/api/runs?status=failed&limit=5&next_token={token}")).Json!;
            seen.AddRange(page["runs"]!.AsArray().Select(r => (string)r!["id"]!));
            token = (string?)page["next_token"];
            // What arrives between two pages does not move them.
            await client.PostAsync("/api/runs", $$"""{"workflow_name":"w","status":"failed","started_at":"2025-01-01T00:01:00Z"}""");
        }
        while (token is not null);
        Assert.Equal(Enumerable.Range(0, 13).Select(i => $"r{24 - 2 * i:00}"), seen);
    }

    [Theory, Engines]
    public async Task Payloads_and_notes_come_only_when_asked_for(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync(tenant: "acme-inc");
        await client.PostAsync("/api/runs", DocumentExamplesTests.Run);
        var plain = (await client.ReadAsync("/api/runs")).Json!["runs"]![0]!.AsObject();
        Assert.False(plain.ContainsKey("inputs_summary") || plain.ContainsKey("outputs_summary") || plain.ContainsKey("annotations"));
        var posted = JsonNode.Parse(DocumentExamplesTests.Run)!.AsObject();
        foreach (var name in new[] { "inputs_summary", "outputs_summary", "annotations" }) posted.Remove(name);
        ApiHttp.AssertHas(posted, plain);
        ApiHttp.AssertHas(JsonNode.Parse(DocumentExamplesTests.Run), (await client.ReadAsync("/api/runs?include=payloads")).Json!["runs"]![0]);
    }

    [Theory, Engines]
    public async Task Only_the_callers_tenant_is_listed(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var (acme, beta) = (await hub.KeyAsync(tenant: "acme"), await hub.KeyAsync(tenant: "beta"));
        await acme.PostAsync("/api/runs", """{"id":"r","workflow_name":"w"}""");
        Assert.Empty((await beta.ReadAsync("/api/runs")).Json!["runs"]!.AsArray());
        Assert.Equal(404, (await beta.ReadAsync("/api/runs/r")).Status);
        Assert.Equal(404, (await beta.ReadAsync("/api/runs/r/steps")).Status);
        Assert.Equal(404, (await beta.PatchAsync("/api/runs/r", """{"owner":"x"}""")).Status);
        Assert.Equal(404, (await beta.ReadAsync("/t/acme/api/runs/r")).Status);
        Assert.Equal(200, (await acme.ReadAsync("/t/acme/api/runs/r")).Status);
        Assert.Equal((403, "query.tenant"), ((await beta.ReadAsync("/api/runs?tenant=acme")) is var r ? r.Status : 0, r.Path));
        Assert.Equal(200, (await acme.ReadAsync("/api/runs?tenant=acme")).Status);
    }
}
