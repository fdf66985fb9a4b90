using Microsoft.Playwright;
using RunHub.Access;
using static Microsoft.Playwright.Assertions;

namespace RunHub.BrowserTests;

/// <summary>A part of a payload is commented on, and somebody is mentioned.</summary>
[Collection(OtherBrowserCollection.Name)]
public sealed class AnnotationJourneys(Chromium chromium)
{
    [BrowserFact]
    public async Task Selected_text_is_commented_marked_and_found_in_both_directions()
    {
        await using var site = await Site.StartAsync(chromium);
        var page = await site.OpenAsync("/runs/" + Seed.Completed, role: Role.Operator);
        await PageView.SelectTextAsync(page, "node_2", "cmp_88121");
        await page.ClickAsync(".note-button");
        await Expect(page.Locator(".note-box [data-note-quote]")).ToHaveTextAsync("cmp_88121");
        await Expect(page.Locator(".note-box textarea")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Merged with cmp_12 in May.");
        await page.ClickAsync(".note-box .btn-primary");
        var mark = page.Locator("mark.noted", new() { HasText = "cmp_88121" });
        await Expect(mark).ToBeVisibleAsync();
        await Expect(page.Locator("#toast")).ToContainTextAsync("Comment added");
        await Expect(page.Locator(".note-box")).ToHaveCountAsync(0);

        // From the mark to its note, and back; also after a reload and from the tab.
        await mark.ClickAsync();
        var note = page.Locator("#run-notes .note", new() { HasText = "Merged with cmp_12" });
        await Expect(note).ToBeFocusedAsync();
        await page.ReloadAsync();
        await note.Locator("[data-to-mark]").ClickAsync();
        await Expect(mark).ToBeInViewportAsync();
        await Expect(page.Locator(".noted-link:focus")).ToHaveCountAsync(1);
        await page.ClickAsync("#tab-annotations");
        var item = page.Locator("#annotations .note", new() { HasText = "Merged with cmp_12" });
        await item.Locator(".note-acts a").ClickAsync();
        await page.FillAsync("#annotations .note textarea", "Merged with cmp_13.");
        await page.ClickAsync("#annotations .note .btn-primary");
        await Expect(page.Locator("#annotations .note", new() { HasText = "cmp_13" })).ToContainTextAsync("edited");
        await page.Locator("#annotations .note", new() { HasText = "cmp_13" }).Locator("[data-to-mark]").ClickAsync();
        await Expect(mark).ToBeInViewportAsync();
        await Expect(page.Locator("#run-notes")).ToContainTextAsync("cmp_13");
        Assert.Empty(site.ConsoleErrors);
    }

    [BrowserFact]
    public async Task A_step_is_commented_by_keyboard_a_member_is_mentioned_and_reads_it()
    {
        await using var site = await Site.StartAsync(chromium);
        var zoe = await site.OpenAsync("/runs/" + Seed.Completed, role: Role.Viewer);
        var email = (await zoe.Locator(".user-menu strong").TextContentAsync())!;
        var page = await site.OpenAsync("/runs/" + Seed.Completed, role: Role.Operator);
        await page.Locator(".node[data-node-id=node_3] .node-comment").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".note-box textarea")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("What do you think, @" + email[..9]);
        await Expect(page.Locator("#mention-options [role=option]").First).ToBeVisibleAsync();
        Assert.Empty(await AccessibilityTests.ViolationsAsync(page, isCovered: true));
        while (await page.Locator("#mention-options [aria-selected=true]").GetAttributeAsync("data-insert") != email) await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".note-box textarea")).ToHaveValueAsync($"What do you think, @{email} ");
        // Somebody changes the run meanwhile: the page follows, and what is being written stays.
        using var key = await site.Hub.KeyAsync();
        using var patched = await key.PatchAsync("/api/runs/" + Seed.Completed, new StringContent("""{"owner":"zoe@acme.example"}""", System.Text.Encoding.UTF8, "application/json"));
        await Expect(page.Locator("#run-meta")).ToContainTextAsync("zoe@acme.example");
        await Expect(page.Locator(".note-box textarea")).ToHaveValueAsync($"What do you think, @{email} ");
        await Expect(page.Locator("mark.noted", new() { HasText = "Enterprise" })).ToHaveCountAsync(1);
        await page.ClickAsync(".note-box .btn-primary");
        await Expect(page.Locator("#run-notes .mention")).ToHaveTextAsync("@" + email);

        await zoe.GotoAsync("/mentions");
        await Expect(zoe.Locator(".top-mentions .count")).ToHaveTextAsync("1");
        Assert.Empty(await AccessibilityTests.ViolationsAsync(zoe, isCovered: false));
        await zoe.RunAndWaitForRequestAsync(() => zoe.Locator("[data-mention]").ClickAsync(), request => request.Method == "POST" && request.Url.EndsWith("/mentions", StringComparison.Ordinal));
        await zoe.WaitForURLAsync("**#annotation-*");
        await Expect(zoe.Locator("#run-notes .note:target")).ToBeInViewportAsync();
        await zoe.GotoAsync("/mentions");
        await Expect(zoe.Locator("#mentions .empty")).ToBeVisibleAsync();
        await Expect(zoe.Locator(".top-mentions .count")).ToHaveCountAsync(0);
        Assert.Empty(site.ConsoleErrors);
    }
}
