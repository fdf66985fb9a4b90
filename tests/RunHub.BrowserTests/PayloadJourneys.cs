using RunHub.Access;
using RunHub.Ingest;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>Payloads as a reader sees them: formatted, coloured, copied as they are, harmless, and there without script.</summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class PayloadJourneys(Chromium chromium)
{
    const string Hostile = """{"big":12345678901234567890.10,"escaped":"caf\u00e9 \"\u0000\" \ud83d","markup":"<script>document.title='owned'</script><img src=x onerror=document.title='owned'>","list":[]}""";

    [BrowserFact]
    public async Task Payloads_are_formatted_and_nothing_in_them_runs()
    {
        await using var site = await StartAsync();
        var page = await site.OpenAsync("/runs/r");
        var output = page.Locator(".node[data-node-id=hostile] .node-part").Last.Locator("code");
        const string Shown = """
            {
              "big": 12345678901234567890.10,
              "escaped": "café \"\u0000\" \ud83d",
              "markup": "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>",
              "list": []
            }
            """;
        await Expect(output.Locator(".hljs-attr")).ToHaveCountAsync(4);
        Assert.Equal(Shown.ReplaceLineEndings("\n"), await output.TextContentAsync());
        await Expect(page).ToHaveTitleAsync("w · r · RunHub");
        await page.Locator(".node[data-node-id=hostile] .node-part").Last.Locator(".json").HoverAsync();
        await page.Locator(".node[data-node-id=hostile] .node-part").Last.Locator("[data-copy-from]").ClickAsync();
        await Until.ClipboardHasAsync(page, Shown.ReplaceLineEndings("\n"));
        Assert.Equal(Shown.ReplaceLineEndings("\n"), await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await Expect(page.Locator(".node[data-node-id=text] .node-part").Last.Locator("code")).ToHaveTextAsync("no { JSON: at all <b>");
        Assert.Equal(400, (await page.Locator(".node[data-node-id=deep] .node-part").Last.Locator("code").TextContentAsync())!.Count(c => c is '[' or ']'));
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Everything_is_readable_without_script()
    {
        await using var site = await StartAsync();
        var page = await site.OpenAsync("/runs/r", script: false);
        await Expect(page.Locator(".node[data-node-id=hostile] code").First).ToContainTextAsync("\"big\": 12345678901234567890.10");
        var last = page.Locator(".node[data-node-id=long] .code");
        Assert.True(await last.EvaluateAsync<bool>("e => e.textContent.includes(\"line 60 ends here\") && e.scrollHeight <= e.clientHeight + 1"));
        await Expect(page.Locator(".json-copy:visible, .json-more:visible")).ToHaveCountAsync(0);
        await page.ClickAsync(".node[data-node-id=hostile] > summary");
        await Expect(page.Locator(".node[data-node-id=hostile] .node-body")).ToBeHiddenAsync();
    }

    async Task<Site> StartAsync()
    {
        var site = await Site.StartAsync(chromium, empty: true);
        var caller = await Seed.ReporterAsync(site.Hub);
        var result = await site.Hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch
        {
            Runs =
            [
                new RunWrite
                {
                    Id = "r", WorkflowName = "w", Status = RunStatus.Completed,
                    Steps =
                    [
                        Step("hostile", Hostile), Step("text", "\"no { JSON: at all <b>\""), Step("deep", new string('[', 200) + new string(']', 200)),
                        Step("long", "[" + string.Join(',', Enumerable.Range(1, 60).Select(i => $"\"line {i} ends here\"")) + "]"),
                    ],
                },
            ],
        }, atomic: true, default);
        Assert.Empty(result.Rejected);
        return site;
    }

    static StepWrite Step(string node, string output) => new() { Id = node, Name = node, Status = RunStatus.Completed, Output = new JsonPayload(System.Text.Encoding.UTF8.GetBytes(output)) };
}
