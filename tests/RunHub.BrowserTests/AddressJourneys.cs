using System.Collections.Concurrent;
using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Ingest;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>The list's address: its steps in the history, and what is asked of the hub with it.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AddressJourneys(Chromium chromium)
{
    // Closes the slide-over and clicks in the moment in which the browser has been told to go back, and has not yet.
    const string ClickWhileClosing = """
        selector => new Promise(done => {
          const panel = document.getElementById('panel');
          panel.addEventListener('close', () => { document.querySelector(selector).click(); done(); }, { once: true });
          panel.close();
        })
        """;

    [BrowserFact]
    public async Task What_is_pressed_while_the_browser_goes_back_is_not_lost()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        var panel = page.Locator("#panel [data-panel-focus]");
        await page.Locator($"tr[data-id={Seed.Failed}] td").First.ClickAsync();
        await Expect(panel).ToBeVisibleAsync();
        await page.EvaluateAsync(ClickWhileClosing, $"tr[data-id={Seed.Completed}] td");
        await page.WaitForURLAsync("**/runs/" + Seed.Completed);
        await Expect(panel).ToBeVisibleAsync();
        Assert.Equal(Seed.Completed, await page.Locator("#panel").GetAttributeAsync("data-run"));
        await page.GoBackAsync();
        await page.WaitForURLAsync("**/runs");
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();

        await page.Locator($"tr[data-id={Seed.Failed}] td").First.ClickAsync();
        await Expect(panel).ToBeVisibleAsync();
        await page.EvaluateAsync(ClickWhileClosing, "#status-failed");
        await page.WaitForURLAsync("**/runs?status=failed");
        await Expect(page.Locator("#status-failed")).ToHaveAttributeAsync("aria-current", "true");
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();

        // An address that says the same in other words is a step like any other: back leads to it, and on from there.
        await page.GotoAsync("/runs?env=prod&status=failed");
        await page.ClickAsync("#type-crafter");
        await page.WaitForURLAsync("**/runs?*type=crafter*");
        await page.GoBackAsync();
        await page.WaitForURLAsync("**/runs?env=prod&status=failed");
        await Expect(page.Locator("#type-all")).ToHaveAttributeAsync("aria-current", "page");
        await page.GoForwardAsync();
        await page.WaitForURLAsync("**/runs?*type=crafter*");
        await Expect(page.Locator("#type-crafter")).ToHaveAttributeAsync("aria-current", "page");
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Rows_with_the_longest_ids_are_asked_for_in_pieces_that_a_request_has_room_for()
    {
        await using var site = await Site.StartAsync(chromium);
        var names = string.Join(',', Enumerable.Range(0, 12).Select(i => "output." + new string((char)('a' + i), 240)));
        var page = await site.OpenAsync("/runs?columns=id,status," + names);
        await Expect(page.Locator("#runs[data-connected]")).ToBeVisibleAsync();
        var asked = new ConcurrentQueue<(int Length, int Ids)>();
        await page.RouteAsync("**/runs/rows?**", async route =>
        {
            var url = route.Request.Url;
            asked.Enqueue((url.Length - site.Hub.Address.ToString().Length, url.Split("id=%").Length - 1));
            await route.FulfillAsync(new() { Status = 200, ContentType = "text/html", Body = "" });
        });
        await page.EvaluateAsync("""
            () => {
              document.querySelectorAll('#rows tr').forEach((row, i) => { row.dataset.id = String.fromCodePoint(0x4e00 + i).repeat(128); });
              document.dispatchEvent(new CustomEvent('live:gap'));
            }
            """);
        await Expect(page.Locator("#rows tr.gone")).ToHaveCountAsync(50, new() { Timeout = 30_000 });
        Assert.InRange(asked.Max(a => a.Length), 5_000, 8_000);
        Assert.Equal(50, asked.Sum(a => a.Ids));
    }

    [BrowserFact]
    public async Task A_list_whose_filter_nobody_understands_is_left_alone_whatever_happens()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        var asked = new ConcurrentQueue<string>();
        page.Request += (_, request) => asked.Enqueue(new Uri(request.Url).AbsolutePath);
        foreach (var (address, said) in new[] { ("/runs?query=staus%3Afailed", ".query-error"), ("/runs?status=broken", ".empty[role=alert]") })
        {
            await page.GotoAsync(address);
            await Site.SettleAsync(page);
            await ReportAsync(site);
            await page.EvaluateAsync("id => document.dispatchEvent(new CustomEvent('live:runs', { detail: { runs: [{ id, sort_at: Date.now() * 1000, matches: true }], more: 0, more_matching: 0 } }))", "new_one");
            await page.EvaluateAsync("document.dispatchEvent(new CustomEvent('live:gap'))");
            await page.WaitForTimeoutAsync(300);
            await Expect(page.Locator(said)).ToBeVisibleAsync();
            Assert.EndsWith(address, page.Url, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("/api/stream", asked);
        await page.ClickAsync(".empty .btn");
        await Expect(page.Locator("#runs[data-connected]")).ToBeVisibleAsync();
    }

    static Task ReportAsync(Site site) => site.ReportAsync(new RunWrite { Id = "new_one", WorkflowName = "w", Type = "crafter", Environment = "prod" });
}
