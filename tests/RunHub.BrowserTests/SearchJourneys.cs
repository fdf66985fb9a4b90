using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>The query line: one state with the filter bar, suggestions by keyboard, faults at their place, words marked.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SearchJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task The_line_and_the_filter_bar_edit_the_same_address()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.Keyboard.PressAsync("/");
        await Expect(page.Locator("#query")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("status:failed workflow:invoice* -env:dev");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs?status=failed&workflow=invoice*&-env=dev");
        await Expect(page.Locator("#status-failed")).ToHaveAttributeAsync("aria-current", "true");
        await Expect(page.Locator(".chip")).ToHaveCountAsync(3);
        await page.ClickAsync("#status-completed");
        await Expect(page.Locator("#query")).ToHaveValueAsync("status:completed workflow:invoice* -env:dev");
        await page.GoBackAsync();
        await Expect(page.Locator("#query")).ToHaveValueAsync("status:failed workflow:invoice* -env:dev");
        await page.FillAsync("#query", "");
        await page.PressAsync("#query", "Enter");
        await page.WaitForURLAsync("**/runs");
    }

    [BrowserFact]
    public async Task Suggestions_are_taken_by_keyboard()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.FocusAsync("#query");
        await page.Keyboard.TypeAsync("sta");
        var options = page.Locator("#query-options [role=option]");
        await Expect(options.First).ToBeVisibleAsync();
        await Expect(page.Locator("#query")).ToHaveAttributeAsync("aria-expanded", "true");
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("#query")).ToHaveAttributeAsync("aria-activedescendant", "query-option-0");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#query")).ToHaveValueAsync("status:");
        await Expect(options.First).ToContainTextAsync("completed");
        await page.Keyboard.TypeAsync("fa");
        await Expect(options).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#query")).ToHaveValueAsync("status:failed ");
        await page.Keyboard.TypeAsync("workflow:inv");
        await Expect(options.First).ToContainTextAsync("invoice");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#query-options")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs?status=failed&workflow=inv");
    }

    [BrowserFact]
    public async Task A_fault_is_said_at_its_place_and_mended_with_one_press()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.FillAsync("#query", "env:prod staus:failed");
        await page.PressAsync("#query", "Enter");
        var error = page.Locator("#query-error");
        await Expect(error).ToBeVisibleAsync();
        await Expect(error).ToHaveAttributeAsync("role", "alert");
        await Expect(error.Locator("mark")).ToHaveTextAsync("staus");
        await Expect(page.Locator("#query")).ToHaveValueAsync("env:prod staus:failed");
        await Expect(page.Locator("#query")).ToHaveAttributeAsync("aria-invalid", "true");
        await error.Locator("a").ClickAsync();
        await page.WaitForURLAsync("**/runs?status=failed&env=prod");
    }

    [BrowserFact]
    public async Task Words_are_marked_below_their_runs_and_open_them()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?query=osprey+employees");
        await page.WaitForURLAsync("**/runs?q=osprey%20employees");
        await Expect(page.Locator(".hit mark", new() { HasText = "Osprey" }).First).ToBeVisibleAsync();
        await page.Locator(".hit").First.ClickAsync();
        await Expect(page.Locator("#panel #panel-title")).ToHaveTextAsync("lead_scoring");
    }

    [BrowserFact]
    public async Task The_header_of_every_page_searches_too()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/profile");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("status:failed ocr");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs?q=ocr&status=failed");
        await Expect(page.Locator("#query")).ToHaveValueAsync("status:failed ocr");
    }
}
