using Microsoft.Net.Http.Headers;

namespace RunHub.Http;

/// <summary>The few things a server needs to know of htmx.</summary>
public static class Htmx
{
    /// <summary>True when htmx asks for a fragment; false for a whole page, also when htmx restores one from history.</summary>
    public static bool IsHtmx(this HttpRequest request) =>
        request.Headers.ContainsKey("HX-Request") && !request.Headers.ContainsKey("HX-History-Restore-Request");

    /// <summary>Id of the element that will be swapped; null when htmx does not say.</summary>
    public static string? HtmxTarget(this HttpRequest request) => request.Headers["HX-Target"] is [{ Length: > 0 } id] ? id : null;

    /// <summary>One URL answers both a page and a fragment: caches must know.</summary>
    public static void VaryByHtmx(this HttpResponse response) => response.Headers.Append(HeaderNames.Vary, "HX-Request");

    /// <summary>Tells the page that something happened; other regions refresh on it (<c>business-changed</c>).</summary>
    public static void HtmxTrigger(this HttpResponse response, string name) => response.Headers.Append("HX-Trigger", name);

    /// <summary>Sends the browser to another page.</summary>
    public static void HtmxRedirect(this HttpResponse response, string url) => response.Headers["HX-Redirect"] = url;

    /// <summary>Puts another URL into the address bar.</summary>
    public static void HtmxPushUrl(this HttpResponse response, string url) => response.Headers["HX-Push-Url"] = url;
}
