using System.Net;
using RunHub.Access;
using RunHub.IntegrationTests.Api;
using RunHub.Search;

namespace RunHub.IntegrationTests.Runs;

/// <summary>The palette: from a few characters to a run, workflow, view, page or command.</summary>
public sealed class PaletteTests
{
    [Theory, Engines]
    public async Task Finds_runs_workflows_views_pages_and_commands(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsync("/api/runs", """[{"id":"run_01ABC","workflow_name":"invoice_extraction","status":"failed","error_message":"quokka timeout"},{"id":"order 7/8"},{"id":"order-7","workflow_name":"orders <i>"}]""");
        await hub.Get<FillSearchIndex>().CatchUpAsync(default);
        using var ana = await hub.SignInAsync(Role.Operator);
        await ana.PostAsync("/api/views", """{"name":"Invoice failures","filter":"workflow=invoice_extraction&status=failed"}""");

        Assert.Equal("/runs/run_01ABC", (await HitsAsync(ana, "01abc"))["runs"][0]);
        Assert.Equal("/runs/run_01ABC", (await HitsAsync(ana, "run_01"))["runs"][0]);
        Assert.Equal("/runs/run_01ABC", (await HitsAsync(ana, "quokka"))["texts"][0]);
        Assert.Equal("/runs/order-7", (await HitsAsync(ana, "order-"))["runs"][0]);
        var invoice = await HitsAsync(ana, "invoice");
        Assert.Equal("/runs?workflow=invoice_extraction&status=failed".Length, invoice["views"][0].Length);
        Assert.Equal("/runs?workflow=invoice_extraction", invoice["workflows"][0]);
        Assert.Equal("/runs?query=invoice", invoice["search"][0]);
        Assert.Equal("/bulk", (await HitsAsync(ana, "bulk"))["pages"][0]);
        Assert.Equal("theme:dark", (await HitsAsync(ana, "dark"))["commands"][0]);
        Assert.Equal("language:es", (await HitsAsync(ana, "espa"))["commands"][0]);
        var nothing = await HitsAsync(ana, "");
        Assert.Contains("/runs", nothing["pages"]);
        Assert.False(nothing.ContainsKey("runs"));
        Assert.Equal(["search"], (await HitsAsync(ana, "zzz")).Keys);
        Assert.DoesNotContain("<i>", await ana.GetStringAsync("/palette?q=orders"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Shows_nobody_what_is_not_theirs(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsync("/api/runs", """{"id":"run_secret","workflow_name":"secret_flow"}""");
        await hub.Get<FillSearchIndex>().CatchUpAsync(default);
        using var ana = await hub.SignInAsync(Role.Viewer);
        await ana.PostAsync("/api/views", """{"name":"secret view","filter":""}""");
        using var ben = await hub.SignInAsync(Role.Viewer);
        using var other = await hub.SignInAsync(Role.Admin, "beta");
        using var nobody = await hub.SignInAsync(Role.None, "beta");
        Assert.Equal(["runs", "views", "workflows", "search"], (await HitsAsync(ana, "secret")).Keys);
        Assert.Equal(["runs", "workflows", "search"], (await HitsAsync(ben, "secret")).Keys);
        Assert.Equal(["search"], (await HitsAsync(other, "secret")).Keys);
        Assert.Empty(await HitsAsync(nobody, "secret"));
        Assert.DoesNotContain("/admin/users", (await HitsAsync(ana, "user")).GetValueOrDefault("pages", []));
        Assert.Contains("/admin/users", (await HitsAsync(other, "user"))["pages"]);
        Assert.NotEqual(HttpStatusCode.OK, (await hub.Anonymous().GetAsync("/palette?q=secret")).StatusCode);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("***")]
    [InlineData("%00\u0000\ud800")]
    [InlineData("/(a+)+$/")]
    [InlineData("'; DROP TABLE runs; --")]
    public async Task Takes_whatever_is_typed(string typed)
    {
        await using var hub = await TestHub.StartAsync();
        using var ana = await hub.SignInAsync(Role.Viewer);
        foreach (var text in new[] { typed, typed + new string('x', 5000), new string('\uDBFF', 3) })
            Assert.Equal(HttpStatusCode.OK, (await ana.GetAsync("/palette?q=" + Uri.EscapeDataString(text.Replace("\ud800", "%ED%A0%80", StringComparison.Ordinal).Replace('\uDBFF', '?')))).StatusCode);
    }

    static async Task<Dictionary<string, List<string>>> HitsAsync(HttpClient client, string query)
    {
        var page = await ViewTests.ParseAsync(await client.GetStringAsync("/palette?q=" + Uri.EscapeDataString(query)));
        return page.QuerySelectorAll("[role=group]:not([data-recent])").ToDictionary(g => g.GetAttribute("aria-labelledby")!["palette-".Length..],
            g => g.QuerySelectorAll("[role=option]").Select(o => o.GetAttribute("data-href") is { Length: > 0 } href ? href : o.GetAttribute("data-command")!).ToList(), StringComparer.Ordinal);
    }
}
