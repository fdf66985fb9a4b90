using System.Globalization;

namespace RunHub.Ui;

/// <summary>How times, durations, numbers and money look, in one place; <c>wwwroot/js/time.js</c> does the same for what ticks.</summary>
public sealed class Format
{
    const long Minute = 60_000_000, Hour = 60 * Minute, Day = 24 * Hour;
    static readonly Format English = new("en"), Spanish = new("es");
    readonly NumberFormatInfo numbers;
    readonly string[] months;
    readonly string justNow, minutesAgo, hoursAgo, daysAgo, unknown;
    readonly bool dayFirst;

    Format(string language)
    {
        var texts = TextTable.Of(typeof(UiTexts), language);
        dayFirst = language == "es";
        numbers = new NumberFormatInfo
        {
            NumberGroupSeparator = dayFirst ? "." : ",",
            NumberDecimalSeparator = dayFirst ? "," : ".",
            NumberDecimalDigits = 0,
        };
        months = texts["Months"].Split(' ');
        justNow = texts["JustNow"];
        minutesAgo = texts["MinutesAgo"];
        hoursAgo = texts["HoursAgo"];
        daysAgo = texts["DaysAgo"];
        unknown = texts["NotAvailable"];
    }

    /// <summary>The format of the current request's language.</summary>
    public static Format Current => For(TextTable.Language);

    /// <summary>The format of a language.</summary>
    public static Format For(string language) => language == "es" ? Spanish : English;

    /// <summary>The beginning of a text that is too long to be shown, with <c>…</c> behind it; no sign is cut in two.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">Characters that are shown.</param>
    public static string Short(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), "…");

    /// <summary>What tells one run's id from the next: short ones whole, else the ending that search finds them by; without what all ids begin with.</summary>
    /// <param name="id">The id.</param>
    /// <param name="most">Characters that are short.</param>
    public static string ShortId(string id, int most = 12)
    {
        var text = id.StartsWith(Ids.RunPrefix, StringComparison.Ordinal) ? id[Ids.RunPrefix.Length..] : id;
        if (text.Length <= most) return text;
        var ending = text.AsSpan(text.Length - Ids.EndingLength);
        return string.Concat("…", char.IsLowSurrogate(ending[0]) ? ending[1..] : ending);
    }

    /// <summary>A workflow's version with its <c>v</c>; null where there is none.</summary>
    public static string? Version(string? version) => version is { Length: > 0 } v ? v[0] is 'v' or 'V' ? v : "v" + v : null;

    /// <summary><c>Just now</c>, <c>5m ago</c>, <c>3h ago</c>, <c>2d ago</c>, after a week the date. Times to come are now.</summary>
    /// <param name="at">Microseconds since 1970.</param>
    /// <param name="now">Microseconds since 1970.</param>
    public string Ago(long at, long now)
    {
        var past = now - at;
        return past < Minute ? justNow
            : past < Hour ? Put(minutesAgo, past / Minute)
            : past < Day ? Put(hoursAgo, past / Hour)
            : past < 7 * Day ? Put(daysAgo, past / Day)
            : Date(at);
    }

    /// <summary><c>Jan 25, 2025</c> in UTC; the browser puts the local date in its place.</summary>
    public string Date(long at)
    {
        var time = Times.FromMicros(at);
        return dayFirst
            ? string.Create(CultureInfo.InvariantCulture, $"{time.Day} {months[time.Month - 1]} {time.Year}")
            : string.Create(CultureInfo.InvariantCulture, $"{months[time.Month - 1]} {time.Day}, {time.Year}");
    }

    /// <summary><c>Jan 25, 2025 14:32:15 UTC</c>; the browser puts the local time in its place.</summary>
    public string DateTime(long at) => Date(at) + " " + Times.FromMicros(at).ToString("HH':'mm':'ss' UTC'", CultureInfo.InvariantCulture);

    /// <summary><c>--</c>, <c>850ms</c>, <c>4.2s</c> up to 59.9 s, then <c>1m 23s</c>, <c>1h 5m</c>, <c>2d 3h</c>.</summary>
    public string Duration(long? milliseconds)
    {
        if (milliseconds is not { } ms || ms < 0) return "--";
        if (ms < 1000) return ms.ToString(CultureInfo.InvariantCulture) + "ms";
        if (ms < 59_950) return (ms / 1000d).ToString("0.0", numbers) + "s";
        var seconds = (ms + 500) / 1000;
        if (seconds < 3600) return string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m {seconds % 60}s");
        if (seconds < 86_400) return string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}h {seconds % 3600 / 60}m");
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400}d {seconds % 86_400 / 3600}h");
    }

    /// <summary><c>$0.0123</c>, from a dollar on <c>$1,234.57</c>, too little to show <c>&lt;$0.0001</c>, unknown <c>N/A</c>.</summary>
    /// <param name="nano">Nano-dollars.</param>
    public string Cost(long? nano)
    {
        if (nano is not { } value) return unknown;
        if (value is > 0 and < 100_000) return "<$" + 0.0001m.ToString("0.0000", numbers);
        var dollars = Money.FromNano(value);
        return "$" + dollars.ToString(dollars is >= 1 or <= -1 ? "#,##0.00" : "0.0000", numbers);
    }

    /// <summary><c>12,345</c>; unknown <c>N/A</c>.</summary>
    public string Number(long? value) => value is { } number ? number.ToString("N", numbers) : unknown;

    /// <summary><c>0.96</c>: at most three digits after the point.</summary>
    public string Decimal(double? value) => value is { } number ? number.ToString("#,##0.###", numbers) : unknown;

    /// <summary><c>97%</c> of a share between 0 and 1.</summary>
    public string Percent(double? share) => share is { } value ? (value * 100).ToString("0.#", numbers) + "%" : unknown;

    /// <summary><c>812 B</c>, <c>1.2 KB</c>, <c>3.4 MB</c>; a KB has 1,024 bytes.</summary>
    public string Size(long bytes) => bytes < 1024 ? bytes.ToString(CultureInfo.InvariantCulture) + " B"
        : bytes < 1024 * 1024 ? (bytes / 1024d).ToString("0.#", numbers) + " KB"
        : bytes < 1024L * 1024 * 1024 ? (bytes / 1048576d).ToString("0.#", numbers) + " MB"
        : (bytes / 1073741824d).ToString("0.#", numbers) + " GB";

    static string Put(string pattern, long number) => pattern.Replace("{0}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
