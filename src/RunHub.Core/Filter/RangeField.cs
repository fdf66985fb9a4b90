using System.Globalization;
using System.Text.RegularExpressions;
using RunHub.Model;

namespace RunHub.Filter;

/// <summary>
/// A number between two ends: <c>&gt;2s</c>, <c>&gt;=2s</c>, <c>&lt;2s</c>, <c>&lt;=2s</c>, <c>1s..5s</c> (both included), or <c>2s</c> exactly. A run
/// without the number never matches.
/// </summary>
sealed partial class RangeField : FilterField
{
    static readonly Dictionary<string, decimal> Times = new(StringComparer.Ordinal) { ["ms"] = 1, ["s"] = 1000, ["m"] = 60_000, ["min"] = 60_000, ["h"] = 3_600_000, ["d"] = 86_400_000 };
    static readonly Dictionary<string, decimal> Counts = new(StringComparer.Ordinal) { [""] = 1, ["k"] = 1000, ["m"] = 1_000_000 };
    static readonly Dictionary<string, decimal> Dollars = new(StringComparer.Ordinal) { [""] = 1_000_000_000, ["usd"] = 1_000_000_000 };
    readonly string column;
    readonly string takes;
    readonly string example;
    readonly Dictionary<string, decimal> units;
    readonly Func<RunSummary, long?> of;

    RangeField(string key, string column, string takes, string example, Dictionary<string, decimal> units, Func<RunSummary, long?> of) : base(key) =>
        (this.column, this.takes, this.example, this.units, this.of) = (column, takes, example, units, of);

    /// <summary>How long it took.</summary>
    public static RangeField Duration { get; } = new("duration", "duration_ms", "duration", "500ms, 2s, 1.5m, 2h, 1d", Times, s => s.DurationMs) { AlsoTried = ["duration_ms", "took", "latency"] };

    /// <summary>What it cost, US dollars.</summary>
    public static RangeField Cost { get; } = new("cost", "cost_nano", "money", "0.05", Dollars, s => s.CostNano) { AlsoTried = ["cost_usd", "price", "usd"] };

    /// <summary>Tokens used.</summary>
    public static RangeField Tokens { get; } = new("tokens", "tokens", "number", "1000, 1k", Counts, s => s.Tokens) { AlsoTried = ["total_tokens", "token_count"] };

    public override bool IsMulti => false;

    public override string Takes => takes;

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading)
    {
        var text = values[0].Text.Trim().ToLowerInvariant();
        var match = Range().Match(text);
        if (match.Success)
        {
            var (min, max) = (long.MinValue, long.MaxValue);
            if (match.Groups["from"].Success)
            {
                if (Number(match.Groups["from"].Value) is not { } from || Number(match.Groups["to"].Value) is not { } to) return Wrong(reading, values[0].Text);
                if (from > to) return reading.Wrong(this, $"\"{values[0].Text}\" ends before it begins.");
                (min, max) = (from, to);
            }
            else
            {
                if (Number(match.Groups["one"].Value) is not { } number) return Wrong(reading, values[0].Text);
                (min, max) = match.Groups["op"].Value switch
                {
                    ">" => (number + 1, max),
                    ">=" => (number, max),
                    "<" => (min, number - 1),
                    "<=" => (min, number),
                    _ => (number, number),
                };
            }

            return new Condition(this, match.Groups["op"].Value is "=" ? text[1..] : text, min, max);
        }

        return Wrong(reading, values[0].Text);
    }

    FilterCondition? Wrong(FilterReading reading, string text) => reading.Wrong(this, $"\"{text}\" is not a range: use >x, >=x, <x, <=x, x..y or x, with x such as {example}.");

    long? Number(string text)
    {
        var match = Amount().Match(text);
        return match.Success && units.TryGetValue(match.Groups["unit"].Value, out var unit)
            && decimal.TryParse(match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * unit <= 4_000_000_000_000_000_000m
            ? (long)decimal.Round(number * unit, MidpointRounding.AwayFromZero)
            : null;
    }

    [GeneratedRegex(@"^(?:(?<from>\$?[0-9][^.]*(?:\.[0-9][^.]*)?)\.\.(?<to>\$?[0-9].*)|(?<op>>=|<=|>|<|=)?(?<one>\$?[0-9.].*))$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Range();

    [GeneratedRegex(@"^\$?(?<number>[0-9]{1,15}(\.[0-9]{1,9})?)(?<unit>[a-z]*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Amount();

    sealed class Condition(RangeField field, string text, long min, long max) : FilterCondition(field, [new(FilterValueKind.Exact, text)])
    {
        public override string ToText() => text;

        public override void ToSql(SqlText sql)
        {
            sql.Add("(").Add(field.column).Add(" >= ");
            sql.Value(min);
            sql.Add(" AND ").Add(field.column).Add(" <= ");
            sql.Value(max);
            sql.Add(")");
        }

        public override bool Matches(RunSummary run) => field.of(run) is { } number && number >= min && number <= max;
    }
}
