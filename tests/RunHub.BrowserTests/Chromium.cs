using Microsoft.Playwright;

namespace RunHub.BrowserTests;

/// <summary>
/// The system's Chromium, started once for all tests of a collection; <c>CHROMIUM</c> names another. Where it is packaged, the one
/// without windows is taken, which renders the same with a quarter less of the processor.
/// </summary>
public class Chromium : IAsyncLifetime
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

    /// <summary>Where the whole Chromium is; null: nowhere.</summary>
    public static string? Executable { get; } = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <summary>Which one is started.</summary>
    protected virtual string? Program => Environment.GetEnvironmentVariable("CHROMIUM") is null && File.Exists("/usr/bin/chromium-headless-shell") ? "/usr/bin/chromium-headless-shell" : Executable;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Executable is null) return;
        // What is true at once costs nothing; on a busy machine five seconds, the default, may be one slow request.
        Assertions.SetDefaultExpectTimeout(15_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = Arguments });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }
}

/// <summary>The whole Chromium, with what it brings of its own, such as its viewer of PDF files.</summary>
public sealed class WholeChromium : Chromium
{
    /// <inheritdoc/>
    protected override string? Program => Executable;
}

/// <summary>Tests of what only the whole Chromium has.</summary>
[CollectionDefinition(Name)]
public sealed class WholeBrowserCollection : ICollectionFixture<WholeChromium>
{
    /// <summary>Its name.</summary>
    public const string Name = "Whole Chromium";
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
