using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>What people do on the run list.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ListJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task Filters_sorts_and_goes_back_with_the_address_in_step()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(50);
        await page.ClickAsync("#status-failed");
        await page.WaitForURLAsync("**/runs?status=failed");
        await Expect(page.Locator("#rows .status:not(.failed)")).ToHaveCountAsync(0);
        await page.ClickAsync("#type-crafter");
        await page.WaitForURLAsync("**/runs?status=failed&type=crafter");
        await Expect(page.Locator("#type-crafter")).ToHaveAttributeAsync("aria-current", "page");
        await page.ClickAsync("#sort-Duration");
        await page.WaitForURLAsync("**/runs?status=failed&type=crafter&sort=-duration");
        await Expect(page.Locator("th[aria-sort=descending]")).ToContainTextAsync("Duration");
        await page.GoBackAsync();
        await page.WaitForURLAsync("**/runs?status=failed&type=crafter");
        await page.GoBackAsync();
        await page.GoBackAsync();
        await page.WaitForURLAsync("**/runs");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(50);
        await Expect(page.Locator("#status-all")).ToHaveAttributeAsync("aria-current", "true");
        Assert.DoesNotContain(site.ConsoleErrors, e => !e.StartsWith("htmx:", StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task A_quick_filter_offers_the_values_there_are_and_a_chip_takes_it_away()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.Locator(".runs-quick summary", new() { HasText = "Workflow" }).ClickAsync();
        await page.Locator(".menu-item", new() { HasText = "ticket_triage" }).ClickAsync();
        await page.WaitForURLAsync("**/runs?workflow=ticket_triage");
        await Expect(page.Locator(".chip")).ToHaveCountAsync(1);
        await page.ClickAsync(".chip");
        await page.WaitForURLAsync("**/runs");
        await Expect(page.Locator(".chip")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task The_filter_form_leaves_nothing_empty_in_the_address()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed");
        await page.ClickAsync(".filter-menu > summary");
        await page.SelectOptionAsync("#f-error_class", "validation_failed");
        await page.FillAsync("#f-env", "prod,dev");
        await page.Locator(".filter-form button").ClickAsync();
        await page.WaitForURLAsync("**/runs?status=failed&env=prod,dev&error_class=validation_failed");
        await Expect(page.Locator(".chip")).ToHaveCountAsync(4);
    }

    [BrowserFact]
    public async Task Load_more_appends_and_shows_every_run_once()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.ClickAsync("#load-more");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(100);
        await page.ClickAsync("#load-more");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(135);
        await Expect(page.Locator("#load-more")).ToHaveCountAsync(0);
        var ids = await page.Locator("#rows tr").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");
        Assert.Equal(135, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [BrowserFact]
    public async Task Opens_a_run_by_keyboard_and_gives_the_focus_back()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?q=" + Seed.Completed);
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator($"tr[data-id={Seed.Completed}]")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        var panel = page.Locator("#panel");
        await Expect(panel.Locator("#panel-title")).ToHaveTextAsync("lead_scoring");
        await Expect(panel).ToHaveAttributeAsync("aria-modal", "true");
        await page.WaitForURLAsync($"**/runs/{Seed.Completed}");
        for (var i = 0; i < 40; i++)
        {
            await page.Keyboard.PressAsync(i % 3 == 0 ? "Shift+Tab" : "Tab");
            Assert.True(await page.EvaluateAsync<bool>("document.getElementById('panel').contains(document.activeElement)"), $"The focus left the panel after {i + 1} keys.");
        }

        await page.Keyboard.PressAsync("Escape");
        await Expect(panel).ToBeHiddenAsync();
        await Expect(page.Locator($"tr[data-id={Seed.Completed}]")).ToBeFocusedAsync();
        await page.WaitForURLAsync("**/runs?q=" + Seed.Completed);
    }

    [BrowserFact]
    public async Task Back_closes_the_panel_and_forward_opens_it()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.Locator($"tr[data-id={Seed.Failed}] td").First.ClickAsync();
        await Expect(page.Locator("#panel .run-error")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(50);
        await page.GoForwardAsync();
        await Expect(page.Locator("#panel #panel-title")).ToHaveTextAsync("invoice_extraction");
        await page.ClickAsync("#panel [data-panel-close]");
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("#runs")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_failing_server_is_said_with_a_way_to_try_again()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.RouteAsync("**/runs?status=failed", route => route.FulfillAsync(new RouteFulfillOptions { Status = 503, Body = "busy" }));
        await page.ClickAsync("#status-failed");
        await Expect(page.Locator(".list-error")).ToBeVisibleAsync();
        await page.Locator(".list-error a").ClickAsync();
        await Expect(page.Locator(".list-error")).ToBeHiddenAsync();

        await page.RouteAsync("**/panel", route => route.AbortAsync());
        await page.Locator("#rows td").First.ClickAsync();
        await Expect(page.Locator("#panel [data-panel-retry]")).ToBeVisibleAsync();
        await page.UnrouteAsync("**/panel");
        await page.ClickAsync("#panel [data-panel-retry]");
        await Expect(page.Locator("#panel [data-panel-focus]")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_slow_panel_shows_a_skeleton()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        var goOn = new TaskCompletionSource();
        await page.RouteAsync("**/panel", async route =>
        {
            await goOn.Task;
            await route.ContinueAsync();
        });
        await page.Locator("#rows td").First.ClickAsync();
        await Expect(page.Locator("#panel .skeleton").First).ToBeVisibleAsync();
        goOn.SetResult();
        await Expect(page.Locator("#panel [data-panel-focus]")).ToBeVisibleAsync();
        await Expect(page.Locator("#panel .skeleton")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Copies_the_id_of_a_run()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.Locator($"tr[data-id={Seed.Failed}]").HoverAsync();
        await page.Locator($"tr[data-id={Seed.Failed}] .copy").ClickAsync();
        await Expect(page.Locator("#toast")).ToHaveTextAsync("Copied");
        await Until.ClipboardHasAsync(page, Seed.Failed);
        await Expect(page.Locator("#panel")).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task On_a_phone_rows_are_cards_and_nothing_is_wider_than_the_screen()
    {
        await using var site = await Site.StartAsync(chromium);
        foreach (var path in new[] { "/runs", "/runs/" + Seed.Completed, "/runs/" + Uri.EscapeDataString(Seed.Wordy), "/runs/" + Seed.Big })
        {
            var page = await site.OpenAsync(path, 390, 844);
            var wide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            Assert.True(wide <= 390, $"{path} is {wide} pixels wide.");
        }

        var list = await site.OpenAsync("/runs", 390, 844);
        Assert.Equal("grid", await list.Locator("#rows tr").First.EvaluateAsync<string>("row => getComputedStyle(row).display"));
        await list.ClickAsync(".top-menu");
        await Expect(list.Locator("#nav")).ToBeInViewportAsync();
        await list.ClickAsync(".nav-close");
        await Expect(list.Locator("#nav")).Not.ToBeInViewportAsync();
    }

    [BrowserFact]
    public async Task On_a_phone_the_whole_page_is_selected_and_ordered_above_the_cards()
    {
        await using var site = await Site.StartAsync(chromium);
        foreach (var path in new[] { "/runs", "/runs?columns=id,status,tokens" })
        {
            var page = await site.OpenAsync(path, 390, 844, role: Access.Role.Operator);
            await page.ClickAsync("#pick-all");
            await Expect(page.Locator("[data-picked-count]")).ToHaveTextAsync("50 runs selected");
            Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= 390);
            await page.ClickAsync("#pick-all");
            await Expect(page.Locator("#picked")).ToBeHiddenAsync();
            await page.ClickAsync("#sort-Status");
            await Until.TrueAsync(page, "() => location.search.includes('sort=status')");
        }
    }
}
