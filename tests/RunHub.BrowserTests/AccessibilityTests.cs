using System.Text.Json;
using Microsoft.Playwright;
using RunHub.Access;

namespace RunHub.BrowserTests;

/// <summary>axe looks at every page and state, in three widths and both themes.</summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class AccessibilityTests(Chromium chromium)
{
    static readonly string Axe = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "axe.min.js"));

    // Every page and state once, in one of the pairs; the most visited in all of them. The long tests look at everything in every pair.
    [BrowserTheory]
    [InlineData(1440, 900, ColorScheme.Dark, 0)]
    [InlineData(820, 1180, ColorScheme.Light, 1)]
    [InlineData(390, 844, ColorScheme.Dark, 2)]
    public Task No_page_has_a_violation(int width, int height, ColorScheme theme, int third) =>
        LookAsync(width, height, theme, PageView.All.Where((v, i) => i % 3 == third || v.Name is "list" or "detail-failed" or "panel"));

    [BrowserTheory, Trait("Category", "Long")]
    [InlineData(1440, 900, ColorScheme.Dark)]
    [InlineData(1440, 900, ColorScheme.Light)]
    [InlineData(820, 1180, ColorScheme.Dark)]
    [InlineData(820, 1180, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    [InlineData(390, 844, ColorScheme.Light)]
    public Task No_page_has_a_violation_in_any_width_and_theme(int width, int height, ColorScheme theme) => LookAsync(width, height, theme, PageView.All);

    /// <summary>Reflow (WCAG 1.4.10) where the layout changes and just beside it, down to the narrowest phone; what is wider scrolls in a box of its own.</summary>
    [BrowserFact]
    public async Task No_page_is_wider_than_its_window()
    {
        string[] names = ["list", "list-own", "list-filtered", "list-wrong", "query-found", "detail-failed", "detail-wordy", "detail-es", "steps-table", "steps-timeline", "logs", "traces", "annotations", "compare", "bulk-new", "errors", "users", "api-keys", "plugins", "docs"];
        await using var site = await Site.StartAsync(chromium);
        var found = new List<string>();
        IPage? page = null;
        foreach (var view in names.Select(name => PageView.All.Single(v => v.Name == name)))
        {
            if (page is null) page = await site.OpenAsync(view.Path, role: Role.Admin);
            else await Site.GoAsync(page, view.Path);
            foreach (var width in new[] { 320, 360, 480, 639, 640, 641, 720, 768, 900, 1024, 1025, 1060, 1100, 1200, 1280, 1281 })
            {
                await page.SetViewportSizeAsync(width, 800);
                // The element that reaches farthest out, for whoever has to mend it.
                var wider = await page.EvaluateAsync<string?>("""
                    async () => {
                      for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
                      const over = document.documentElement.scrollWidth - innerWidth;
                      if (over <= 0) return null;
                      const far = [...document.body.querySelectorAll('*')].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 0.5).pop();
                      return `${over} pixels, ${far?.tagName} ${far?.id} ${far?.className} in ${far?.parentElement?.className}`;
                    }
                    """);
                if (wider is not null) found.Add($"{view.Name} at {width}: {wider}");
            }
        }

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    async Task LookAsync(int width, int height, ColorScheme theme, IEnumerable<PageView> views)
    {
        await using var site = await Site.StartAsync(chromium);
        await using var empty = await Site.StartAsync(chromium, empty: true);
        var found = new List<string>();
        // One window for each person and language: what a page loads is loaded once.
        var windows = new Dictionary<(bool, string, Role?), IBrowserContext>();
        foreach (var view in views)
        {
            IPage page;
            if (windows.TryGetValue((view.Empty, view.Locale, view.Role), out var window))
            {
                page = await window.NewPageAsync();
                await Site.GoAsync(page, view.Path);
            }
            else
            {
                page = await (view.Empty ? empty : site).OpenAsync(view.Path, width, height, theme, view.Locale, view.Role);
                windows.Add((view.Empty, view.Locale, view.Role), page.Context);
            }

            await view.Prepare(page);
            found.AddRange((await ViolationsAsync(page, view.IsCovered)).Select(v => $"{view.Name}: {v}"));
            // Reflow (WCAG 1.4.10): a page scrolls one way; what is wider scrolls in a box of its own.
            var wider = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            if (wider > 0) found.Add($"{view.Name}: {wider} pixels wider than the window");
            await page.CloseAsync();
        }

        Assert.True(found.Count == 0, string.Join('\n', found));
        Assert.DoesNotContain(site.ConsoleErrors, e => e.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    // Evaluated by the browser's debugger, not loaded by the page, whose policy would refuse it.
    internal static async Task<IEnumerable<string>> ViolationsAsync(IPage page, bool isCovered)
    {
        await page.EvaluateAsync(Axe);
        var result = await page.EvaluateAsync<JsonElement>("covered => axe.run(document, { rules: { 'target-size': { enabled: !covered } }, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => r.violations.map(v => v.id + ' (' + v.impact + '): ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.failureSummary.replace(/\\s+/g, ' ').slice(0, 220)).join(' | ')))", isCovered);
        return result.EnumerateArray().Select(v => v.GetString()!).ToList();
    }
}
