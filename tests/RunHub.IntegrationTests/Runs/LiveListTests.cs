using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AngleSharp.Html.Parser;
using RunHub.Access;

namespace RunHub.IntegrationTests.Runs;

/// <summary>What a list and a run's page ask for to keep themselves true.</summary>
public sealed class LiveListTests
{
    [Theory, Engines]
    public async Task Rows_are_drawn_for_runs_of_the_own_tenant_as_the_role_sees_them(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var theirs = await hub.KeyAsync(tenant: "beta");
        await key.PostAsJsonAsync("/api/runs", new[] { new { id = "a,1", workflow_name = "first <b>" }, new { id = "b", workflow_name = "second" } });
        await theirs.PostAsJsonAsync("/api/runs", new { id = "c", workflow_name = "secret" });
        using var viewer = await hub.SignInAsync(Role.Viewer);
        using var operators = await hub.SignInAsync(Role.Operator);
        var html = await viewer.GetStringAsync("/runs/rows?id=b&id=a%2C1&id=c&id=gone");
        var rows = Rows(html);
        Assert.Equal(["a,1", "b"], rows.Select(r => r.GetAttribute("data-id")).Order(StringComparer.Ordinal));
        Assert.Contains("first <b>", rows.Select(r => r.TextContent).First(t => t.Contains("first", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", html, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"pick\"", html, StringComparison.Ordinal);
        Assert.Contains("class=\"pick\"", await operators.GetStringAsync("/runs/rows?id=b"), StringComparison.Ordinal);
        Assert.DoesNotContain("<tr", await viewer.GetStringAsync("/runs/rows"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await viewer.GetAsync("/runs/rows?" + string.Join('&', Enumerable.Range(0, 101).Select(i => $"id=r{i}")))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await viewer.GetAsync("/runs/rows?id=a%2Fb")).StatusCode);
    }

    [Theory, Engines]
    public async Task A_brief_stream_names_each_run_once_and_says_whether_it_belongs_to_the_list(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsJsonAsync("/api/runs", new[] { Run("a", "running"), Run("b", "running"), Run("gone", "running") });
        await using var stream = await SseListener.OpenAsync(key, "/api/stream?brief=true&status=running");
        for (var i = 0; i < 5; i++) await key.PostAsJsonAsync("/api/runs", new { id = "b", workflow_name = "w", status = "running", tags = new[] { "t" + i.ToString(CultureInfo.InvariantCulture) } });
        await key.PostAsJsonAsync("/api/runs", Run("a", "completed"));
        await key.DeleteAsync("/api/runs/gone");
        await key.PostAsJsonAsync("/api/runs", Run("last", "running"));

        var last = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var frames = 0;
        while (!last.ContainsKey("last"))
        {
            var frame = (await stream.NextAsync("runs")).Json;
            frames++;
            var named = frame.GetProperty("runs").EnumerateArray().ToList();
            Assert.Equal(named.Count, named.Select(r => r.GetProperty("id").GetString()).Distinct(StringComparer.Ordinal).Count());
            foreach (var run in named) last[run.GetProperty("id").GetString()!] = run;
        }

        Assert.InRange(frames, 1, 8);
        Assert.False(last["a"].GetProperty("matches").GetBoolean());
        Assert.True(last["b"].GetProperty("matches").GetBoolean());
        Assert.True(last["last"].GetProperty("sort_at").GetInt64() > 1_700_000_000_000_000);
        Assert.True(last["gone"].GetProperty("deleted").GetBoolean());
    }

    [Theory, Engines]
    public async Task A_brief_stream_begins_with_what_a_page_missed_and_resumes_after_what_it_heard(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsJsonAsync("/api/runs", Run("before", "running"));
        long heard;
        await using (var first = await SseListener.OpenAsync(key, "/api/stream?brief=true&back=1000"))
        {
            var frame = await first.NextAsync("runs");
            Assert.Equal(["before"], Ids(frame.Json));
            heard = frame.Id;
        }

        await key.PostAsJsonAsync("/api/runs", Run("meanwhile", "running"));
        await using (var second = await SseListener.OpenAsync(key, "/api/stream?brief=true&last_event_id=" + heard.ToString(CultureInfo.InvariantCulture)))
            Assert.Equal(["meanwhile"], Ids((await second.NextAsync("runs")).Json));
        await using (var lost = await SseListener.OpenAsync(key, "/api/stream?brief=true&last_event_id=999999999"))
            Assert.Equal("unknown", (await lost.NextAsync("gap")).Json.GetProperty("reason").GetString());
        foreach (var wrong in new[] { "back=x", "watch=a%2Fb", "brief=perhaps" })
            Assert.Equal(HttpStatusCode.BadRequest, (await key.GetAsync("/api/stream?brief=true&" + wrong)).StatusCode);
    }

    [Fact]
    public async Task A_crowd_of_runs_is_counted_and_the_watched_one_is_named()
    {
        await using var hub = await TestHub.StartAsync();
        using var key = await hub.KeyAsync();
        await key.PostAsJsonAsync("/api/runs", new { id = "watched", workflow_name = "w", status = "running", started_at = "2020-01-01T00:00:00Z" });
        var seq = (await SeqAsync(key)).ToString(CultureInfo.InvariantCulture);
        await key.PostAsJsonAsync("/api/runs", Enumerable.Range(0, 500).Select(i => Run($"r{i}", i % 2 == 0 ? "running" : "failed")).Prepend(Run("watched", "failed")));
        await using var stream = await SseListener.OpenAsync(key, $"/api/stream?brief=true&status=failed&watch=watched&last_event_id={seq}");
        var frame = (await stream.NextAsync("runs")).Json;
        Assert.Equal(200, frame.GetProperty("runs").GetArrayLength());
        Assert.Contains("watched", Ids(frame));
        Assert.Equal(301, frame.GetProperty("more").GetInt32());
        Assert.InRange(frame.GetProperty("more_matching").GetInt32(), 1, 250);
    }

    [Theory, Engines]
    public async Task The_strip_shows_the_filters_runs_and_its_bars_lead_to_them(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        var now = hub.Get<TimeProvider>().GetUtcNow();
        await key.PostAsJsonAsync("/api/runs", Enumerable.Range(0, 30).Select(i => new { id = $"r{i}", workflow_name = "w\"><i>", status = i % 3 == 0 ? "failed" : "completed", started_at = now.AddHours(-i), duration_ms = 1000, tags = new[] { "x" } }));
        using var browser = await hub.SignInAsync(Role.Viewer);
        foreach (var (query, count) in new[] { ("", 30), ("status=failed", 10), ("from=12h", 12), ("tag=x&status=completed", 20), ("workflow=w%22%3E%3Ci%3E", 30) })
        {
            var html = await browser.GetStringAsync("/runs/strip?tz=120&" + query);
            Assert.DoesNotContain("\"><i>", html, StringComparison.Ordinal);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
            var strip = await new HtmlParser().ParseDocumentAsync(html);
            Assert.Equal(count.ToString(CultureInfo.InvariantCulture), strip.QuerySelector(".strip-figures dd")!.TextContent);
            var listed = 0;
            foreach (var bar in strip.QuerySelectorAll("svg a"))
            {
                var list = await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync(bar.GetAttribute("href")!));
                listed += list.QuerySelectorAll("#rows tr").Length;
            }

            Assert.Equal(count, listed);
            Assert.Equal(count, (await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync("/runs/strip?as=table&" + query))).QuerySelectorAll("tbody td:nth-child(2)").Sum(c => int.Parse(c.TextContent, CultureInfo.InvariantCulture)));
        }

        var counts = await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync("/runs/strip?status=failed"));
        Assert.Equal(("30", "20", "10"), (counts.GetElementById("count-all")!.TextContent, counts.GetElementById("count-completed")!.TextContent, counts.GetElementById("count-failed")!.TextContent));
    }

    [Theory, Engines]
    public async Task A_menu_shows_how_many_runs_each_value_has_without_the_fields_own_condition(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsJsonAsync("/api/runs", Enumerable.Range(0, 9).Select(i => new { workflow_name = i < 6 ? "big" : "small", environment = i == 8 ? "dev" : "prod", status = i % 3 == 0 ? "failed" : "completed", owner = i < 2 ? "ana" : null, error_class = i == 0 ? "transient" : null }));
        using var browser = await hub.SignInAsync(Role.Viewer);
        Assert.Equal("big 6, small 3", await OptionsAsync("workflow?workflow=small"));
        Assert.Equal("big 2, small 1", await OptionsAsync("workflow?status=failed"));
        Assert.Equal("small 1, big 0", await OptionsAsync("workflow?env=dev"));
        Assert.Equal("ana 2", await OptionsAsync("owner?workflow=big"));
        Assert.Equal("Bug 2, Transient 1", await OptionsAsync("error_class"));
        Assert.Contains("/runs/options/owner?status=failed", await browser.GetStringAsync("/runs/facets?status=failed"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/runs/options/nonsense")).StatusCode);

        async Task<string> OptionsAsync(string path)
        {
            var menu = await new HtmlParser().ParseDocumentAsync(await browser.GetStringAsync("/runs/options/" + path));
            return string.Join(", ", menu.QuerySelectorAll(".menu-item").Where(i => i.QuerySelector(".menu-count") is not null).Select(i => i.QuerySelector(".truncate")!.TextContent + " " + i.QuerySelector(".menu-count")!.TextContent));
        }
    }

    [Theory, Engines]
    public async Task The_quick_view_says_how_a_run_ended_and_offers_what_the_role_may_do(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await key.PostAsJsonAsync("/api/runs", new
        {
            id = "r", workflow_name = "invoice", status = "failed", error_code = "E,1", error_class = "bug", error_message = "It broke <b>", duration_ms = 4200,
            steps = new[] { new { id = "s1", name = "fetch", type = "io", status = "completed" }, new { id = "s2", name = "parse", type = "tool", status = "failed" } },
        });
        using var viewer = await hub.SignInAsync(Role.Viewer);
        using var operators = await hub.SignInAsync(Role.Operator);
        var quick = await new HtmlParser().ParseDocumentAsync(await viewer.GetStringAsync("/runs/r/quick"));
        Assert.Contains("It broke <b>", quick.QuerySelector(".quick-error")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("parse", quick.QuerySelector(".quick-facts")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("4.2s", quick.QuerySelector(".quick-facts")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(["/runs?workflow=invoice", "/runs?status=failed&workflow=invoice&error_code=E%5C,1"], quick.QuerySelectorAll("[data-quick-list]").Select(a => a.GetAttribute("href")));
        Assert.Empty(quick.QuerySelectorAll("[data-quick-act]"));
        Assert.Equal(["tag", "assign", "resolve", "annotate"], (await new HtmlParser().ParseDocumentAsync(await operators.GetStringAsync("/runs/r/quick"))).QuerySelectorAll("[data-quick-act]").Select(a => a.GetAttribute("data-quick-act")));
        using var other = await hub.SignInAsync(Role.Admin, tenant: "beta");
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/runs/r/quick")).StatusCode);
    }

    static object Run(string id, string status) => new { id, workflow_name = "w", status };

    static IEnumerable<string?> Ids(JsonElement frame) => frame.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString());

    static async Task<long> SeqAsync(HttpClient key)
    {
        await using var stream = await SseListener.OpenAsync(key, "/api/stream?back=5000");
        return (await stream.NextAsync("run")).Id;
    }

    static AngleSharp.Dom.IHtmlCollection<AngleSharp.Dom.IElement> Rows(string html) => new HtmlParser().ParseDocument($"<table>{html}</table>").QuerySelectorAll("tr[data-id]");
}
