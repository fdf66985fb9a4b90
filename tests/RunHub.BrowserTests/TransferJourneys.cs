using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using RunHub.Access;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>
/// What goes over the line, as the browser counts it: the first page of somebody who has just signed in comes in one round of requests after
/// its document, and small; every later page is a few kilobytes.
/// </summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class TransferJourneys(Chromium chromium)
{
    const int FirstLoad = 220_000;
    const int Later = 30_000;

    [BrowserFact]
    public async Task The_first_page_is_one_round_of_220_kilobytes_and_every_later_one_is_30()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/sign-in", role: null);
        var tenant = await site.Hub.TenantAsync();
        // A member with every button there is.
        var person = await site.Hub.PersonAsync("all.buttons@acme.example", Role.Admin, tenant, installationAdmin: true);
        await page.Context.AddCookiesAsync([new Cookie { Name = "runhub", Value = site.Hub.Cookie(person, tenant), Url = site.Hub.Address.ToString() }]);
        var cdp = await page.Context.NewCDPSessionAsync(page);
        var line = new Line(cdp);
        await cdp.SendAsync("Network.enable");
        await cdp.SendAsync("Network.clearBrowserCache");
        await page.GotoAsync("about:blank");
        // What was seeded is past: a page asks again for rows that changed in the two seconds before it was drawn.
        await Task.Delay(TimeSpan.FromSeconds(3));

        var first = await line.MeasureAsync(() => LoadAsync(page, "/runs", "#strip .strip-figures"));
        Assert.True(first.Bytes <= FirstLoad, $"The first load took {first.Bytes} bytes:\n{first}");
        Assert.True(first.Depth <= 1, $"The first load took {first.Depth} rounds after the document:\n{first}");

        var later = new List<(string What, Measured Measured)>
        {
            ("status", await line.MeasureAsync(async () =>
            {
                await page.ClickAsync("#status-failed");
                await page.WaitForURLAsync("**/runs?status=failed");
                await Expect(page.Locator("#strip .strip-figures")).ToBeVisibleAsync();
                await Site.SettleAsync(page);
            })),
            ("run", await line.MeasureAsync(() => LoadAsync(page, "/runs/" + Seed.Failed, "#why-facts"))),
            ("errors", await line.MeasureAsync(() => LoadAsync(page, "/errors", "main h1"))),
            ("compare", await line.MeasureAsync(() => LoadAsync(page, $"/runs/{Seed.Failed}/compare/{Seed.LastGood}", "#compare-facts"))),
            ("list", await line.MeasureAsync(() => LoadAsync(page, "/runs?status=failed", "#strip .strip-figures"))),
        };
        Assert.All(later, l => Assert.True(l.Measured.Bytes <= Later, $"{l.What} took {l.Measured.Bytes} bytes:\n{l.Measured}"));
        if (Environment.GetEnvironmentVariable("RUNHUB_FIGURES") is { Length: > 0 } file)
            await File.WriteAllLinesAsync(file, later.Prepend(("first", first)).Select(l => $"{l.Item1}: {l.Item2}"));
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Neighbours_of_a_run_are_asked_for_when_somebody_is_about_to_go_on()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?limit=7");
        var asked = new List<string>();
        page.Request += (_, request) => asked.Add(new Uri(request.Url).PathAndQuery);
        var ids = await page.Locator("#rows tr[data-id]").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");
        // The last row: what comes next is on a page nobody has asked for.
        await page.GotoAsync("/runs/" + ids[^1]);
        await Site.SettleAsync(page);
        await Expect(page.Locator("main [data-near-next]")).ToBeVisibleAsync();
        Assert.DoesNotContain(asked, url => url.StartsWith("/runs?", StringComparison.Ordinal));
        await page.Keyboard.PressAsync("j");
        await Until.TrueAsync(page, "id => location.pathname.startsWith('/runs/') && !location.pathname.endsWith(id)", ids[^1]);
        Assert.Contains(asked, url => url.StartsWith("/runs?", StringComparison.Ordinal) && url.Contains("next_token=", StringComparison.Ordinal));
        await page.Keyboard.PressAsync("k");
        await Until.UrlEndsAsync(page, "/runs/" + ids[^1]);

        // The link of a row in a tab of its own: the list it came from is not read for it.
        await page.GotoAsync("/runs?status=failed");
        await Site.SettleAsync(page);
        var there = new List<string>();
        page.Context.Request += (_, request) => there.Add(new Uri(request.Url).PathAndQuery);
        var popup = await page.Context.RunAndWaitForPageAsync(() => page.EvaluateAsync("id => { open('/runs/' + id, '_blank', 'noopener'); }", Seed.Failed));
        await popup.WaitForURLAsync("**/runs/" + Seed.Failed);
        await Site.SettleAsync(popup);
        await Expect(popup.Locator("main [data-near-next]")).ToBeVisibleAsync();
        Assert.DoesNotContain(there, url => url.StartsWith("/runs?", StringComparison.Ordinal));
        await popup.Locator("main [data-near-next]").HoverAsync();
        await Expect(popup.Locator("main [data-near-next]")).Not.ToHaveAttributeAsync("data-near-ask", "");
        Assert.Contains("/runs?status=failed", there);
        Assert.Empty(site.ConsoleErrors);
    }

    static async Task LoadAsync(IPage page, string path, string stands)
    {
        await page.GotoAsync(path);
        await Expect(page.Locator(stands).First).ToBeVisibleAsync();
        await Site.SettleAsync(page);
    }

    /// <summary>What was asked for between two moments.</summary>
    sealed record Measured(long Bytes, int Depth, IReadOnlyList<string> Requests)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes} bytes, {Depth} rounds\n  ") + string.Join("\n  ", Requests);
    }

    /// <summary>Everything the browser asks for, with the bytes of its answers and who made it ask.</summary>
    sealed class Line
    {
        readonly Lock gate = new();
        readonly Dictionary<string, Asked> asked = new(StringComparer.Ordinal);

        public Line(ICDPSession cdp)
        {
            cdp.Event("Network.requestWillBeSent").OnEvent += (_, e) => Add(e!.Value);
            cdp.Event("Network.responseReceived").OnEvent += (_, e) => Count(e!.Value, e.Value.GetProperty("response").GetProperty("encodedDataLength").GetInt64(), whole: false);
            cdp.Event("Network.dataReceived").OnEvent += (_, e) => Count(e!.Value, e.Value.GetProperty("encodedDataLength").GetInt64(), whole: false);
            cdp.Event("Network.loadingFinished").OnEvent += (_, e) => Count(e!.Value, e.Value.GetProperty("encodedDataLength").GetInt64(), whole: true);
        }

        public async Task<Measured> MeasureAsync(Func<Task> act)
        {
            lock (gate) asked.Clear();
            await act();
            // What is still on its way.
            await Eventually.TrueAsync(() =>
            {
                lock (gate) return Task.FromResult(asked.Values.All(a => a.IsDone || a.Type == "EventSource"));
            });
            lock (gate)
            {
                // What is heard while a page stands is not part of its loading.
                var counted = asked.Values.Where(a => a.Type != "EventSource").ToList();
                return new Measured(counted.Sum(a => a.Bytes), counted.Max(a => Depth(a.Url, [])),
                    [.. counted.OrderByDescending(a => a.Bytes).Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Bytes} {a.Type} {new Uri(a.Url).PathAndQuery} by {string.Join(' ', a.By.Select(b => new Uri(b).PathAndQuery))}"))]);
            }
        }

        int Depth(string url, HashSet<string> way)
        {
            if (asked.Values.FirstOrDefault(a => a.Url == url) is not { } request || request.Type == "Document" || !way.Add(url)) return 0;
            return 1 + request.By.Select(by => Depth(by, way)).DefaultIfEmpty(0).Max();
        }

        void Add(JsonElement sent)
        {
            var url = sent.GetProperty("request").GetProperty("url").GetString()!;
            if (!url.StartsWith("http", StringComparison.Ordinal)) return;
            var initiator = sent.GetProperty("initiator");
            var by = new List<string>();
            if (initiator.TryGetProperty("url", out var from)) by.Add(from.GetString()!);
            for (var has = initiator.TryGetProperty("stack", out var stack); has; has = stack.TryGetProperty("parent", out stack))
                by.AddRange(stack.GetProperty("callFrames").EnumerateArray().Select(f => f.GetProperty("url").GetString()!));
            lock (gate) asked[sent.GetProperty("requestId").GetString()!] = new Asked(url, sent.GetProperty("type").GetString()!, [.. by.Where(b => b.StartsWith("http", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)]);
        }

        void Count(JsonElement heard, long bytes, bool whole)
        {
            lock (gate)
            {
                if (!asked.TryGetValue(heard.GetProperty("requestId").GetString()!, out var request)) return;
                request.Bytes = whole ? Math.Max(bytes, 0) : request.Bytes + bytes;
                request.IsDone = whole;
            }
        }
    }

    sealed record Asked(string Url, string Type, IReadOnlyList<string> By)
    {
        public long Bytes { get; set; }

        public bool IsDone { get; set; }
    }
}
