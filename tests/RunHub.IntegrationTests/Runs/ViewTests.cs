using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;
using RunHub.Access;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Runs;

/// <summary>Filters with a name: private or shared, pinned, counted.</summary>
public sealed class ViewTests
{
    [Theory, Engines]
    public async Task A_view_is_saved_listed_changed_and_deleted(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var ana = await hub.SignInAsync(Role.Operator);
        var made = await ana.PostAsync("/api/views", """{"name":" Failed invoices ","filter":"?workflow=invoice*&status=failed&sort=-duration&columns=id,tokens,input.customer.name","pinned":true,"default":true}""");
        Assert.Equal(201, made.Status);
        var id = (string)made.Json!["id"]!;
        Assert.Equal("/api/views/" + id, made.Message.Headers.Location!.ToString());
        Assert.Equal("Failed invoices", (string)made.Json["name"]!);
        Assert.Equal("status=failed&workflow=invoice*&sort=-duration&columns=id,tokens,input.customer.name", (string)made.Json["filter"]!);
        Assert.True((bool)made.Json["default"]!);
        Assert.False((bool)made.Json["shared"]!);

        var changed = await ana.PatchAsync("/api/views/" + id, """{"name":"Slow invoices","filter":"workflow=invoice*&from=24h","default":false}""");
        Assert.Equal(200, changed.Status);
        Assert.Equal("workflow=invoice*&from=24h", (string)changed.Json!["filter"]!);
        Assert.True((bool)changed.Json["pinned"]!);
        Assert.False((bool)changed.Json["default"]!);
        Assert.Equal("Slow invoices", (string)(await ana.ReadAsync("/api/views")).Json!["views"]![0]!["name"]!);
        Assert.Equal(204, (await ana.CallAsync(HttpMethod.Delete, "/api/views/" + id)).Status);
        Assert.Equal(404, (await ana.ReadAsync("/api/views/" + id)).Status);
        Assert.Empty((await ana.ReadAsync("/api/views")).Json!["views"]!.AsArray());
    }

    [Theory, Engines]
    public async Task Private_ones_are_their_authors_alone_and_shared_ones_the_tenants(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var viewer = await hub.SignInAsync(Role.Viewer);
        using var author = await hub.SignInAsync(Role.Operator);
        using var colleague = await hub.SignInAsync(Role.Operator);
        using var admin = await hub.SignInAsync(Role.Admin);
        using var other = await hub.SignInAsync(Role.Admin, "beta");
        using var reading = await hub.KeyAsync(KeyScopes.Read);

        var mine = await SaveAsync(viewer, """{"name":"Mine","filter":"status=failed"}""");
        foreach (var client in new[] { author, admin, other, reading })
        {
            Assert.Equal(404, (await client.ReadAsync("/api/views/" + mine)).Status);
            Assert.Equal(404, (await client.PatchAsync("/api/views/" + mine, """{"name":"Yours"}""")).Status);
            Assert.Equal(404, (await client.CallAsync(HttpMethod.Delete, "/api/views/" + mine)).Status);
            Assert.Empty((await client.ReadAsync("/api/views")).Json!["views"]!.AsArray());
        }

        Assert.Equal(403, (await viewer.PostAsync("/api/views", """{"name":"Ours","filter":"","shared":true}""")).Status);
        Assert.Equal(403, (await viewer.PatchAsync("/api/views/" + mine, """{"shared":true}""")).Status);
        Assert.Equal(403, (await reading.PostAsync("/api/views", """{"name":"Ours","filter":"","shared":true}""")).Status);

        var ours = await SaveAsync(author, """{"name":"Ours","filter":"status=failed","shared":true}""");
        foreach (var client in new[] { viewer, colleague, reading })
        {
            var seen = (await client.ReadAsync("/api/views/" + ours)).Json!;
            Assert.Equal("Ours", (string)seen["name"]!);
            Assert.False((bool)seen["may_change"]!);
            Assert.Equal(403, (await client.PatchAsync("/api/views/" + ours, """{"name":"Mine now"}""")).Status);
            Assert.Equal(403, (await client.CallAsync(HttpMethod.Delete, "/api/views/" + ours)).Status);
        }

        Assert.Equal(404, (await other.ReadAsync("/api/views/" + ours)).Status);
        Assert.Equal(404, (await other.CallAsync(HttpMethod.Delete, "/api/views/" + ours)).Status);
        Assert.Equal(200, (await author.PatchAsync("/api/views/" + ours, """{"pinned":true}""")).Status);
        Assert.Equal(200, (await admin.PatchAsync("/api/views/" + ours, """{"name":"Everybody's"}""")).Status);
        Assert.Equal(204, (await admin.CallAsync(HttpMethod.Delete, "/api/views/" + ours)).Status);

        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var audit = await sql.Prepare("SELECT action FROM audit WHERE target_type = 'view' ORDER BY seq").ListAsync(r => r.GetString(0), default);
        Assert.Equal(["view.created", "view.changed", "view.changed", "view.deleted"], audit);
    }

