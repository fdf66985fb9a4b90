using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Transfer;

public sealed class ExportTests
{
    [Theory, Engines]
    public async Task Every_run_of_the_filter_is_in_the_file_once_however_many_there_are(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await TransferSeed.ManyAsync(client, 1234);
        using var answer = await client.GetAsync("/api/runs/export?workflow=many&limit=7&sort=-duration");
        Assert.Equal("1234", answer.Headers.GetValues("RunHub-Rows").Single());
        Assert.Matches("^attachment; filename=\"runs_acme_.*\\.ndjson\"; filename\\*=UTF-8''runs_acme_.*\\.ndjson$", answer.Content.Headers.GetValues("Content-Disposition").Single());
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("", lines[^1]);
        var ids = lines[..^1].Select(l => (string)JsonNode.Parse(l)!["id"]!).ToList();
        Assert.Equal(Enumerable.Range(0, 1234).Reverse().Select(i => $"m{i:D5}"), ids);
        Assert.Equal("m00000", (string)JsonNode.Parse((await client.GetStringAsync("/api/runs/export?sort=started_at")).Split('\n')[0])!["id"]!);

        var some = JsonNode.Parse(await client.GetStringAsync("/api/runs/export?format=json&from=2026-10-01T00:20:00Z"))!.AsArray();
        Assert.Equal(34, some.Count);
        Assert.Empty(JsonNode.Parse(await client.GetStringAsync("/api/runs/export?format=json&workflow=nothing"))!.AsArray());
    }

