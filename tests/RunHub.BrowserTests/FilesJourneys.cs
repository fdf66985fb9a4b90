using System.Text;
using Microsoft.Playwright;
using RunHub.Access;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>Files, checkpoints and lineage of a run, and the lanes of the list.</summary>
[Collection(WholeBrowserCollection.Name)]
public sealed class FilesJourneys(WholeChromium chromium)
{
    [BrowserFact]
    public async Task A_file_is_attached_opened_and_deleted_on_the_runs_page()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Running, role: Role.Admin);
        await page.ClickAsync("#tab-attachments");
        await Expect(page.Locator("#attachments .empty")).ToBeVisibleAsync();
        await page.SetInputFilesAsync("#attachment-files",
        [
            new FilePayload { Name = "notes.txt", MimeType = "text/html", Buffer = Encoding.UTF8.GetBytes("Only words.") },
            new FilePayload { Name = "evil.png", MimeType = "image/png", Buffer = Encoding.UTF8.GetBytes("<!doctype html><script>document.title='owned'</script>") },
            new FilePayload { Name = "paper.bin", MimeType = "application/octet-stream", Buffer = Encoding.UTF8.GetBytes("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj trailer<</Root 1 0 R>>") },
        ]);
        await page.Locator(".files-form button").ClickAsync();
        await Expect(page.Locator(".file")).ToHaveCountAsync(3);
        await Expect(page.Locator(".file", new() { HasText = "evil.png" })).ToContainTextAsync("text/html");
        Assert.Empty(await AccessibilityTests.ViolationsAsync(page, isCovered: false));

        var shown = await page.Context.RunAndWaitForPageAsync(() => page.Locator(".file-name", new() { HasText = "notes.txt" }).ClickAsync());
        await shown.WaitForLoadStateAsync();
        Assert.Contains("/files/", shown.Url, StringComparison.Ordinal);
        Assert.Equal("Only words.", await shown.Locator("body").InnerTextAsync());
        await shown.CloseAsync();
        // In the browser's own viewer, which our policy leaves alone.
        var paper = await page.Context.RunAndWaitForPageAsync(() => page.Locator(".file-name", new() { HasText = "paper.bin" }).ClickAsync());
        await Eventually.TrueAsync(() => Task.FromResult(paper.Frames.Any(f => f.Url.StartsWith("chrome-extension://", StringComparison.Ordinal))));
        await paper.CloseAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator(".file-name", new() { HasText = "evil.png" }).ClickAsync());
        Assert.Equal("evil.png", download.SuggestedFilename);

        var evil = page.Locator(".file", new() { HasText = "evil.png" });
        await evil.Locator("summary").ClickAsync();
        await evil.Locator(".file-delete button").ClickAsync();
        await Expect(page.Locator(".file")).ToHaveCountAsync(2);
        await page.ReloadAsync();
        await Expect(page.Locator(".file-name")).ToHaveTextAsync(["notes.txt", "paper.bin"]);
        Assert.DoesNotContain(site.ConsoleErrors, e => e.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task A_viewer_may_open_files_and_nothing_else()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync($"/runs/{Seed.Completed}?tab=attachments");
        await Expect(page.Locator(".file").First).ToBeVisibleAsync();
        await Expect(page.Locator(".files-form, .file-delete")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Without_script_a_file_is_attached_by_a_plain_form()
    {
        await using var site = await Site.StartAsync(chromium);
        var signedIn = await site.OpenAsync("/runs", role: Role.Operator);
        var cookies = await signedIn.Context.CookiesAsync();
        await using var plain = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = site.Hub.Address.ToString(), JavaScriptEnabled = false });
        await plain.AddCookiesAsync(cookies.Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = site.Hub.Address.ToString() }));
        var page = await plain.NewPageAsync();
        await page.GotoAsync($"/runs/{Seed.Running}?tab=attachments");
        await page.SetInputFilesAsync("#attachment-files", new FilePayload { Name = "plain.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("a,b\r\n1,2\r\n") });
        await page.Locator(".files-form button").ClickAsync();
        await Expect(page.Locator(".file-name")).ToHaveTextAsync("plain.csv");
    }

    [BrowserFact]
    public async Task A_checkpoint_opens_to_its_channels_and_pending_writes()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync($"/runs/{Seed.Completed}?tab=checkpoints");
        await Expect(page.Locator(".checkpoint").First).ToContainTextAsync("Interrupt");
        await page.Locator(".checkpoint > summary").First.ClickAsync();
        await Expect(page.Locator(".checkpoint-content").First).ToContainTextAsync("Send this offer to Osprey Logistics?");
        await Expect(page.Locator(".checkpoint-content").First).ToContainTextAsync("draft");
        var packed = page.Locator(".checkpoint", new() { HasText = "writer:7c1e" });
        await packed.Locator("summary").First.ClickAsync();
        await Expect(packed.Locator(".checkpoint-content")).ToContainTextAsync("msgpack");
        Assert.Empty(await AccessibilityTests.ViolationsAsync(page, isCovered: false));
    }

    [BrowserFact]
    public async Task Lineage_leads_from_run_to_run_and_the_list_shows_backfills_in_one_click()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.SecondAttempt);
        await Expect(page.Locator("#lineage")).ToContainTextAsync("this run");
        await Expect(page.Locator("#lineage")).ToContainTextAsync("erp-sent-again");
        await page.Locator($"#lineage a[href='/runs/{Seed.Failed}']").First.ClickAsync();
        await page.WaitForURLAsync("**/runs/" + Seed.Failed);
        await page.Locator("#lineage a", new() { HasText = "All 7" }).ClickAsync();
        await page.WaitForURLAsync("**/runs?parent=*");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(7);

        await page.GotoAsync("/runs");
        await page.ClickAsync("#lane-backfill");
        await page.WaitForURLAsync("**/runs?lane=backfill");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(8);
        await page.ClickAsync("#lane-production");
        await page.WaitForURLAsync(url => url.EndsWith("/runs", StringComparison.Ordinal));
        await Expect(page.Locator("#lane-production")).ToHaveAttributeAsync("aria-current", "true");
    }
}
