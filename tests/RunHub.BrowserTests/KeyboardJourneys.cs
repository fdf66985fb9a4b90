using System.Text.RegularExpressions;
using Microsoft.Playwright;
using RunHub.Access;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>The keyboard gets where it wants to be and stays there; what somebody types goes where they mean it; times are the reader's.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class KeyboardJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task A_link_skips_to_the_runs()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs", role: Role.Operator);
        var skip = page.GetByRole(AriaRole.Link, new() { Name = "Skip to the runs" });
        await skip.FocusAsync();
        await Expect(skip).ToBeInViewportAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#rows tr").First).ToBeFocusedAsync();
        Assert.EndsWith("/runs", page.Url, StringComparison.Ordinal);
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task A_step_in_the_address_takes_the_focus_in_the_view_of_the_address()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Long, role: Role.Operator);
        var id = await page.Locator(".node").Nth(1).GetAttributeAsync("data-step-id");
        await page.GotoAsync("about:blank");
        await page.GotoAsync($"/runs/{Seed.Long}#step-{id}");
        await Expect(page.Locator($".node[data-step-id='{id}'] > summary")).ToBeFocusedAsync();
        foreach (var (view, row) in new[] { ("table", "#step-rows a"), ("timeline", ".wf-step") })
        {
            await page.GotoAsync("about:blank");
            await page.GotoAsync($"/runs/{Seed.Long}?view={view}#step-{id}");
            await Expect(page.Locator($"{row}[data-node='{id}']")).ToBeFocusedAsync();
            await Expect(page.Locator("#steps-view")).ToHaveAttributeAsync("data-view", view);
            Assert.EndsWith($"?view={view}#step-{id}", page.Url, StringComparison.Ordinal);
        }

        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task What_is_typed_before_a_form_is_there_goes_into_it_and_presses_nothing()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?status=failed", role: Role.Operator);
        await page.GotoAsync("/runs/" + Seed.Failed);
        await Site.SettleAsync(page);
        await page.RouteAsync(url => FormOfAct().IsMatch(url), async route =>
        {
            await Task.Delay(1500);
            await route.ContinueAsync();
        });
        var here = page.Url;
        // j and k lead to other runs, e folds the steps, x and p have meanings too.
        await page.ClickAsync("#act-annotate");
        await page.Keyboard.TypeAsync("jkepx");
        await Expect(page.Locator("#run-acts textarea")).ToBeFocusedAsync();
        Assert.Equal(here, page.Url);
        await page.Keyboard.PressAsync("Escape");

        var card = page.Locator(".node[open]").First;
        await card.Locator(".node-comment").ClickAsync();
        await page.Keyboard.TypeAsync("just like pep");
        await Expect(page.Locator(".note-box form textarea")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(" talk");
        await Expect(page.Locator(".note-box form textarea")).ToHaveValueAsync("just like pep talk");
        Assert.Equal(here, page.Url);
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task Pausing_and_going_on_keep_the_focus_and_whoever_else_looks_sees_both()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/bulk/new?filter=&kind=tag", role: Role.Operator);
        await page.FillAsync("#bulk-add", "slow, steady");
        await Expect(page.Locator(".bulk-will:not([hidden])")).ToContainTextAsync("Adds slow, steady to ");
        await page.FillAsync("#bulk-rate", "5");
        await page.ClickAsync(".bulk-form .btn-primary");
        await page.WaitForURLAsync("**/bulk/bulk_*");
        var other = await site.OpenAsync(new Uri(page.Url).PathAndQuery);
        await page.Locator("#bulk-go").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#bulk .badge.purple")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeFocusedAsync();
        await Expect(other.Locator("#bulk .badge.purple")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeFocusedAsync();
        await Expect(other.Locator("#bulk .badge.blue")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task The_way_to_all_that_match_says_how_many_they_are_and_deleting_wants_the_number()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?workflow=invoice*&lane=all", role: Role.Admin);
        await page.Locator("#rows .pick").First.ClickAsync();
        var all = page.Locator("#picked a", new() { HasText = "matches this filter" });
        await Until.TrueAsync(page, "() => /\\([0-9,]+\\+?\\)$/.test(document.querySelector('#picked .btn-quiet').textContent)");
        await all.ClickAsync();
        await page.CheckAsync("[name=kind][value=delete]");
        await Expect(page.Locator(".bulk-form .btn-primary")).ToBeHiddenAsync();
        await Expect(page.Locator(".bulk-will:not([hidden])")).ToContainTextAsync("for ever");
        await page.ClickAsync(".bulk-form .btn-danger");
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("Nothing was deleted");
    }

    [BrowserFact]
    public async Task Times_are_the_readers_wherever_they_stand()
    {
        await using var site = await Site.StartAsync(chromium);
        // Madrid is an hour ahead in November.
        var page = await site.OpenAsync("/runs?from=2026-11-28T23:00:00Z");
        await Expect(page.Locator("#query")).ToHaveValueAsync("from:2026-11-29T00:00+01:00");
        await Expect(page.Locator(".chip time")).ToContainTextAsync("Nov 29, 2026");
        await Expect(page.Locator("#from")).ToHaveValueAsync("2026-11-29T00:00");
        await page.FocusAsync("#query");
        await page.Keyboard.PressAsync("End");
        await page.Keyboard.TypeAsync(" status:failed");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs?status=failed&from=2026-11-28T23:00:00Z");
        await page.ClickAsync(".runs-quick summary >> text=Time");
        await Expect(page.Locator("#from")).ToHaveValueAsync("2026-11-29T00:00");
        await page.FillAsync("#to", "2026-11-28T10:00");
        await page.ClickAsync("form[data-local-times] button");
        await Expect(page.Locator(".empty[role=alert]")).ToContainTextAsync("ends before it begins");
        Assert.DoesNotContain(site.ConsoleErrors, e => !e.Contains("400", StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task A_bar_of_the_chart_says_its_time_once_and_a_range_over_days_both_of_them()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs?lane=all&from=7d");
        var bars = page.Locator("#strip svg a");
        await Expect(bars.First).ToBeAttachedAsync();
        await Site.SettleAsync(page);
        foreach (var label in await bars.EvaluateAllAsync<string[]>("all => all.map(a => a.getAttribute('aria-label'))")) Assert.Single(Times().Matches(label));
        var box = (await page.Locator("#strip svg[role=group]").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width * 0.1f, box.Y + box.Height / 2);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width * 0.9f, box.Y + box.Height / 2, new() { Steps = 5 });
        var tip = await page.Locator(".strip-tip").TextContentAsync();
        Assert.Equal(2, Days().Count(tip!));
        await page.Mouse.UpAsync();
    }

    [GeneratedRegex("/act\\?kind=|/annotate\\?inline", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormOfAct();

    // A month with its day, however many clocks stand behind it.
    [GeneratedRegex("[A-Z][a-z]{2} [0-9]{1,2}[^:]*(:[0-9]{2}[^:]*)*: ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Times();

    [GeneratedRegex("[A-Z][a-z]{2} [0-9]{1,2}\\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Days();
}
