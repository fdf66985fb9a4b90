using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Ingest;
using RunHub.Search;

namespace RunHub.BrowserTests;

/// <summary>A hub with somebody signed in, seen through Chromium.</summary>
public sealed class Site : IAsyncDisposable
{
    readonly Chromium chromium;
    readonly ConcurrentBag<IBrowserContext> contexts = [];
    int people;

    Site(Chromium chromium, TestHub hub) => (this.chromium, Hub) = (chromium, hub);

    /// <summary>The hub behind it.</summary>
    public TestHub Hub { get; }

    /// <summary>Errors pages wrote to the console, refusals of the content security policy among them, and what their scripts threw.</summary>
    public ConcurrentQueue<string> ConsoleErrors { get; } = [];

    /// <summary>A fresh hub, with <see cref="Seed"/>'s runs unless it shall be empty.</summary>
    public static async Task<Site> StartAsync(Chromium chromium, bool empty = false)
    {
        var hub = await TestHub.StartAsync(settings: new(StringComparer.Ordinal)
        {
            ["Navigation:Links:0:Text"] = "Leads", ["Navigation:Links:0:Url"] = "https://leads.example.com", ["Navigation:Links:0:Icon"] = "address-book",
            ["Navigation:Links:1:Text"] = "Sandbox", ["Navigation:Links:1:Url"] = "/docs", ["Navigation:Links:1:Icon"] = "flask",
        });
        var site = new Site(chromium, hub);
        await hub.TenantAsync();
        if (!empty)
        {
            await Seed.FillAsync(hub);
            await hub.Get<FillSearchIndex>().CatchUpAsync(default);
            await Seed.AddBrokenPluginAsync(hub);
        }

        return site;
    }

    /// <summary>A page of a window of its own.</summary>
    public async Task<IPage> OpenAsync(string path, int width = 1440, int height = 900, ColorScheme theme = ColorScheme.Light, string locale = "en-US", Role? role = Role.Viewer, bool script = true)
    {
        var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Hub.Address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = theme,
            Locale = locale,
            TimezoneId = "Europe/Madrid",
            Permissions = ["clipboard-read", "clipboard-write"],
            HasTouch = width < 640,
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = script,
        });
        contexts.Add(context);
        context.Console += (_, message) =>
        {
            if (message.Type == "error") ConsoleErrors.Enqueue(message.Text);
        };
        context.WebError += (_, error) => ConsoleErrors.Enqueue(error.Error);
        if (role is { } as_)
        {
            var tenant = await Hub.TenantAsync();
            var person = await Hub.PersonAsync($"ana.ruiz{Interlocked.Increment(ref people)}@acme.example", as_, tenant, installationAdmin: as_ == Role.Admin);
            await context.AddCookiesAsync([new Cookie { Name = "runhub", Value = Hub.Cookie(person, tenant), Url = Hub.Address.ToString() }]);
        }

        var page = await context.NewPageAsync();
        if (script) await GoAsync(page, path);
        else await page.GotoAsync(path);
        return page;
    }

    /// <summary>Another page in the same window, once it stands still.</summary>
    public static async Task GoAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await SettleAsync(page);
    }

    /// <summary>Waits until the page stands still: fonts are there, and every fragment that was asked for. Not for silence on the line: live pages listen for ever.</summary>
    public static Task SettleAsync(IPage page) => page.WaitForFunctionAsync("""
        () => document.readyState === 'complete' && document.fonts.status === 'loaded'
            && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')
        """);

    /// <summary>Something arrives, as from whoever seeded it.</summary>
    public async Task ReportAsync(params RunWrite[] runs)
    {
        var result = await Hub.Get<IngestRuns>().HandleAsync(await Seed.ReporterAsync(Hub), new RunBatch { Runs = runs }, atomic: true, default);
        Assert.Empty(result.Rejected.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r}")));
    }

    /// <summary>Somebody else does something to <see cref="Seed.Failed"/>.</summary>
    public async Task ActAsync(RunAct act)
    {
        var caller = new Caller(CallerKind.User, 1, "eva@acme.example", await Hub.TenantAsync(), Role.Operator, KeyScopes.None, IsInstallationAdmin: false);
        await Hub.Get<ActOnRuns>().HandleAsync(caller, act, Seed.Failed, default);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var context in contexts) await context.DisposeAsync();
        await Hub.DisposeAsync();
    }
}