    [Theory, Engines]
    public async Task A_version_that_came_as_a_number_is_one_in_the_file_and_after_it_was_taken_back(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        await client.PostAsync("/api/runs", """[{"id":"number","workflow_name":"w","workflow_version":1.80},{"id":"text","workflow_name":"w","workflow_version":"1.80"}]""");
        // An adapter's word is not taken for it.
        var caller = new Caller(CallerKind.Key, 1, "tests", await hub.TenantAsync(), Role.None, KeyScopes.Admin, false);
        await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = [new RunWrite { Id = "odd", WorkflowName = "w", WorkflowVersion = "1,2", WorkflowVersionIsNumber = true }] }, atomic: true, default);
        var file = await client.GetStringAsync("/api/runs/export?include=payloads,steps");
        await other.PostAsync("/api/runs?as_is=true", file.Replace("\"tenant_id\":\"acme\"", "\"tenant_id\":\"beta\"", StringComparison.Ordinal), "application/x-ndjson");
        foreach (var (reader, lines) in new[] { (client, file), (other, await other.GetStringAsync("/api/runs/export?include=payloads,steps")) })
        {
            var versions = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToDictionary(r => (string)r["id"]!, r => r["workflow_version"]!.ToJsonString());
            Assert.Equal(("1.80", "\"1.80\"", "\"1,2\""), (versions["number"], versions["text"], versions["odd"]));
            Assert.Equal("1.80", (string)(await reader.ReadAsync("/api/runs/number")).Json!["workflow_version"]!);
        }
    }

    [Theory, Engines]
    public async Task Csv_follows_rfc_4180_and_guards_against_formulas(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await TransferSeed.FillAsync(client);
        using var answer = await client.GetAsync("/api/runs/export?format=csv&lane=all&sort=started_at&columns=id,workflow_name,actor,owner,tags,error_message,throughput_delta,cost_usd");
        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        var rows = text.Split("\r\n");
        Assert.Equal("id,workflow_name,actor,owner,tags,error_message,throughput_delta,cost_usd", rows[0]);
        Assert.Equal("full,\"invoice, \"\"quoted\"\"\",human,bob,\"'=1+1; prod\",,-2.5,0.000000001", rows[1]);
        Assert.Contains("\"'-broken\"", rows[2], StringComparison.Ordinal);
        Assert.Contains("\"'@odd\",\"'＝full-width\",\"'+1 x\",\"'-5\"", text, StringComparison.Ordinal);
        Assert.Equal((9, ""), (rows.Length, rows[^1]));

        var exact = await client.GetByteArrayAsync("/api/runs/export?format=csv&lane=all&exact=true&bom=true");
        Assert.Equal([0xEF, 0xBB, 0xBF], exact[..3]);
        Assert.Contains("\n@odd,,workflow,＝full-width,", System.Text.Encoding.UTF8.GetString(exact), StringComparison.Ordinal);
        var all = await client.GetStringAsync("/api/runs/export?format=csv&lane=all&include=payloads&workflow=invoice*");
        Assert.Contains("\"{\"\"b\"\":1.0,\"\"a\"\":[null,\"\"", all, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Wrong_parameters_are_told_before_the_file_begins(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        foreach (var (query, path) in new[] { ("format=xlsx", "query.format"), ("include=everything", "query.include"), ("columns=id,nope", "query.columns"), ("statis=failed", "query.statis"), ("bom=perhaps", "query.bom"), ("tag=/(/", "query.tag") })
        {
            var reply = await client.ReadAsync("/api/runs/export?" + query);
            Assert.Equal((400, path), (reply.Status, reply.Path));
        }

        Assert.Equal(403, (await client.ReadAsync("/api/runs/export?tenant=globex")).Status);
        Assert.Equal(403, (await (await hub.KeyAsync(KeyScopes.Ingest)).ReadAsync("/api/runs/export")).Status);
    }

    [Theory, Engines]
    public async Task Another_tenants_runs_are_in_no_file(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await TransferSeed.FillAsync(await hub.KeyAsync());
        await TransferSeed.ManyAsync(await hub.KeyAsync(tenant: "globex"), 3);
        foreach (var format in new[] { "csv", "json", "ndjson", "otlp" })
        {
            var text = await (await hub.KeyAsync(tenant: "globex")).GetStringAsync($"/api/runs/export?format={format}&lane=all&include=payloads,steps");
            Assert.Contains("m00002", text, StringComparison.Ordinal);
            Assert.DoesNotContain("retry", text, StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task A_run_of_very_many_steps_is_written_whole(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        for (var part = 0; part < 3; part++)
        {
            var from = part * 1000;
            var steps = string.Join(',', Enumerable.Range(from, 1000).Select(i => $$"""{"id":"s{{i}}","name":"step","type":"io","status":"completed","io":{"output_redacted":"{{new string('x', 200)}}"} }"""));
            Assert.InRange((await client.PostAsync("/api/runs", $$"""{"id":"long","workflow_name":"w","status":"running","steps":[{{steps}}]}""")).Status, 200, 201);
        }

        var run = JsonNode.Parse(await client.GetStringAsync("/api/runs/export?include=steps"))!;
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"s{i}"), run["steps"]!.AsArray().Select(s => (string)s!["id"]!));
    }

    [Fact]
    public async Task A_file_that_breaks_off_is_seen_to_have_broken_off()
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync();
        await TransferSeed.FillAsync(client);
        await TransferSeed.ManyAsync(client, 500);
        await hub.Get<WriteLane>().Run<int>(async (scope, ct) => await scope.Sql.Prepare("UPDATE payloads SET data = @data").With(new byte[] { 1, 2, 3 }).ExecuteAsync(ct), default);
        using var answer = await client.GetAsync("/api/runs/export?include=payloads&sort=started_at", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync());
    }

    [Theory, Engines]
    public async Task The_list_offers_the_file_of_its_filter_without_scripts(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await TransferSeed.ManyAsync(await hub.KeyAsync(), 120);
        var browser = await hub.SignInAsync();
        var parser = new HtmlParser();
        using var page = await parser.ParseDocumentAsync(await browser.GetStringAsync("/runs?workflow=many&from=2026-10-01T00:01:40Z"));
        var form = page.QuerySelector(".export-menu form")!;
        Assert.Equal("20 runs of this list", string.Join(' ', form.QuerySelector(".export-count")!.TextContent.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)));
        var fields = form.QuerySelectorAll("input").Where(i => i.GetAttribute("type") == "hidden" || i.HasAttribute("checked")).Select(i => $"{i.GetAttribute("name")}={Uri.EscapeDataString(i.GetAttribute("value")!)}");
        var file = await browser.GetStringAsync($"{form.GetAttribute("action")}?{string.Join('&', fields)}");
        Assert.StartsWith("id,name,type,", file, StringComparison.Ordinal);
        Assert.Equal(21, file.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);

        using var more = await parser.ParseDocumentAsync(await browser.GetStringAsync("/runs"));
        Assert.StartsWith("50+", more.QuerySelector(".export-count")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("<strong>120</strong>", await browser.GetStringAsync(more.QuerySelector(".export-menu [hx-get]")!.GetAttribute("hx-get")), StringComparison.Ordinal);
    }
}
