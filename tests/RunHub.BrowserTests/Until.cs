using Microsoft.Playwright;

namespace RunHub.BrowserTests;

/// <summary>Waits for what comes a moment after what can be seen: addresses, the focus, the clipboard. A plain assertion on a moment fails on a busy machine.</summary>
static class Until
{
    /// <summary>The address ends with this.</summary>
    public static Task UrlEndsAsync(IPage page, string end) => TrueAsync(page, "end => location.href.endsWith(end)", end);

    /// <summary>The focus is inside of what this selector finds.</summary>
    public static Task FocusInAsync(IPage page, string selector) => TrueAsync(page, "selector => document.querySelector(selector)?.contains(document.activeElement) === true", selector);

    /// <summary>The clipboard's text contains this.</summary>
    public static Task ClipboardHasAsync(IPage page, string text) =>
        Eventually.TrueAsync(async () => (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).Contains(text, StringComparison.Ordinal));

    /// <summary>A function of the page answers true.</summary>
    public static async Task TrueAsync(IPage page, string function, object? argument = null)
    {
        try
        {
            await page.WaitForFunctionAsync(function, argument, new() { Timeout = 15_000 });
        }
        catch (TimeoutException)
        {
            var focused = await page.EvaluateAsync<string>("document.activeElement?.outerHTML.slice(0, 200) ?? ''");
            Assert.Fail($"Not true within 15 s: {function} of {argument}; at {page.Url}, focused {focused}");
        }
    }
}