    [Theory, Engines]
    public async Task Pinned_ones_stand_in_the_navigation_with_a_count_and_a_broken_one_breaks_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        foreach (var piece in Enumerable.Range(0, 1234).Chunk(200))
            await key.PostAsync("/api/runs", new JsonArray([.. piece.Select(i => new JsonObject { ["workflow_name"] = "w" + i % 2, ["status"] = i % 10 == 0 ? "failed" : "completed", ["owner"] = "ana" })]).ToJsonString());
        using var ana = await hub.SignInAsync(Role.Operator);
        using var ben = await hub.SignInAsync(Role.Viewer);
        var all = await SaveAsync(ana, """{"name":"All <b>","filter":"","shared":true,"pinned":true}""");
        var failed = await SaveAsync(ana, """{"name":"Failed","filter":"status=failed&sort=duration","shared":true,"pinned":true}""");
        var unpinned = await SaveAsync(ana, """{"name":"Unpinned","filter":"status=failed","shared":true}""");
        var owned = await SaveAsync(ana, """{"name":"Ana's","filter":"owner=ana","shared":true,"pinned":true}""");
        var broken = await SaveAsync(ana, """{"name":"Broken","filter":"status=failed","shared":true,"pinned":true}""");
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE saved_views SET filter = 'status=failed&colour=red' WHERE id = @id").With(broken).ExecuteAsync(ct), default);
        hub.Get<RunHub.Feed.Signals>().Raise("saved-views");

        foreach (var address in new[] { "/runs", "/bulk", "/views" })
        {
            var page = await ParseAsync(await ben.GetStringAsync(address));
            var links = page.QuerySelectorAll("#nav-views a.nav-link").ToDictionary(a => a.QuerySelector("span")!.TextContent, a => a.GetAttribute("href"), StringComparer.Ordinal);
            Assert.Equal("/runs", links["All <b>"]);
            Assert.Equal("/runs?status=failed&sort=duration", links["Failed"]);
            Assert.Equal("/views#" + broken, links["Broken"]);
            Assert.False(links.ContainsKey("Unpinned"));
        }

