using RunHub.Model;

namespace RunHub.Filter;

/// <summary>A text column: equal to one of the values, beginning with one, or absent.</summary>
sealed class TextField(string key, string column, Func<RunSummary, string?> of) : FilterField(key)
{
    public string Column { get; } = column;

    public Func<RunSummary, string?> Of { get; } = of;

    /// <summary>The word that asks for runs without a value.</summary>
    public string? None { get; init; }

    /// <summary>Whoever filters by it has said which runs they want: backfill is not hidden.</summary>
    public bool AllLanes { get; init; }

    /// <summary>The only values there are; empty: any text.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public override bool TakesPrefixes => Words.Count == 0;

    public override IReadOnlyList<string> Choices => Words;

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading)
    {
        if (Words.Count == 0) return new Condition(this, values);
        var known = values.Select(v => new FilterValue(v.Kind, v.Text.ToLowerInvariant())).Distinct().ToList();
        return known.Find(v => !Words.Contains(v.Text, StringComparer.Ordinal)) is { Text: { } text }
            ? reading.Wrong(this, $"\"{text}\" is none of {string.Join(", ", Words)}.{Spelling.Hint(text, Words)}")
            : new Condition(this, known);
    }

    internal sealed class Condition : FilterCondition
    {
        readonly TextField field;
        readonly bool none;

        public Condition(TextField field, IReadOnlyList<FilterValue> values) : base(field, values)
        {
            this.field = field;
            none = values.Any(IsNone);
            Exact = [.. values.Where(v => v.Kind == FilterValueKind.Exact && !IsNone(v)).Select(v => v.Text)];
            Prefixes = [.. values.Where(v => v.Kind == FilterValueKind.Prefix).Select(v => v.Text)];
        }

        public string[] Exact { get; }

        public string[] Prefixes { get; }

        public bool OnlyExact => Prefixes.Length == 0 && !none;

        public override void ToSql(SqlText sql)
        {
            var or = sql.Either();
            if (Exact.Length > 0) or.Next().In(field.Column, Exact);
            foreach (var prefix in Prefixes) or.Next().BeginsWith(field.Column, prefix);
            if (none) or.Next().Add(field.Column).Add(" IS NULL");
            or.End();
        }

        public override bool Matches(RunSummary run) => field.Of(run) is { } value
            ? Array.IndexOf(Exact, value) >= 0 || Array.Exists(Prefixes, p => value.StartsWith(p, StringComparison.Ordinal))
            : none;

        bool IsNone(FilterValue value) => value.Kind == FilterValueKind.Exact && field.None is not null && value.Text == field.None;
    }
}

/// <summary>A column of texts between line feeds (<c>\na\nb\n</c>): one of them equals or begins with a value.</summary>
sealed class ListField(string key, string column, Func<RunSummary, IReadOnlyList<string>> of) : FilterField(key)
{
    public override bool TakesPrefixes => true;

    internal override FilterCondition Read(IReadOnlyList<FilterValue> values, FilterReading reading) => new Condition(this, values);

    sealed class Condition(ListField field, IReadOnlyList<FilterValue> values) : FilterCondition(field, values)
    {
        public override void ToSql(SqlText sql)
        {
            var or = sql.Either();
            foreach (var value in Values) or.Next().Contains(field.Column, value.Kind == FilterValueKind.Prefix ? "\n" + value.Text : "\n" + value.Text + "\n");
            or.End();
        }

        public override bool Matches(RunSummary run) => field.Of(run).Any(item => Values.Any(v => v.Kind == FilterValueKind.Prefix
            ? item.StartsWith(v.Text, StringComparison.Ordinal)
            : item == v.Text));
    }

    public string Column { get; } = column;

    public Func<RunSummary, IReadOnlyList<string>> Of { get; } = of;
}
