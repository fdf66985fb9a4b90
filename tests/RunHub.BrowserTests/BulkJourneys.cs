using Microsoft.Playwright;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Http;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>One action on many runs, from its page.</summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class BulkJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task What_failed_says_why_and_is_tried_again_on_its_own()
    {
        await using var site = await Site.StartAsync(chromium);
        // No room for another tag.
        var added = new List<string>();
        try
        {
            for (var n = 0; ; n++)
            {
                await site.ActAsync(new TagRun([$"full-{n}"]));
                added.Add($"full-{n}");
            }
        }
        catch (ProblemException)
        {
            Assert.NotEmpty(added);
        }

        var page = await site.OpenAsync("/bulk/new?filter=status%3Dfailed&kind=tag", role: Role.Operator);
        await page.FillAsync("#bulk-add", "one more");
        await page.ClickAsync(".bulk-form .btn-primary");
        await page.WaitForURLAsync("**/bulk/bulk_*");
        await Expect(page.Locator("#bulk .badge.yellow")).ToBeVisibleAsync();
        await Expect(page.Locator(".bulk-facts dd").Nth(2)).ToHaveTextAsync("1");
        await page.GetByRole(AriaRole.Link, new() { Name = "Failed", Exact = true }).ClickAsync();
        var row = page.Locator("#bulk tbody tr");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToContainTextAsync(Seed.Failed);
        await Expect(row).ToContainTextAsync("64 tags");

        await site.ActAsync(new TagRun(Remove: [added[0]]));
        await page.ClickAsync("#bulk-retry");
        await Expect(page.Locator("#bulk .badge.green")).ToBeVisibleAsync();
        await Expect(page.Locator(".bulk-facts dd").Nth(2)).ToHaveTextAsync("0");
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task One_that_goes_slowly_is_given_up_before_everybody_s_eyes_and_what_was_done_is_taken_back()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/bulk/new?filter=&kind=tag", role: Role.Operator);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await page.FillAsync("#bulk-add", "by mistake");
        await page.FillAsync("#bulk-rate", "4");
        await page.ClickAsync(".bulk-form .btn-primary");
        await page.WaitForURLAsync("**/bulk/bulk_*");
        var other = await site.OpenAsync(new Uri(page.Url).PathAndQuery);
        // It says its pace and goes on by itself on both screens.
        await Expect(page.Locator("#bulk .bulk-facts")).ToContainTextAsync("4");
        foreach (var screen in new[] { page, other }) await Expect(screen.Locator(".bulk-facts dd").First).Not.ToHaveTextAsync("0");
        await page.ClickAsync("#bulk-abort");
        foreach (var screen in new[] { page, other }) await Expect(screen.Locator("#bulk .badge.red")).ToBeVisibleAsync();
        await Expect(other.Locator("#bulk form")).ToHaveCountAsync(0);

        await page.ClickAsync("#bulk-undo");
        await Expect(page.Locator("#bulk .badge.green")).ToBeVisibleAsync();
        await page.GotoAsync("/runs?tag=by%20mistake&lane=all");
        await Expect(page.Locator("#rows tr[data-id]")).ToHaveCountAsync(0);
        Assert.Empty(site.ConsoleErrors);
    }
}
