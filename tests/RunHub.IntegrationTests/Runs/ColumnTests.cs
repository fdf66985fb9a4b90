using System.Net;
using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.IntegrationTests.Api;

namespace RunHub.IntegrationTests.Runs;

/// <summary>The columns of the list: chosen, kept, in the address, out of inputs and outputs.</summary>
public sealed class ColumnTests
{
    [Theory, Engines]
    public async Task Any_field_and_any_place_of_input_and_output_is_a_column(string engine)
    {
        await using var hub = await FilledAsync(engine);
        using var ana = await hub.SignInAsync(Role.Operator);
        var page = await ViewTests.ParseAsync(await ana.GetStringAsync("/runs?columns=" + Uri.EscapeDataString("""status,tokens,cost_usd,input.customer.name,output.items[0].total,output["a,b"],models,error_class,completed_at,resolved""")));
        Assert.Equal(["status", "id", "tokens", "cost_usd", "input.customer.name", "output.items[0].total", "output[\"a,b\"]", "models", "error_class", "completed_at", "resolved"],
            page.QuerySelectorAll("thead th[data-col]").Select(th => th.GetAttribute("data-col")));
        var row = page.QuerySelector("tr[data-id=r1]")!;
        var cells = row.QuerySelectorAll("td").Select(td => td.TextContent).ToList();
        Assert.Equal("12,345", cells[2]);
        Assert.Equal("$0.0500", cells[3]);
        Assert.Equal("<b>Ana</b>", cells[4]);
        Assert.Equal("12.50", cells[5]);
        Assert.True(row.QuerySelectorAll("td")[5].ClassList.Contains("num"));
        Assert.Equal("comma", cells[6]);
        Assert.Equal("external_api", cells[8]);
        Assert.Equal("", page.QuerySelector("tr[data-id=r2]")!.QuerySelectorAll("td")[4].TextContent);
        Assert.Equal("…", page.QuerySelector("tr[data-id=big]")!.QuerySelectorAll("td")[4].TextContent);
        Assert.NotNull(page.QuerySelector("tr[data-id=big] abbr[title]"));
        Assert.NotNull(page.QuerySelector("tr[data-id=r1] .pick"));
        Assert.NotNull(page.QuerySelector("tr[data-id=r1] a[href='/runs/r1']"));
        // Every link of the list keeps the columns.
        foreach (var link in page.QuerySelectorAll("#status-failed, #sort-Status, #type-all, #lane-all")) Assert.Contains("columns=status,id,tokens", link.GetAttribute("href"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task What_somebody_chose_is_kept_for_them_and_stands_in_the_address(string engine)
    {
        await using var hub = await FilledAsync(engine);
        using var ana = await hub.SignInAsync(Role.Viewer);
        using var ben = await hub.SignInAsync(Role.Viewer);
        const string menu = "/runs/columns?status=failed";
        Assert.Contains("input.customer.name", await ana.GetStringAsync("/runs/columns"), StringComparison.Ordinal);
        var added = await FormAsync(ana, menu, [("columns", "status"), ("columns", "id"), ("path", "$.input.customer.name"), ("add", "1"), ("filter", "status=failed")]);
        Assert.NotNull((await ViewTests.ParseAsync(await added.Content.ReadAsStringAsync())).QuerySelector("input[value='input.customer.name'][checked]"));
        var moved = await FormAsync(ana, menu, [("columns", "status"), ("columns", "id"), ("columns", "tokens"), ("up", "tokens"), ("filter", "status=failed")]);
        Assert.Equal(["status", "tokens", "id"], (await ViewTests.ParseAsync(await moved.Content.ReadAsStringAsync())).QuerySelectorAll(".columns-chosen li input[type=checkbox]").Select(i => i.GetAttribute("value")));
        var wrong = await FormAsync(ana, menu, [("columns", "id"), ("path", "input..x"), ("add", "1")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Equal("input..x", (await ViewTests.ParseAsync(await wrong.Content.ReadAsStringAsync())).QuerySelector("#column-path[aria-invalid]")!.GetAttribute("value"));

        var kept = await FormAsync(ana, menu, [("columns", "status"), ("columns", "tokens"), ("columns", "id"), ("width:tokens", "140"), ("apply", "1"), ("filter", "status=failed")]);
        Assert.Equal("/runs?status=failed&columns=status,tokens,id", kept.Headers.Location!.ToString());
        var mine = (await ViewTests.ParseAsync(await ana.GetStringAsync("/runs"))).QuerySelector("#runs")!;
        Assert.Equal("/runs?columns=status,tokens,id", mine.GetAttribute("data-url"));
        Assert.Equal("140:tokens", mine.GetAttribute("data-widths"));
        Assert.Equal(3, mine.QuerySelectorAll("thead th[data-col]").Length);
        Assert.Equal(10, (await ViewTests.ParseAsync(await ben.GetStringAsync("/runs"))).QuerySelectorAll("thead th[data-col]").Length);
        Assert.Equal(3, (await ViewTests.ParseAsync(await ben.GetStringAsync("/runs?columns=status,tokens,id"))).QuerySelectorAll("thead th[data-col]").Length);

        var usual = await FormAsync(ana, menu, [("columns", "id"), ("reset", "1"), ("filter", "")]);
        Assert.Equal("/runs", usual.Headers.Location!.ToString());
        Assert.Equal("", (await ViewTests.ParseAsync(await ana.GetStringAsync("/runs"))).QuerySelector("#runs")!.GetAttribute("data-widths"));
    }

    [Theory, Engines]
    public async Task More_rows_and_searches_have_the_same_columns(string engine)
    {
        await using var hub = await FilledAsync(engine, more: 70);
        using var ana = await hub.SignInAsync(Role.Viewer);
        var page = await ViewTests.ParseAsync(await ana.GetStringAsync("/runs?columns=id,input.n"));
        using var request = new HttpRequestMessage(HttpMethod.Get, page.QuerySelector("#load-more")!.GetAttribute("href"));
        request.Headers.Add("HX-Request", "true");
        request.Headers.Add("HX-Target", "rows");
        using var answer = await ana.SendAsync(request);
        var rows = (await ViewTests.ParseAsync("<table><tbody>" + await answer.Content.ReadAsStringAsync())).QuerySelectorAll("tr[data-id]");
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(3, row.QuerySelectorAll("td").Length));
        Assert.Contains(rows, row => row.QuerySelectorAll("td")[1].TextContent.Length > 0);
    }

    [Theory, Engines]
    public async Task A_csv_has_the_columns_of_the_list_when_asked(string engine)
    {
        await using var hub = await FilledAsync(engine);
        using var key = await hub.KeyAsync();
        var csv = await key.GetStringAsync("/api/runs/export?format=csv&q=r1&columns=" + Uri.EscapeDataString("id,input.customer.name,output.items[0].total,models,failed_node,output.items"));
        Assert.Equal("id,input.customer.name,output.items[0].total,models,failed_node,output.items\r\nr1,<b>Ana</b>,12.50,,,\"[{\"\"total\"\":12.50}]\"\r\n", csv);
        var wrong = await key.ReadAsync("/api/runs/export?format=csv&columns=colour");
        Assert.Equal((400, "query.columns"), (wrong.Status, wrong.Path));
        // The API lets the address of a page be used as it is.
        Assert.Equal(200, (await key.ReadAsync("/api/runs?status=failed&columns=id,tokens")).Status);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("input[")]
    [InlineData("<script>")]
    [InlineData("input.a\u0000")]
    public async Task Rubbish_is_said_to_be_rubbish(string columns)
    {
        await using var hub = await FilledAsync("Sqlite");
        using var ana = await hub.SignInAsync(Role.Viewer);
        using var answer = await ana.GetAsync("/runs?columns=" + Uri.EscapeDataString(columns));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("columns", (await ViewTests.ParseAsync(await answer.Content.ReadAsStringAsync())).QuerySelector("[role=alert].empty")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await ana.GetAsync("/runs?columns=" + new string('x', 5000))).StatusCode);
    }

    [Fact]
    public async Task What_has_no_room_in_an_address_is_refused_before_it_is_kept()
    {
        await using var hub = await FilledAsync("Sqlite");
        using var ana = await hub.SignInAsync(Role.Viewer);
        // Nine characters each in an address.
        static string Path(int i) => "output." + new string((char)(0x4e00 + i), 200);
        static (string, string)[] Form(int paths) => [.. Enumerable.Range(0, paths).Select(i => ("columns", Path(i))), ("columns", "id"), ("apply", "1")];
        var refused = await FormAsync(ana, "/runs/columns", Form(3));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("address", (await ViewTests.ParseAsync(await refused.Content.ReadAsStringAsync())).QuerySelector("#column-fault")!.TextContent, StringComparison.Ordinal);
        Assert.Null((await ViewTests.ParseAsync(await ana.GetStringAsync("/runs"))).QuerySelector("[data-col^='output']"));
        // As much as is let through can be shared, and its rows can be asked for with the longest ids.
        using var kept = await FormAsync(ana, "/runs/columns", Form(2));
        Assert.True(kept.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.OK, kept.StatusCode.ToString());
        var list = await ViewTests.ParseAsync(await ana.GetStringAsync("/runs"));
        Assert.Equal(2, list.QuerySelectorAll("[data-col^='output']").Length);
        Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync(list.QuerySelector("#runs")!.GetAttribute("data-url"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync($"/runs/rows?columns={Uri.EscapeDataString($"{Path(0)},{Path(1)}")}&id={Uri.EscapeDataString(new string('\u4e00', 128))}&id={Uri.EscapeDataString(new string('\u4e01', 128))}")).StatusCode);
    }

    static async Task<HttpResponseMessage> FormAsync(HttpClient client, string page, (string, string)[] fields)
    {
        var token = (await ViewTests.ParseAsync(await client.GetStringAsync(page))).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var content = new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", token)).Select(f => KeyValuePair.Create(f.Item1, f.Item2)));
        return await client.PostAsync("/runs/columns", content);
    }

    static async Task<TestHub> FilledAsync(string engine, int more = 0)
    {
        var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        var runs = new JsonArray(
            JsonNode.Parse("""
                {"id":"r1","workflow_name":"invoice","status":"failed","error_class":"external_api","completed_at":"2026-01-01T00:00:00Z","diagnostics":{"resource_usage":{"tokens":12345}},"cost_usd":0.05,
                 "inputs_summary":{"customer":{"name":"<b>Ana</b>"}},"outputs_summary":{"items":[{"total":12.50}],"a,b":"comma"}}
                """),
            JsonNode.Parse("""{"id":"r2","workflow_name":"invoice","status":"completed","inputs_summary":["no object"]}"""),
            new JsonObject { ["id"] = "big", ["workflow_name"] = "invoice", ["inputs_summary"] = new JsonObject { ["pad"] = new string('x', 400_000), ["customer"] = new JsonObject { ["name"] = "far" } } });
        for (var i = 0; i < more; i++) runs.Add(JsonNode.Parse($$$"""{"id":"m{{{i}}}","workflow_name":"more","inputs_summary":{"n":{{{i}}}}}"""));
        var answer = await key.PostAsync("/api/runs", runs.ToJsonString());
        Assert.True(answer.Status == 200 && answer.Json!["rejected"]!.AsArray().Count == 0, answer.Json?.ToJsonString());
        return hub;
    }
}
