using RunHub.Ui;

namespace RunHub.Admin;

/// <summary>
/// A person's language and theme follow them to another browser: they are kept with the user and become the browser's
/// cookies (see <see cref="Preferences"/>) at sign-in and when the profile is saved.
/// </summary>
static class LookPreferences
{
    public static void Write(HttpContext context, string? language, string? theme)
    {
        Set(context, Preferences.LanguageCookie, language);
        Set(context, Preferences.ThemeCookie, theme);
    }

    static void Set(HttpContext context, string cookie, string? value)
    {
        var options = new CookieOptions { Path = "/", MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, HttpOnly = false, IsEssential = true };
        if (value is not null) context.Response.Cookies.Append(cookie, value, options);
    }
}
