using System.Globalization;

namespace RunHub.Otlp.Map;

/// <summary>Makes what spans carry fit RunHub's fields: a name that is too long or not printable never costs the span.</summary>
static class Texts
{
    /// <summary>Printable and no longer than <paramref name="max"/>; null when nothing is left.</summary>
    public static string? Clip(string? text, int max = Limits.Name)
    {
        if (text is null) return null;
        var clean = text.AsSpan().Trim();
        if (clean.Length == 0) return null;
        Span<char> buffer = clean.Length <= 512 ? stackalloc char[clean.Length] : new char[clean.Length];
        for (var i = 0; i < clean.Length; i++) buffer[i] = char.IsControl(clean[i]) ? ' ' : clean[i];
        if (buffer.Length > max)
        {
            buffer = buffer[..max];
            buffer[^1] = '…';
            if (char.IsHighSurrogate(buffer[^2])) buffer[^2] = ' ';
        }

        return buffer.Trim() is { Length: > 0 } rest ? new string(rest) : null;
    }

    /// <summary>An id in RunHub's sense is a name without a slash.</summary>
    public static string? ClipId(string? text) => Clip(text, 128)?.Replace('/', '_');

    /// <summary>Text of a scalar; null for what has none.</summary>
    public static string? Of(object? value) => value switch
    {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        _ => null,
    };

    /// <summary>A count, however it was spelled; null for nonsense, which must not cost the span.</summary>
    public static long? Count(object? value) => value switch
    {
        long number and >= 0 and <= Limits.Count => number,
        double real and >= 0 and <= Limits.Count => (long)real,
        string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= Limits.Count => number,
        _ => null,
    };

    /// <summary>Dollars, however they were spelled; null for nonsense.</summary>
    public static decimal? Dollars(object? value) => value switch
    {
        long number and >= 0 and <= Limits.CostUsd => number,
        double real and >= 0 and <= Limits.CostUsd => (decimal)real,
        string text when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= Limits.CostUsd => number,
        _ => null,
    };
}