        Assert.Contains("colour", (string)(await ben.ReadAsync("/api/views/" + broken)).Json!["problem"]!, StringComparison.Ordinal);
        Assert.Contains("colour", (await ParseAsync(await ben.GetStringAsync("/views"))).QuerySelector("#" + broken)!.TextContent, StringComparison.Ordinal);
        var counts = await ParseAsync(await ben.GetStringAsync("/views/counts"));
        Assert.Equal("1,234", counts.QuerySelector("#count-" + all)!.TextContent);
        Assert.Equal("1,234", counts.QuerySelector("#count-" + owned)!.TextContent);
        Assert.Equal("124", counts.QuerySelector("#count-" + failed)!.TextContent);
        Assert.Null(counts.QuerySelector("#count-" + broken));
        Assert.Null(counts.QuerySelector("#count-" + unpinned));
        var list = (await ben.ReadAsync("/api/views?counts=true")).Json!["views"]!.AsArray();
        Assert.Equal(124, (long)list.Single(v => (string)v!["name"]! == "Unpinned")!["count"]!);
        Assert.Null(list.Single(v => (string)v!["name"]! == "Broken")!["count"]);
    }

    [Theory, Engines]
    public async Task The_default_view_is_where_runs_lead(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var ana = await hub.SignInAsync(Role.Viewer);
        using var ben = await hub.SignInAsync(Role.Viewer);
        var id = await SaveAsync(ana, """{"name":"Mine","filter":"status=failed","default":true}""");
        Assert.Equal("/runs?status=failed", (await ana.GetAsync("/")).Headers.Location!.ToString());
        Assert.Equal("/runs", (await ben.GetAsync("/")).Headers.Location!.ToString());
        var page = await ParseAsync(await ana.GetStringAsync("/profile"));
        Assert.Equal("/runs?status=failed", page.QuerySelectorAll(".nav-link").First(a => a.TextContent.Contains("Runs", StringComparison.Ordinal)).GetAttribute("href"));
        // An address means the same to everybody.
        Assert.Equal("/runs", (await ParseAsync(await ana.GetStringAsync("/runs"))).QuerySelector("#runs")!.GetAttribute("data-url"));
        Assert.Equal(204, (await ana.CallAsync(HttpMethod.Delete, "/api/views/" + id)).Status);
        Assert.Equal("/runs", (await ana.GetAsync("/")).Headers.Location!.ToString());
        using var key = await hub.KeyAsync();
        Assert.Equal(403, (await key.PostAsync("/api/views", """{"name":"K","filter":"","default":true}""")).Status);
        Assert.Empty((await key.ReadAsync("/api/views")).Json!["views"]!.AsArray());
    }

    [Theory, Engines]
    public async Task Without_script_the_page_does_it_all(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var ana = await hub.SignInAsync(Role.Operator);
        const string from = "/views?filter=status%3Dfailed%26env%3Dprod";
        Assert.Equal(HttpStatusCode.Redirect, (await PostFormAsync(ana, from, "save", new() { ["name"] = "Failed in prod", ["filter"] = "status=failed&env=prod", ["shared"] = "true", ["pinned"] = "true" })).StatusCode);
        var view = (await ParseAsync(await ana.GetStringAsync("/views"))).QuerySelector(".view")!;
        Assert.Contains("status:failed env:prod", view.TextContent, StringComparison.Ordinal);
        var twin = await PostFormAsync(ana, from, "save", new() { ["name"] = "Failed in prod", ["filter"] = "status=failed", ["shared"] = "true" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, twin.StatusCode);
        var told = await ParseAsync(await twin.Content.ReadAsStringAsync());
        Assert.Contains("already", told.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Failed in prod", told.QuerySelector("#view-name")!.GetAttribute("value"));
        await PostFormAsync(ana, from, "change", new() { ["id"] = view.Id!, ["name"] = "Failed anywhere", ["isDefault"] = "true" });
        await PostFormAsync(ana, from, "replace", new() { ["id"] = view.Id!, ["filter"] = "status=failed" });
        var now = (await ana.ReadAsync("/api/views/" + view.Id)).Json!;
        Assert.Equal(("Failed anywhere", "status=failed", false, false, true), ((string)now["name"]!, (string)now["filter"]!, (bool)now["shared"]!, (bool)now["pinned"]!, (bool)now["default"]!));
        await PostFormAsync(ana, from, "delete", new() { ["id"] = view.Id! });
        Assert.Equal(404, (await ana.ReadAsync("/api/views/" + view.Id)).Status);
        using var forged = hub.Anonymous();
        Assert.NotEqual(HttpStatusCode.OK, (await forged.PostAsync("/views?handler=save", new FormUrlEncodedContent([]))).StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"","filter":""}""", "$.name")]
    [InlineData("""{"name":"   ","filter":""}""", "$.name")]
    [InlineData("""{"name":"a\nb","filter":""}""", "$.name")]
    [InlineData("""{"name":"\ud800","filter":""}""", "$")]
    [InlineData("""{"name":"ok"}""", "$.filter")]
    [InlineData("""{"name":"ok","filter":"status=broken"}""", "$.filter (query.status)")]
    [InlineData("""{"name":"ok","filter":"colour=red"}""", "$.filter (query.colour)")]
    [InlineData("""{"name":"ok","filter":"tenant=beta"}""", "$.filter (query.tenant)")]
    [InlineData("""{"name":"ok","filter":"columns=nonsense"}""", "$.filter (query.columns)")]
    [InlineData("""{"name":"ok","filter":"","colour":"red"}""", "$")]
    [InlineData("""[]""", "$")]
    public async Task What_is_not_right_says_where(string body, string where)
    {
        await using var hub = await TestHub.StartAsync();
        using var key = await hub.KeyAsync();
        var answer = await key.PostAsync("/api/views", body);
        Assert.Equal(400, answer.Status);
        Assert.StartsWith(where, answer.Path, StringComparison.Ordinal);
        Assert.Empty((await key.ReadAsync("/api/views")).Json!["views"]!.AsArray());
    }

    [Fact]
    public async Task Long_names_and_a_thousand_views_have_an_end()
    {
        await using var hub = await TestHub.StartAsync();
        using var key = await hub.KeyAsync();
        Assert.Equal("$.name", (await key.PostAsync("/api/views", new JsonObject { ["name"] = new string('x', 10_000), ["filter"] = "" }.ToJsonString())).Path);
        Assert.Equal("$.filter", (await key.PostAsync("/api/views", new JsonObject { ["name"] = "x", ["filter"] = "q=" + new string('x', 9000) }.ToJsonString())).Path);
        var clients = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => hub.KeyAsync()));
        foreach (var (client, c) in clients.Select((client, c) => (client, c)))
            for (var i = 0; i < 200; i++) Assert.Equal(201, (await client.PostAsync("/api/views", $$"""{"name":"View {{c}} {{i}}","filter":"workflow=w{{i}}","shared":true,"pinned":true}""")).Status);
        Assert.Equal(409, (await clients[0].PostAsync("/api/views", """{"name":"One more","filter":""}""")).Status);
        using var ana = await hub.SignInAsync(Role.Viewer);
        var page = await ana.GetStringAsync("/runs");
        Assert.Equal(20, (await ParseAsync(page)).QuerySelectorAll("#nav-views a.nav-link").Length);
        Assert.Equal(20, (await ParseAsync(await ana.GetStringAsync("/views/counts"))).QuerySelectorAll("b").Length);
        var names = new HashSet<string>(StringComparer.Ordinal);
        string? next = "/views", previous = null;
        for (var pages = 0; next is not null && pages < 11; pages++)
        {
            var part = await ParseAsync(await ana.GetStringAsync(next));
            Assert.Equal(100, part.QuerySelectorAll(".view h2").Count(h => names.Add(h.TextContent)));
            Assert.Equal(previous, part.QuerySelector("a[rel=prev]")?.GetAttribute("href"));
            (previous, next) = (pages == 0 ? "/views?skip=0" : next, part.QuerySelector("a[rel=next]")?.GetAttribute("href"));
        }

        Assert.Equal(1000, names.Count);
        Assert.Equal(1000, (await ana.ReadAsync("/api/views")).Json!["views"]!.AsArray().Count);
        foreach (var client in clients) client.Dispose();
    }

    static async Task<string> SaveAsync(HttpClient client, string body)
    {
        var answer = await client.PostAsync("/api/views", body);
        Assert.True(answer.Status == 201, answer.Json?.ToJsonString());
        return (string)answer.Json!["id"]!;
    }

    static Task<HttpResponseMessage> PostFormAsync(HttpClient client, string page, string handler, Dictionary<string, string> fields) => TestHub.PostFormAsync(client, page, fields, "/views?handler=" + handler);

    internal static async Task<AngleSharp.Html.Dom.IHtmlDocument> ParseAsync(string html) => await new HtmlParser().ParseDocumentAsync(html);
}
