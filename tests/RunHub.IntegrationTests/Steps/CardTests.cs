using System.Net;
using System.Text.RegularExpressions;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.IntegrationTests.Plugins;

namespace RunHub.IntegrationTests.Steps;

public sealed partial class CardTests
{
    [Theory, Engines]
    public async Task A_prompt_has_blocks_badges_and_the_rest_as_json(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var html = await CardAsync(hub, new StepWrite
        {
            Id = "s<1>", Name = "node", Type = StepType.Model, Status = RunStatus.Completed, Model = "row-model", Tool = "crm & co",
            Input = JsonPayload.Parse("""{"userPrompt":"Judge \"this\"\n<b>","systemPrompt":"Be brief.","model":"gpt-4o-mini","temperature":0.70,"top_p": 1.0,"stop":null}"""),
            Parameters = JsonPayload.Parse("""{"temperature":0.2}"""),
            Output = JsonPayload.Parse("""{"score":12345678901234567890}"""),
        });
        Assert.Equal(["Model gpt-4o-mini", "Temperature 0.70", "Tool crm &amp; co"], Badge().Matches(html).Select(m => m.Groups["label"].Value + " " + m.Groups["value"].Value));
        Assert.Equal(["System prompt", "User prompt"], Title().Matches(html).Select(m => m.Groups["text"].Value));
        Assert.Equal(["Be brief.", "Judge &quot;this&quot;\n&lt;b&gt;", "{\n  \"top_p\": 1.0,\n  \"stop\": null\n}", "{\n  \"score\": 12345678901234567890\n}"], Code().Matches(html).Select(m => m.Groups["text"].Value));
        Assert.Contains("data-step-id=\"s&lt;1&gt;\"", html, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Parameters_beside_a_temperature_are_shown(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var html = await CardAsync(hub, new StepWrite { Id = "s", Name = "node", Type = StepType.Model, Input = JsonPayload.Parse("[1]"), Parameters = JsonPayload.Parse("""{"temperature":0.2,"seed":7}""") });
        Assert.Contains("<h4>Parameters</h4>", html, StringComparison.Ordinal);
        Assert.Equal(["Temperature 0.2"], Badge().Matches(html).Select(m => m.Groups["label"].Value + " " + m.Groups["value"].Value));
        Assert.Equal("[\n  1\n]", Code().Match(html).Groups["text"].Value);
    }

    [Theory, Engines]
    public async Task A_node_without_anything_says_so(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var html = await CardAsync(hub, new StepWrite { Id = "s", Name = "node", Status = RunStatus.Running });
        Assert.Contains("No input was reported.", html, StringComparison.Ordinal);
        Assert.Contains("Still at work.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("node-badges", html, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Payloads_written_at_different_times_are_all_there(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var ingest = hub.Get<IngestRuns>();
        var caller = new Caller(CallerKind.Key, 1, "tests", await hub.TenantAsync(), Role.None, KeyScopes.Admin, false);
        await ingest.HandleAsync(caller, new RunBatch { Runs = [new RunWrite { Id = "r", WorkflowName = "w", InputsSummary = JsonPayload.String("the inputs") }] }, atomic: true, default);
        foreach (var i in Enumerable.Range(0, 3))
            await ingest.HandleAsync(caller, new RunBatch { Runs = [new RunWrite { Id = "r", Steps = [new StepWrite { Id = "s" + i, Name = "n" + i, Output = JsonPayload.String("output " + i) }] }] }, atomic: true, default);
        using var browser = await hub.SignInAsync(Role.Viewer);
        Assert.Equal(["the inputs", "output 0", "output 1", "output 2"], Code().Matches(await browser.GetStringAsync("/runs/r")).Select(m => m.Groups["text"].Value));
    }

    [Fact]
    public async Task An_adapter_with_a_layout_of_its_own_is_asked()
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync();
        var html = await CardAsync(hub, new StepWrite { Id = "s", Name = "node", Type = StepType.Tool, Tool = "EUR", Status = RunStatus.Completed, Output = JsonPayload.Parse("1.50") }, "invoice");
        Assert.Contains("<h4>Amount</h4>", html, StringComparison.Ordinal);
        Assert.Equal(["Currency EUR", "Tool EUR"], Badge().Matches(html).Select(m => m.Groups["label"].Value + " " + m.Groups["value"].Value));
        Assert.Equal("1.50", Code().Match(html).Groups["text"].Value);
    }

    static async Task<string> CardAsync(TestHub hub, StepWrite step, string? type = null)
    {
        var caller = new Caller(CallerKind.Key, 1, "tests", await hub.TenantAsync(), Role.None, KeyScopes.Admin, false);
        var result = await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = [new RunWrite { Id = "r", Type = type, WorkflowName = "w", Steps = [step] }] }, atomic: true, default);
        Assert.Empty(result.Rejected);
        using var browser = await hub.SignInAsync(Role.Viewer);
        var html = await browser.GetStringAsync("/runs/r");
        return html[html.IndexOf("<details class=\"node ", StringComparison.Ordinal)..];
    }

    [GeneratedRegex("<span class=\"badge-label\">(?<label>[^<]*)</span><span class=\"truncate\" title=\"[^\"]*\">(?<value>[^<]*)<", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Badge();

    [GeneratedRegex("<h4>(?<text>[^<]*)</h4>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Title();

    [GeneratedRegex("<code[^>]*>(?<text>[^<]*)</code></pre>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
