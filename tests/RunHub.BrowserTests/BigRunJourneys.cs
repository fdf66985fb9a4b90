using System.Globalization;
using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Ingest;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>A run too big to be looked at whole, beside a small one.</summary>
[Collection(MeasuringCollection.Name)]
public sealed class BigRunJourneys(Chromium chromium, ITestOutputHelper output)
{
    const int Pairs = 7;

    [BrowserFact]
    public async Task A_run_of_ten_thousand_steps_is_there_as_soon_as_a_small_one()
    {
        await using var site = await Site.StartAsync(chromium, empty: true);
        var at = site.Hub.Get<TimeProvider>().GetUtcNow().AddHours(-1);
        foreach (var run in new[] { SeedSteps.ManySteps("small", at, 10), SeedSteps.ManySteps("big", at, 10_000) })
            foreach (var steps in run.Steps!.Chunk(2_000)) await site.ReportAsync(run with { Steps = [.. steps] });
        var page = await site.OpenAsync("/runs/small");
        var slow = new List<string>();
        foreach (var view in new[] { "?view=cards", "?view=table", "?view=timeline" })
        {
            // In pairs, so that what else the machine does falls on both; the first pair warms up.
            var (smalls, bigs) = (new List<double>(), new List<double>());
            for (var i = 0; i <= Pairs; i++)
            {
                var (small, big) = (await InteractiveAsync(page, "/runs/small" + view), await InteractiveAsync(page, "/runs/big" + view));
                if (i == 0) continue;
                smalls.Add(small);
                bigs.Add(big);
            }

            var ratio = Median(bigs.Zip(smalls, (b, s) => b / s));
            var said = string.Create(CultureInfo.InvariantCulture, $"figure: 10,000 steps, {view}: interactive after {Median(bigs):0} ms, 10 steps after {Median(smalls):0} ms, {ratio:0.00} times (median of {Pairs} pairs)");
            output.WriteLine(said);
            if (ratio > 3) slow.Add(said);
        }

        Assert.Empty(slow);

        // What failed is at the top, and a click away though it is far down.
        await page.GotoAsync("/runs/big");
        await page.Locator("#failed-steps a").Nth(1).ClickAsync();
        await Expect(page.Locator(".node[data-step-id=s9998] summary").First).ToBeFocusedAsync();
        await Until.UrlEndsAsync(page, "#step-s9998");
        await page.GotoAsync("/runs/big?view=timeline");
        var several = page.Locator("[data-several]").First;
        var rows = await page.Locator(".wf-row").CountAsync();
        await several.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".wf-row")).Not.ToHaveCountAsync(rows);
        await Expect(page.Locator(".wf-step:focus")).ToHaveCountAsync(1);
        Assert.Empty(site.ConsoleErrors);
    }

    static double Median(IEnumerable<double> values) => values.Order().ElementAt(Pairs / 2);

    // From the start of the navigation until a step of the view is there, painted, and the page answers: nothing else is in its queue.
    static async Task<double> InteractiveAsync(IPage page, string url)
    {
        await page.GotoAsync(url, new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        return await page.EvaluateAsync<double>("""
            () => new Promise(done => {
              const look = () => document.querySelector('details.node, #step-rows tr, .wf-row') ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : requestAnimationFrame(look);
              look();
            })
            """);
    }
}
