using System.Globalization;
using System.Text;

namespace RunHub.Store.Attachments;

/// <summary>Names of files that came from elsewhere.</summary>
public static class FileNames
{
    /// <summary>Longest name that is kept, in UTF-16 units.</summary>
    public const int MaxLength = 200;

    const int MaxExtension = 20;
    static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(1, 9).SelectMany(n => new[] { "COM" + n, "LPT" + n })];

    /// <summary>
    /// The last part of a path, without what hides or misleads: control characters, marks that turn the direction of writing
    /// round, invisible characters; without what file systems refuse; not longer than <see cref="MaxLength"/>, keeping its
    /// extension. <c>file</c> where nothing is left.
    /// </summary>
    public static string Safe(string? name)
    {
        var text = (name ?? "")[((name ?? "").LastIndexOfAny(['/', '\\']) + 1)..];
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // Format characters are the invisible ones; U+200D joins emoji.
            var category = Rune.GetUnicodeCategory(rune);
            if (rune.Value != 0x200D && category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) continue;
            if (category == UnicodeCategory.SpaceSeparator) kept.Append(' ');
            else if (rune.Value is '<' or '>' or ':' or '"' or '|' or '?' or '*') kept.Append('_');
            else kept.Append(rune.ToString());
        }

        text = kept.ToString().Normalize(NormalizationForm.FormC).Trim(' ').TrimEnd('.', ' ');
        if (text.Length > MaxLength) text = Shorten(text);
        if (text.Trim('.', '_', ' ', '\u200D', '\uFFFD').Length == 0) return "file";
        return Devices.Contains(text.Split('.')[0].Trim(), StringComparer.OrdinalIgnoreCase) ? "_" + text : text;
    }

    static string Shorten(string text)
    {
        var dot = text.LastIndexOf('.');
        var extension = dot > 0 && text.Length - dot <= MaxExtension ? text[dot..] : "";
        var stem = text[..(MaxLength - extension.Length)];
        if (char.IsHighSurrogate(stem[^1])) stem = stem[..^1];
        return stem.TrimEnd(' ', '.') + extension;
    }
}
