using Microsoft.Playwright;
using RunHub.Ingest;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>The tabs of a run and what people do with its log lines.</summary>
[Collection(BrowserCollection.Name)]
public sealed class TabJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task Tabs_go_by_mouse_and_keyboard_and_back_leads_to_the_one_before()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Failed);
        await page.ClickAsync("#tab-logs");
        await Expect(page.Locator(".log-line")).ToHaveCountAsync(8);
        await Expect(page.Locator("#tabpanel-steps")).ToBeHiddenAsync();
        await Until.UrlEndsAsync(page, "?tab=logs");
        await page.Locator("#tab-logs").PressAsync("ArrowLeft");
        await Expect(page.Locator("#tab-traces")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".span-row")).ToHaveCountAsync(2);
        await page.GoBackAsync();
        await Expect(page.Locator(".log-line").First).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator(".node").First).ToBeVisibleAsync();
        await page.GoForwardAsync();
        await Expect(page.Locator(".log-line").First).ToBeVisibleAsync();
        // What leads to a card brings the cards back.
        await page.ClickAsync(".run-error-at a");
        await Expect(page.Locator(".node[data-node-id=node_2] summary").First).ToBeFocusedAsync();
        await page.GotoAsync($"/runs/{Seed.Failed}?tab=traces");
        await page.Locator(".span-row summary").First.ClickAsync();
        await Expect(page.Locator(".span-attributes").First).ToContainTextAsync("carried nothing");
        await page.Locator(".span-links [data-node]").First.ClickAsync();
        await Expect(page.Locator(".node[data-node-id=node_1] summary").First).ToBeFocusedAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Lines_are_filtered_scrolled_and_linked_to()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync($"/runs/{Seed.Big}?tab=logs");
        await Expect(page.Locator(".log-line").First).ToContainTextAsync("order 0:");
        // A run that is drawn anew leaves the lines where they are read.
        await page.EvaluateAsync("() => { document.querySelector('.log-view').scrollTop = 300; window.drawn = false; document.addEventListener('run:drawn', () => window.drawn = true, { once: true }); document.dispatchEvent(new CustomEvent('live:gap')); }");
        await page.WaitForFunctionAsync("() => window.drawn");
        Assert.Equal(300, await page.EvaluateAsync<int>("() => document.querySelector('.log-view').scrollTop"));
        for (var i = 0; i < 14; i++)
        {
            var lines = await page.Locator(".log-line").CountAsync();
            // While more lines are on their way, the page around them may be drawn anew.
            await page.EvaluateAsync("() => { const view = document.querySelector('.log-view'); view.scrollTop = view.scrollHeight; document.dispatchEvent(new CustomEvent('live:gap')); }");
            await page.WaitForFunctionAsync("n => document.querySelectorAll('.log-line').length !== n || n >= 2000", lines);
            await Site.SettleAsync(page);
        }

        Assert.InRange(await page.Locator(".log-line").CountAsync(), 400, 2000);
        await page.ClickAsync(".log-segment-errors");
        await Expect(page.Locator(".log-line")).ToHaveCountAsync(5);
        await page.WaitForURLAsync("**level=error**");
        await page.Locator(".log-time").Nth(2).ClickAsync();
        await Expect(page.Locator(".log-target")).ToContainTextAsync("order 2990:");
        await page.ReloadAsync();
        await Expect(page.Locator(".log-target")).ToContainTextAsync("order 2990:");
        await Expect(page.Locator(".log-target")).ToBeInViewportAsync();
        var hash = new Uri(page.Url).Fragment;
        await page.GotoAsync($"/runs/{Seed.Long}");
        await page.GotoAsync($"/runs/{Seed.Big}{hash}");
        await Expect(page.Locator(".log-target")).ToContainTextAsync("order 2990:");
        await page.FillAsync(".log-form input[type=search]", "order 4711:");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".log-line")).ToHaveCountAsync(1);
        await Expect(page.Locator(".log-form input[type=search]")).ToBeFocusedAsync();
        await page.FillAsync(".log-form input[type=search]", "nowhere");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".log-none")).ToBeVisibleAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task New_lines_appear_at_the_end_and_do_not_move_what_is_read()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync($"/runs/{Seed.Long}?tab=logs");
        await Expect(page.Locator(".gap-note").First).ToContainTextAsync("no log lines");
        await Expect(page.Locator("[data-logs]")).ToHaveAttributeAsync("data-seq", "0");
        await LinesAsync(site, "a", 40);
        await Expect(page.Locator(".log-line")).ToHaveCountAsync(40);
        await Expect(page.Locator("[data-logs-state]")).ToBeVisibleAsync();
        await page.EvaluateAsync("() => { document.querySelector('.log-view').scrollTop = 0; }");
        await LinesAsync(site, "b", 5);
        await Expect(page.Locator(".log-line")).ToHaveCountAsync(45);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.querySelector('.log-view').scrollTop"));
        await page.ClickAsync("[data-logs-new]");
        await Expect(page.Locator(".log-line").Last).ToBeInViewportAsync();
        await LinesAsync(site, "c", 5);
        await Expect(page.Locator(".log-line").Last).ToContainTextAsync("c 4");
        await Expect(page.Locator(".log-line").Last).ToBeInViewportAsync();
    }

    [BrowserFact]
    public async Task The_slide_over_has_the_same_tabs_and_back_closes_it()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.Locator($"tr[data-id='{Seed.Failed}'] td").First.ClickAsync();
        await page.ClickAsync("#panel #tab-logs");
        await Expect(page.Locator("#panel .log-line")).ToHaveCountAsync(8);
        await page.ClickAsync("#panel .log-segment-errors");
        await Expect(page.Locator("#panel .log-line")).ToHaveCountAsync(2);
        await page.ClickAsync("#panel #tab-steps");
        await Expect(page.Locator("#panel .node").First).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();
    }

    static async Task LinesAsync(Site site, string name, int count)
    {
        var now = site.Hub.Get<TimeProvider>().GetUtcNow();
        var lines = Enumerable.Range(0, count).Select(i => new LogWrite { At = now.AddMicroseconds(i), Level = "info", Text = $"{name} {i}" }).ToList();
        await site.ReportAsync(new RunWrite { Id = Seed.Long, Logs = lines });
    }
}
