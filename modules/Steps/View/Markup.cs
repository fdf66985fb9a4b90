using System.Globalization;
using RunHub.Ui;

namespace RunHub.Steps.View;

/// <summary>HTML written in one breath: markup, text, numbers.</summary>
static class Markup
{
    /// <summary>Markup as it is.</summary>
    public static HtmlBuffer Html(this HtmlBuffer html, ReadOnlySpan<byte> markup)
    {
        html.Raw(markup);
        return html;
    }

    /// <summary>Markup as it is, such as an icon.</summary>
    public static HtmlBuffer Html(this HtmlBuffer html, string? markup)
    {
        html.Raw(markup);
        return html;
    }

    /// <summary>Text, encoded.</summary>
    public static HtmlBuffer Said(this HtmlBuffer html, string? text)
    {
        html.Text(text);
        return html;
    }

    /// <summary>A whole number for an attribute.</summary>
    public static HtmlBuffer Digits(this HtmlBuffer html, long number)
    {
        html.Number(number);
        return html;
    }

    /// <summary>A text with its places filled.</summary>
    public static string Put(this TextTable texts, string key, params ReadOnlySpan<string> values)
    {
        var text = texts[key];
        for (var i = 0; i < values.Length; i++) text = text.Replace("{" + i.ToString(CultureInfo.InvariantCulture) + "}", values[i], StringComparison.Ordinal);
        return text;
    }
}
