using Microsoft.Playwright;
using RunHub.Access;

namespace RunHub.BrowserTests;

/// <summary>
/// Pictures of every page and state in three widths and two themes, to be looked at: set <c>RUNHUB_SCREENSHOTS</c> to a folder.
/// <c>RUNHUB_SCREENSHOTS_ONLY</c> takes those whose name contains it.
/// </summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class Screenshots(Chromium chromium)
{
    static readonly string Folder = Environment.GetEnvironmentVariable("RUNHUB_SCREENSHOTS") ?? "";
    static readonly string Only = Environment.GetEnvironmentVariable("RUNHUB_SCREENSHOTS_ONLY") ?? "";

    [PictureFact("RUNHUB_SCREENSHOTS")]
    public async Task Pictures_of_every_page_are_taken_when_asked_for()
    {
        Directory.CreateDirectory(Folder);
        await using var site = await Site.StartAsync(chromium);
        await using var empty = await Site.StartAsync(chromium, empty: true);
        foreach (var (width, height) in new[] { (1440, 900), (820, 1180), (390, 844) })
        {
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                foreach (var view in PageView.All)
                {
                    if (!view.Name.Contains(Only, StringComparison.Ordinal)) continue;
                    var page = await (view.Empty ? empty : site).OpenAsync(view.Path, width, height, theme, view.Locale, view.Role);
                    await view.Prepare(page);
                    await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, $"{view.Name}-{width}-{theme.ToString().ToLowerInvariant()}.png"), FullPage = view.Whole });
                    await page.Context.CloseAsync();
                }
            }
        }

        Assert.NotEmpty(Directory.GetFiles(Folder, "*.png"));
    }
}
