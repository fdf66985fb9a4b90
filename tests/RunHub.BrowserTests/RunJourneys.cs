using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>What people do with one run, and with their own settings.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RunJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task A_failed_run_says_what_happened_and_leads_to_the_node()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Failed);
        await Expect(page.Locator("#error-message")).ToContainTextAsync("did not answer within 30 seconds");
        await Expect(page.Locator("#error-stack")).ToBeHiddenAsync();
        await page.ClickAsync(".run-error .fold summary");
        await Expect(page.Locator("#error-stack")).ToContainTextAsync("OcrClient.read");
        var node = page.Locator(".node[data-node-id=node_2]");
        await node.Locator("summary").First.ClickAsync();
        await Expect(node).Not.ToHaveAttributeAsync("open", "");
        await page.ClickAsync(".run-error-at a");
        await Expect(node).ToHaveAttributeAsync("open", "");
        await Expect(node.Locator("summary").First).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task A_node_card_shows_prompts_badges_and_highlighted_output()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Completed);
        var node = page.Locator(".node[data-node-id=node_1]");
        await Expect(node.Locator(".node-title")).ToHaveTextAsync("node_1 (Lead Analyzer)");
        await Expect(node).ToContainTextAsync("You are a lead analyst.");
        await Expect(node.Locator(".badge", new() { HasText = "gpt-4o-mini" })).ToBeVisibleAsync();
        await Expect(node.Locator(".badge", new() { HasText = "0.7" })).ToBeVisibleAsync();
        // Colours come to what comes into view.
        await node.Locator(".node-part").Last.ScrollIntoViewIfNeededAsync();
        await Expect(node.Locator(".hljs-attr", new() { HasText = "\"score\"" })).ToBeVisibleAsync();
        await node.Locator(".node-part").Last.Locator(".json").First.HoverAsync();
        await node.Locator(".node-part").Last.Locator("[data-copy-from]").First.ClickAsync();
        await Until.ClipboardHasAsync(page, "\"segment\": \"Enterprise\"");
        await node.Locator("summary").First.PressAsync("Enter");
        await Expect(node.Locator(".node-body")).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task A_large_output_is_asked_for_and_folded()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Big);
        await Expect(page.Locator(".json-large")).ToContainTextAsync("KB");
        await page.Locator(".json-large .btn").First.ClickAsync();
        await Expect(page.Locator(".json .clamped")).ToContainTextAsync("\"line\": 0");
        var more = page.Locator("[data-expand]");
        await more.ClickAsync();
        await Expect(more).ToHaveAttributeAsync("aria-expanded", "true");
        await Expect(page.Locator(".json .clamped")).ToHaveCountAsync(0);

        // The page is drawn anew when the run changes; what was asked for and unfolded stays.
        await page.EvaluateAsync("() => { window.drawn = 0; document.addEventListener('run:drawn', () => window.drawn++); document.dispatchEvent(new CustomEvent('live:gap')); }");
        await page.WaitForFunctionAsync("() => window.drawn > 0");
        await Expect(more).ToHaveAttributeAsync("aria-expanded", "true");
        await Expect(page.Locator(".json .clamped")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Many_nodes_come_fifty_at_a_time()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Long);
        await Expect(page.Locator(".node")).ToHaveCountAsync(50);
        await page.ClickAsync("#nodes-more a");
        await Expect(page.Locator(".node")).ToHaveCountAsync(60);
        await Expect(page.Locator("#nodes-more")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Signs_in_and_out()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.Hub.PersonAsync("lea@acme.example", Access.Role.Viewer, await site.Hub.TenantAsync(), password: "correct-horse-battery-1");
        var page = await site.OpenAsync("/runs", role: null);
        await page.WaitForURLAsync("**/sign-in**");
        await page.FillAsync("input[type=email]", "lea@acme.example");
        await page.FillAsync("input[type=password]", "correct-horse-battery-1");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/runs");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(50);
        await page.ClickAsync(".user-menu > summary");
        await page.Locator(".user-menu form[action='/sign-out'] button").ClickAsync();
        await page.WaitForURLAsync("**/sign-in**");
        await page.GotoAsync("/runs");
        await page.WaitForURLAsync("**/sign-in**");
    }

    [BrowserFact]
    public async Task Theme_and_language_are_kept()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs");
        await page.ClickAsync(".user-menu > summary");
        await page.ClickAsync("[data-theme-choice=dark]");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.ClickAsync(".user-menu > summary");
        await page.Locator("button[name=language][value=es]").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Ejecuciones");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "es");
        await Expect(page.Locator($"tr[data-id={Seed.Completed}] .status")).ToHaveAttributeAsync("aria-label", "Estado: Correcto");
        await Expect(page.Locator($"tr[data-id={Seed.Completed}] time")).ToHaveTextAsync("hace 2 min");
    }

    [BrowserFact]
    public async Task The_browser_s_language_is_spoken_where_none_was_chosen()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Failed, locale: "es-ES");
        await Expect(page.Locator("#error-title")).ToHaveTextAsync("La ejecución ha fallado");
    }

    [BrowserFact]
    public async Task What_is_not_there_is_said_in_the_layout()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/nothing-here");
        await Expect(page.Locator("h1")).ToHaveTextAsync("There is nothing here");
        await Expect(page.Locator("nav[aria-label='Main navigation']")).ToBeVisibleAsync();
        var answer = await page.GotoAsync("/no/such/page");
        Assert.Equal(404, answer!.Status);
        await Expect(page.Locator("h1")).ToHaveTextAsync("There is nothing here");
    }

    [BrowserFact]
    public async Task Pages_work_without_script()
    {
        await using var site = await Site.StartAsync(chromium);
        var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = site.Hub.Address.ToString(), JavaScriptEnabled = false });
        var tenant = await site.Hub.TenantAsync();
        var person = await site.Hub.PersonAsync("noscript@acme.example", Access.Role.Viewer, tenant);
        await context.AddCookiesAsync([new Cookie { Name = "runhub", Value = site.Hub.Cookie(person, tenant), Url = site.Hub.Address.ToString() }]);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/runs");
        await page.ClickAsync("#status-failed");
        await page.WaitForURLAsync("**/runs?status=failed");
        await page.GotoAsync("/runs");
        await page.ClickAsync("#load-more");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(50);
        await page.Locator("#rows td a").First.ClickAsync();
        await Expect(page.Locator("article.run-page")).ToBeVisibleAsync();
        await context.CloseAsync();
    }
}
