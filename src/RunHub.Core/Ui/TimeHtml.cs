using System.Globalization;
using Microsoft.AspNetCore.Html;

namespace RunHub.Ui;

/// <summary>A moment in a page: in UTC for whoever reads without scripts, by the reader's clock otherwise (<c>wwwroot/js/time.js</c>).</summary>
public static class TimeHtml
{
    /// <summary>The exact time.</summary>
    /// <param name="format">Of the reader.</param>
    /// <param name="at">Microseconds since 1970.</param>
    public static HtmlString Exact(Format format, long at) => new($"<time datetime=\"{Times.ToIso(at)}\" data-exact>{HtmlBuffer.Encode(format.DateTime(at))}</time>");

    /// <summary>A sentence with a time in it.</summary>
    /// <param name="text">With <c>{0}</c>, <c>{1}</c> … for <paramref name="values"/>, and one more for the time.</param>
    /// <param name="format">Of the reader.</param>
    /// <param name="at">Microseconds since 1970.</param>
    /// <param name="values">Text.</param>
    public static HtmlString Put(string text, Format format, long at, params ReadOnlySpan<string> values)
    {
        var html = HtmlBuffer.Encode(text).Replace(Place(values.Length), Exact(format, at).Value, StringComparison.Ordinal);
        for (var i = 0; i < values.Length; i++) html = html.Replace(Place(i), HtmlBuffer.Encode(values[i]), StringComparison.Ordinal);
        return new HtmlString(html);
    }

    // As it stands after encoding, which leaves braces and digits alone.
    static string Place(int number) => "{" + number.ToString(CultureInfo.InvariantCulture) + "}";
}
