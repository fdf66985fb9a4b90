using Microsoft.AspNetCore.Localization;
using RunHub.Access;

namespace RunHub.Ui;

/// <summary>
/// Language, theme and width of the navigation: cookies of this browser, set by <c>POST /preferences</c> with the form
/// fields <c>language</c>, <c>theme</c>, <c>navigation</c> and <c>back</c>. It changes nothing but how pages look, so it
/// needs neither a session nor an antiforgery token, and works without script.
/// </summary>
public static class Preferences
{
    /// <summary><c>light</c> or <c>dark</c>; absent: as the system.</summary>
    public const string ThemeCookie = "theme";

    /// <summary><c>narrow</c> or <c>wide</c>; absent: as the screen allows.</summary>
    public const string NavigationCookie = "nav";

    /// <summary><c>en</c> or <c>es</c>; absent: as the browser asks.</summary>
    public const string LanguageCookie = "lang";

    /// <summary>Maps <c>/preferences</c>.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/preferences", SetAsync).Access(Allow.Anyone).DisableAntiforgery().ExcludeFromDescription();

    /// <summary>The language a person chose, for request localization.</summary>
    public static Task<ProviderCultureResult?> ChosenLanguage(HttpContext context) =>
        Task.FromResult(context.Request.Cookies[LanguageCookie] is "en" or "es" ? new ProviderCultureResult(context.Request.Cookies[LanguageCookie]!) : null);

    /// <summary>
    /// The first language the browser asks for that there is. By name: with invariant globalization no culture knows its parent,
    /// so <c>es-MX</c> would not be taken for <c>es</c>.
    /// </summary>
    public static Task<ProviderCultureResult?> AskedLanguage(HttpContext context)
    {
        var asked = context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString().Split('-')[0].ToLowerInvariant());
        return Task.FromResult(asked.FirstOrDefault(l => TextTable.Languages.Contains(l, StringComparer.Ordinal)) is { } language ? new ProviderCultureResult(language) : null);
    }

    static async Task SetAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        Keep(context, ThemeCookie, form["theme"], ["light", "dark"]);
        Keep(context, NavigationCookie, form["navigation"], ["narrow", "wide"]);
        Keep(context, LanguageCookie, form["language"], ["en", "es"]);
        var back = form["back"].ToString();
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = IsLocal(back) ? back : "/";
    }

    static void Keep(HttpContext context, string cookie, string? value, string[] allowed)
    {
        if (value is null) return;
        var options = new CookieOptions { Path = "/", MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, IsEssential = true };
        if (allowed.Contains(value, StringComparer.Ordinal)) context.Response.Cookies.Append(cookie, value, options);
        else context.Response.Cookies.Delete(cookie, options);
    }

    // "/x" but neither "//host" nor "/\host", which browsers take for another site; header characters are refused by Kestrel.
    static bool IsLocal(string url) => url.Length > 0 && url[0] == '/' && (url.Length == 1 || url[1] is not ('/' or '\\')) && !url.Any(c => c is < ' ' or > '~');
}
