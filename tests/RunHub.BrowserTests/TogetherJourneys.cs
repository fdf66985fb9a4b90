using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Ingest;
using Xunit.Abstractions;

namespace RunHub.BrowserTests;

/// <summary>Two people in two browsers look at one run: whatever happens to it is on both screens within a second.</summary>
[Collection(MeasuringCollection.Name)]
public sealed class TogetherJourneys(Chromium chromium, ITestOutputHelper output)
{
    const int Rounds = 5;

    [BrowserFact]
    public async Task Every_kind_of_change_is_on_both_screens_within_a_second()
    {
        await using var site = await Site.StartAsync(chromium);
        IPage[] both = [await site.OpenAsync("/runs/" + Seed.Failed, role: Role.Operator), await site.OpenAsync("/runs/" + Seed.Failed, 820, 1180)];
        await MeasureAsync("tag", i => site.ActAsync(new TagRun([$"seen-{i}"])), i => SeenAsync(both, "#run-meta .run-tags", $"seen-{i}"));
        await MeasureAsync("assignment", i => site.ActAsync(new AssignRun($"person{i}@acme.example")), i => SeenAsync(both, "#run-meta", $"person{i}@acme.example"));
        await MeasureAsync("annotation", i => site.ActAsync(new AnnotateRun($"Looked at it, {i} times.")), i => SeenAsync(both, "#run-notes .note", $"Looked at it, {i} times."));
        await MeasureAsync("resolved and reopened", i => site.ActAsync(i % 2 == 0 ? new ResolveRun($"fixed upstream {i}") : new ReopenRun()),
            i => i % 2 == 0 ? SeenAsync(both, "#run-state", $"fixed upstream {i}") : GoneAsync(both, "#run-state", "fixed upstream"));

        foreach (var page in both) await GoAsync(page, "/runs/" + Seed.Running);
        await MeasureAsync("step", i => site.ReportAsync(new RunWrite { Id = Seed.Running, Steps = [new StepWrite { Id = $"step_new_{i}", NodeId = $"node_new_{i}", Name = $"arrived_{i}", Status = RunStatus.Completed }] }),
            i => SeenAsync(both, ".node .node-title", $"arrived_{i}"));

        foreach (var page in both)
        {
            await GoAsync(page, $"/runs/{Seed.Running}?tab=logs");
            await page.Locator("[data-logs-state]").WaitForAsync();
        }

        await MeasureAsync("log line", i => site.ReportAsync(new RunWrite { Id = Seed.Running, Logs = [new LogWrite { At = site.Hub.Get<TimeProvider>().GetUtcNow(), Level = "info", Text = $"Printed page {i}" }] }),
            i => SeenAsync(both, ".log-line", $"Printed page {i}"));

        // A run ends once: as many runs as rounds.
        var ends = Enumerable.Range(0, Rounds).Select(i => $"run_ends_{i}").ToList();
        await site.ReportAsync([.. ends.Select(id => new RunWrite { Id = id, Type = "crafter", WorkflowName = "ticket_triage", Status = RunStatus.Running })]);
        await MeasureAsync("end of the run", i => site.ReportAsync(new RunWrite { Id = ends[i], Status = RunStatus.Completed }), i => SeenAsync(both, "#run-state .status.completed", ""),
            async i => { foreach (var page in both) await GoAsync(page, "/runs/" + ends[i]); });
        Assert.Empty(site.ConsoleErrors);
    }

    // From before the change is made until both show it, by the frame; not by a browser test's retries, which wait longer and longer.
    async Task MeasureAsync(string kind, Func<int, Task> change, Func<int, Task> seen, Func<int, Task>? before = null)
    {
        var times = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            if (before is not null) await before(i);
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(change(i), seen(i));
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        var said = string.Create(CultureInfo.InvariantCulture, $"figure: {kind} on both screens after {times.Order().ElementAt(Rounds / 2):0} ms (median of {Rounds}), worst {times.Max():0} ms");
        output.WriteLine(said);
        Assert.True(times.Order().ElementAt(Rounds / 2) < 1000, said);
    }

    static Task SeenAsync(IPage[] pages, string where, string text) => Task.WhenAll(pages.Select(page =>
        page.WaitForFunctionAsync("([where, text]) => [...document.querySelectorAll(where)].some(e => e.textContent.includes(text) && e.getClientRects().length > 0)", new[] { where, text })));

    static Task GoneAsync(IPage[] pages, string where, string text) => Task.WhenAll(pages.Select(page =>
        page.WaitForFunctionAsync("([where, text]) => { const e = document.querySelector(where); return e && !e.textContent.includes(text); }", new[] { where, text })));

    static async Task GoAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await Site.SettleAsync(page);
    }
}
