using Microsoft.Playwright;

namespace RunHub.BrowserTests;

/// <summary>
/// The pictures of the README, taken by <c>tools/pictures.sh</c> of a running demo: <c>RUNHUB_PICTURES</c> is the folder,
/// <c>RUNHUB_PICTURES_OF</c> the demo's sign-in link.
/// </summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class ReadmePictures(Chromium chromium)
{
    static readonly string Folder = Environment.GetEnvironmentVariable("RUNHUB_PICTURES") ?? "";

    [PictureFact("RUNHUB_PICTURES")]
    public async Task Pictures_of_the_demo_are_taken_when_asked_for()
    {
        var link = new Uri(Environment.GetEnvironmentVariable("RUNHUB_PICTURES_OF")!);
        await using var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = link.GetLeftPart(UriPartial.Authority), ViewportSize = new ViewportSize { Width = 1440, Height = 900 }, Locale = "en-US", ReducedMotion = ReducedMotion.Reduce,
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(link.ToString());
        await TakeAsync(page, "/runs", "runs.png");
        await page.GotoAsync("/runs?status=failed&sort=-started");
        var failed = await page.Locator("#rows tr[data-id] a[href^='/runs/']").First.GetAttributeAsync("href");
        await TakeAsync(page, failed!, "run.png");
    }

    static async Task TakeAsync(IPage page, string path, string name)
    {
        await page.GotoAsync(path);
        await Site.SettleAsync(page);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name) });
    }
}
