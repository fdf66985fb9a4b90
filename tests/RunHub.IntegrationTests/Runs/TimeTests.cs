using System.Net;
using RunHub.Access;
using RunHub.IntegrationTests.Api;

namespace RunHub.IntegrationTests.Runs;

/// <summary>Times of the list: shown for the reader's clock, kept in their fields, refused where they are the wrong way round.</summary>
public sealed class TimeTests
{
    [Theory, Engines]
    public async Task A_moment_stands_in_its_chip_and_in_its_field(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync();
        var page = await ViewTests.ParseAsync(await person.GetStringAsync("/runs?from=2026-11-28T23:00:00Z&to=2026-11-29T23:00:30Z"));
        Assert.Equal(["2026-11-28T23:00:00Z", "2026-11-29T23:00:30Z"], page.QuerySelectorAll(".chip time[data-exact]").Select(t => t.GetAttribute("datetime")));
        Assert.Equal(("2026-11-28T23:00", "2026-11-28T23:00:00Z"), (page.QuerySelector("#from")!.GetAttribute("value"), page.QuerySelector("#from")!.GetAttribute("data-utc")));
        Assert.Equal(("2026-11-29T23:00:30", "1"), (page.QuerySelector("#to")!.GetAttribute("value"), page.QuerySelector("#to")!.GetAttribute("step")));
        var relative = await ViewTests.ParseAsync(await person.GetStringAsync("/runs?from=24h"));
        Assert.Null(relative.QuerySelector("#from")!.GetAttribute("value"));
        Assert.Null(relative.QuerySelector(".chip time"));
    }

    [Theory, Engines]
    public async Task A_range_that_ends_before_it_begins_is_named_and_stays_to_be_mended(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync();
        using var answer = await person.GetAsync("/runs?status=failed&from=2026-11-29T00:00Z&to=2026-11-28T00:00Z");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var page = await ViewTests.ParseAsync(await answer.Content.ReadAsStringAsync());
        Assert.Contains("ends before it begins", page.QuerySelector("#range-wrong")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("ends before it begins", page.QuerySelector(".empty[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(("2026-11-29T00:00", "2026-11-28T00:00"), (page.QuerySelector("#from")!.GetAttribute("value"), page.QuerySelector("#to")!.GetAttribute("value")));
        Assert.Equal("true", page.QuerySelector("#status-failed")!.GetAttribute("aria-current"));
        Assert.Equal("true", page.QuerySelector("#to")!.GetAttribute("aria-invalid"));

        var line = await ViewTests.ParseAsync(await (await person.GetAsync("/runs?query=" + Uri.EscapeDataString("from:2026-11-29 to:2026-11-28T00:00Z"))).Content.ReadAsStringAsync());
        Assert.Contains("ends before it begins", line.QuerySelector("#query-error")!.TextContent, StringComparison.Ordinal);
        person.DefaultRequestHeaders.AcceptLanguage.ParseAdd("es");
        Assert.Contains("termina antes de empezar", await (await person.GetAsync("/runs?from=2026-11-29&to=2026-11-27")).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var api = await person.ReadAsync("/api/runs?from=2026-11-29&to=2026-11-27");
        Assert.Equal(400, api.Status);
        Assert.Equal("query.to", (string)api.Json!["errors"]![0]!["path"]!);
        // A whole day, and one that moves with the clock.
        Assert.Equal(200, (await person.ReadAsync("/api/runs?from=2026-11-29&to=2026-11-29")).Status);
        Assert.Equal(200, (await person.ReadAsync("/api/runs?from=24h&to=2026-01-01")).Status);
        Assert.Equal(400, (await person.ReadAsync("/api/runs?from=1h&to=24h")).Status);
    }

    [Theory, Engines]
    public async Task Times_of_an_error_and_of_a_comparison_are_put_to_the_readers_clock(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync();
        var why = await ViewTests.ParseAsync(await person.GetStringAsync("/runs/b/why"));
        Assert.NotNull(why.QuerySelector("#why-error time[data-exact]"));
        var compare = await ViewTests.ParseAsync(await person.GetStringAsync("/runs/b/compare/a"));
        Assert.Equal(4, compare.QuerySelectorAll(".compare-facts time[data-exact]").Length);
        Assert.DoesNotContain(" UTC", WithoutTimes(why) + WithoutTimes(compare), StringComparison.Ordinal);
    }

    static string WithoutTimes(AngleSharp.Html.Dom.IHtmlDocument page)
    {
        foreach (var time in page.QuerySelectorAll("time").ToList()) time.Remove();
        return page.Body!.TextContent;
    }

    static async Task<TestHub> StartAsync(string engine)
    {
        var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        var at = hub.Get<TimeProvider>().GetUtcNow();
        foreach (var (id, hours) in new[] { ("a", 20), ("b", 2) })
        {
            var begun = at.AddHours(-hours);
            var sent = await key.PostAsync("/api/runs", $$$"""{"id":"{{{id}}}","workflow_name":"w","status":"failed","started_at":"{{{begun:O}}}","completed_at":"{{{begun.AddMinutes(1):O}}}","diagnostics":{"error_code":"E1","error_message":"no answer"}}""");
            Assert.InRange(sent.Status, 200, 299);
        }

        return hub;
    }
}
