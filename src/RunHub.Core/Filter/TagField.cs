using System.Text.RegularExpressions;
using RunHub.Model;

namespace RunHub.Filter;

/// <summary>
/// Tags: exact, prefix, or a regular expression between slashes. Expressions cannot backtrack, are short and timed, and
/// in a list run over the tenant's distinct tags only (<see cref="DistinctValues"/>); the tags found stand in for them.
/// </summary>
sealed class TagField : FilterField
{
    public const int MaxPattern = 200;

    /// <summary>Most tags a pattern may stand for.</summary>
    public const int MaxFound = 100;

    static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);
    static readonly Regex Repetition = new(@"\{\d+(,\d*)?\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture, Timeout);

    public TagField() : base("tag") => AlsoTried = ["tags", "label", "labels"];

    public override bool TakesPrefixes => true;

    public override bool TakesRegexes => true;

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading)
    {
        var patterns = new List<Regex>();
        var before = reading.Faults.Count;
        foreach (var value in values.Where(v => v.Kind == FilterValueKind.Regex))
        {
            if (value.Text.Length > MaxPattern)
            {
                reading.Wrong(this, $"A tag expression has at most {MaxPattern} characters, this one has {value.Text.Length}.");
                continue;
            }

            try
            {
                patterns.Add(new Regex(value.Text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout));
            }
            catch (NotSupportedException)
            {
                reading.Wrong(this, IsTooLarge(value.Text) ? $"The tag expression /{value.Text}/ is too large: it repeats too much." : $"The tag expression /{value.Text}/ looks ahead, behind or back, which is not supported.");
            }
            catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
            {
                reading.Wrong(this, $"The tag expression /{value.Text}/ is not a regular expression: {(e as RegexParseException)?.Error.ToString() ?? e.GetType().Name}{(e is RegexParseException at ? $" at character {at.Offset}" : "")}.");
            }
        }

        return reading.Faults.Count > before ? null : new Condition(this, values, patterns);
    }

    /// <summary>Nothing is wrong with it but how often it repeats.</summary>
    static bool IsTooLarge(string pattern)
    {
        try
        {
            _ = new Regex(Repetition.Replace(pattern, "*"), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout);
            return true;
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    internal sealed class Condition : FilterCondition
    {
        readonly List<Regex> patterns;
        readonly string[] prefixes;

        public Condition(TagField field, IReadOnlyList<FilterValue> values, List<Regex> patterns) : base(field, values)
        {
            this.patterns = patterns;
            Exact = [.. values.Where(v => v.Kind == FilterValueKind.Exact).Select(v => v.Text)];
            prefixes = [.. values.Where(v => v.Kind == FilterValueKind.Prefix).Select(v => v.Text)];
        }

        public string[] Exact { get; }

        /// <summary>The tags must be looked up before SQL can be written.</summary>
        public bool HasPatterns => patterns.Count + prefixes.Length > 0;

        public override bool IsLive => patterns.Count == 0;

        public bool IsMatch(string tag) => Array.IndexOf(Exact, tag) >= 0
            || Array.Exists(prefixes, p => tag.StartsWith(p, StringComparison.Ordinal))
            || patterns.Exists(p => p.IsMatch(tag));

        public override bool Matches(RunSummary run) => run.Tags.Any(IsMatch);

        /// <summary>Of a list the tags are looked up first (<see cref="DistinctValues"/>); this is how runs are left out.</summary>
        public override void ToSql(SqlText sql)
        {
            if (patterns.Count > 0) throw new InvalidOperationException("Tag expressions are looked up first: see DistinctValues.");
            var or = sql.Either();
            foreach (var tag in Exact) or.Next().Contains("tags", "\n" + tag + "\n");
            foreach (var prefix in prefixes) or.Next().Contains("tags", "\n" + prefix);
            or.End();
        }

        public static void ToSql(SqlText sql, IReadOnlyList<string> tags)
        {
            var or = sql.Either();
            foreach (var tag in tags) or.Next().Contains("tags", "\n" + tag + "\n");
            or.End();
        }
    }
}
