using System.Text.Json;
using System.Text.RegularExpressions;
using RunHub.Access;
using RunHub.Ingest;

namespace RunHub.IntegrationTests.Steps;

public sealed partial class PagingTests
{
    [Theory, Engines]
    public async Task Steps_that_began_in_the_same_moment_are_listed_once_each(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        var caller = new Caller(CallerKind.Key, 1, "tests", await hub.TenantAsync(), Role.None, KeyScopes.Admin, false);
        var steps = Enumerable.Range(0, 120).Select(i => new StepWrite { Id = $"s{i:000}~{i % 3}", Name = "n", Order = 7 }).ToList();
        await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = [new RunWrite { Id = "r", WorkflowName = "w", Steps = steps }] }, atomic: true, default);

        var listed = new List<string>();
        string? token = null;
        do
        {
            using var page = JsonDocument.Parse(await client.GetStringAsync($"/api/runs/r/steps?limit=50&next_token={Uri.EscapeDataString(token ?? "")}"));
            listed.AddRange(page.RootElement.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("id").GetString()!));
            token = page.RootElement.GetProperty("next_token").GetString();
        }
        while (token is not null);
        Assert.Equal(steps.Select(s => s.Id), listed);

        using var browser = await hub.SignInAsync(Role.Viewer);
        var shown = new List<string>();
        for (var url = "/runs/r"; url is not null;)
        {
            var html = System.Net.WebUtility.HtmlDecode(await browser.GetStringAsync(url));
            shown.AddRange(StepId().Matches(html).Select(m => m.Groups["id"].Value));
            url = More().Match(html) is { Success: true } more ? more.Groups["url"].Value : null;
        }

        Assert.Equal(steps.Select(s => s.Id), shown);
    }

    [GeneratedRegex("data-step-id=\"(?<id>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StepId();

    [GeneratedRegex("href=\"(?<url>/runs/r\\?view=cards&after[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex More();
}
