using Microsoft.Playwright;

namespace RunHub.BrowserTests;

/// <summary>The system's Chromium, started once for all tests of a collection; <c>CHROMIUM</c> names another.</summary>
public sealed class Chromium : IAsyncLifetime
{
    static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars", "--font-render-hinting=none",
    ];

    IPlaywright? playwright;
    IBrowser? browser;

    /// <summary>The browser.</summary>
    public IBrowser Browser => browser ?? throw new InvalidOperationException("There is no Chromium.");

    /// <summary>Where Chromium is, best the one without windows, which needs a fifth less of the processor; null: nowhere.</summary>
    public static string? Executable { get; } = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Executable is null) return;
        // What is true at once costs nothing; on a busy machine five seconds, the default, may be one slow request.
        Assertions.SetDefaultExpectTimeout(15_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Executable, Args = Arguments });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }
}

/// <summary>Browser tests run one after another in one of two Chromiums side by side, each with a clipboard of its own: a page waits for its server as often as the server for it.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<Chromium>
{
    /// <summary>Its name.</summary>
    public const string Name = "Chromium";
}

/// <summary>The other half, see <see cref="BrowserCollection"/>.</summary>
[CollectionDefinition(Name)]
public sealed class OtherBrowserCollection : ICollectionFixture<Chromium>
{
    /// <summary>Its name.</summary>
    public const string Name = "Other Chromium";
}

/// <summary>Browser tests that measure time: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuringCollection : ICollectionFixture<Chromium>
{
    /// <summary>Its name.</summary>
    public const string Name = "Chromium alone";
}

/// <summary>A test that needs a browser: skipped where there is none, except with <c>CI=true</c>, where it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <summary>Judges once.</summary>
    public BrowserFactAttribute()
    {
        if (Chromium.Executable is null && Environment.GetEnvironmentVariable("CI") is not "true") Skip = "There is no Chromium here; CHROMIUM names one.";
    }
}

/// <summary>Takes pictures for people: skipped, and said to be, unless a variable names the folder they go to.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PictureFactAttribute : FactAttribute
{
    /// <summary>Judges once.</summary>
    public PictureFactAttribute(string variable)
    {
        Variable = variable;
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable))) Skip = $"Pictures are taken where {variable} names a folder.";
        else if (Chromium.Executable is null) Skip = "There is no Chromium here; CHROMIUM names one.";
    }

    /// <summary>The variable.</summary>
    public string Variable { get; }
}

/// <summary>A theory that needs a browser, see <see cref="BrowserFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    /// <summary>Judges once.</summary>
    public BrowserTheoryAttribute()
    {
        if (Chromium.Executable is null && Environment.GetEnvironmentVariable("CI") is not "true") Skip = "There is no Chromium here; CHROMIUM names one.";
    }
}
