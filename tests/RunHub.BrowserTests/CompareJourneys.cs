using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>From a failed run to what it did otherwise than the last good one.</summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class CompareJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task One_click_leads_from_a_failed_run_to_where_it_parted_from_the_last_success()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Failed);
        await Expect(page.Locator("#why-divergence")).ToContainTextAsync("Read pages");
        foreach (var part in new[] { "#error-message", ".run-error-guide >> nth=0", "#why-version", "#why-divergence", "#why-error", "#why-usual" }) await Expect(page.Locator(part)).ToBeInViewportAsync();
        await page.ClickAsync("#compare-success");
        await page.WaitForURLAsync("**/compare/" + Seed.LastGood);
        await Expect(page.Locator("#first-divergence")).ToBeInViewportAsync();
        await Expect(page.Locator("#first-divergence")).ToContainTextAsync("Read pages");
        await page.ClickAsync("#first-divergence a");
        await Expect(page.Locator(".compare-step.first")).ToContainTextAsync("504 Gateway Timeout");
        await Expect(page.Locator(".compare-step.first .diff ins, .compare-step.first .diff del").First).ToBeVisibleAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Any_run_can_be_chosen_without_script()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync($"/runs/{Seed.Failed}/compare", script: false);
        await page.FillAsync("#compare-with", Seed.LastGood);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#first-divergence")).ToBeVisibleAsync();
        await page.Locator(".compare-step summary").First.ClickAsync();
        await Expect(page.Locator(".compare-step .compare-sides").First).ToBeVisibleAsync();
    }
}
