using System.Globalization;
using System.Text.RegularExpressions;
using RunHub.Model;

namespace RunHub.Filter;

/// <summary>
/// One end of the time range, over <c>sort_at</c> (start, else receipt). ISO 8601, UTC where no offset is given, or so long
/// ago: <c>30m, 24h, 7d, 4w</c>, or <c>today</c>, <c>yesterday</c> (UTC). <c>from</c> is included, <c>to</c> is not, except that a <c>to</c> that is a bare date
/// includes that day.
/// </summary>
sealed partial class TimeField(string key, bool isFrom) : FilterField(key)
{
    static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public bool IsFrom { get; } = isFrom;

    public override bool IsMulti => false;

    public override string Takes => "time";

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading)
    {
        var text = values[0].Text.Trim();
        // A "+" that nobody encoded arrives as a space.
        if (text.Length > 6 && text[^6] == ' ') text = text[..^6] + "+" + text[^5..];
        if (Ago().Match(text) is { Success: true } ago)
        {
            var number = int.Parse(ago.Groups["n"].ValueSpan, CultureInfo.InvariantCulture);
            var unit = ago.Groups["u"].Value switch { "m" => TimeSpan.FromMinutes(1), "h" => TimeSpan.FromHours(1), "d" => TimeSpan.FromDays(1), _ => TimeSpan.FromDays(7) };
            return new Condition(this, text, (reading.Now - number * unit).ToMicros(), isMoment: false);
        }

        if (text.ToLowerInvariant() is ("today" or "yesterday") and var word)
        {
            var day = new DateTimeOffset(reading.Now.UtcDateTime.Date, TimeSpan.Zero).AddDays(word == "today" ? 0 : -1);
            return new Condition(this, word, (IsFrom ? day : day.AddDays(1)).ToMicros(), isMoment: false);
        }

        if (!DateTimeOffset.TryParseExact(text.ToUpperInvariant(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) || time.Year is < 1900 or > 9990)
            return reading.Wrong(this, $"\"{values[0].Text}\" is not a time: use ISO 8601 such as 2026-01-31 or 2026-01-31T18:30:00Z, or so long ago: 30m, 24h, 7d, 4w, today, yesterday.");
        if (!IsFrom && text.Length == 10) time = time.AddDays(1);
        return new Condition(this, text.ToUpperInvariant(), time.ToMicros(), isMoment: true);
    }

    [GeneratedRegex("^(?<n>[0-9]{1,5})(?<u>[mhdw])$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Ago();

    internal sealed class Condition(TimeField end, string text, long micros, bool isMoment) : FilterCondition(end, [new(FilterValueKind.Exact, text)])
    {
        public bool IsFrom => end.IsFrom;

        public long Micros => micros;

        /// <summary>It is the same whenever it is asked, unlike <c>24h</c> and <c>today</c>.</summary>
        public bool IsMoment => isMoment;

        /// <summary>Nothing can be between the two. One that moves with the clock is believed: today's mistake may be next week's range.</summary>
        public static bool AreReversed(IReadOnlyCollection<FilterCondition> conditions) =>
            conditions.OfType<Condition>().FirstOrDefault(c => c.IsFrom) is { } from && conditions.OfType<Condition>().FirstOrDefault(c => !c.IsFrom) is { } to
            && from.IsMoment == to.IsMoment && to.Micros <= from.Micros;

        public override string ToText() => text;

        public override void ToSql(SqlText sql)
        {
            sql.Add(end.IsFrom ? "sort_at >= " : "sort_at < ");
            sql.Value(micros);
        }

        public override bool Matches(RunSummary run) => end.IsFrom ? run.SortAt >= micros : run.SortAt < micros;
    }
}
