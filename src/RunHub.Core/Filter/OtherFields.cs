using RunHub.Model;

namespace RunHub.Filter;

/// <summary>Status, in the words of any of the documents.</summary>
sealed class StatusField : FilterField
{
    public StatusField() : base("status") => AlsoTried = ["state", "statuses"];

    public override IReadOnlyList<string> Choices { get; } = [.. RunStatuses.All.Select(s => s.ToName())];

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading)
    {
        var statuses = new List<RunStatus>();
        foreach (var value in values)
        {
            if (RunStatuses.TryParse(value.Text, out var status)) statuses.Add(status);
            else return reading.Wrong(this, $"\"{value.Text}\" is not a status: use {string.Join(", ", Choices)}.{Spelling.Hint(value.Text, Choices)}");
        }

        return new Condition(this, [.. statuses.Distinct()]);
    }

    internal sealed class Condition(FilterField field, RunStatus[] statuses)
        : FilterCondition(field, [.. statuses.Select(s => new FilterValue(FilterValueKind.Exact, s.ToName()))])
    {
        public RunStatus[] Statuses => statuses;

        public override void ToSql(SqlText sql) => sql.In("status", Array.ConvertAll(statuses, s => (long)s));

        public override bool Matches(RunSummary run) => Array.IndexOf(statuses, run.Status) >= 0;
    }
}

/// <summary>Which traffic. Not given means production, or all where another field names the runs.</summary>
sealed class LaneField : FilterField
{
    public LaneField() : base("lane") => AlsoTried = ["backfill", "lanes"];

    public override bool CanExclude => false;

    public override IReadOnlyList<string> Choices { get; } = ["production", "backfill", "all"];

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading)
    {
        var lanes = new List<Lane>();
        foreach (var value in values)
        {
            switch (value.Text.ToLowerInvariant())
            {
                case "production": lanes.Add(Lane.Production); break;
                case "backfill": lanes.Add(Lane.Backfill); break;
                case "all": lanes.AddRange([Lane.Production, Lane.Backfill]); break;
                default: return reading.Wrong(this, $"\"{value.Text}\" is not a lane: use production, backfill or all.{Spelling.Hint(value.Text, Choices)}");
            }
        }

        var set = lanes.Distinct().ToArray();
        return new Condition(this, set, set.Length == 2 ? "all" : set[0] == Lane.Backfill ? "backfill" : "production");
    }

    internal sealed class Condition(FilterField field, Lane[] lanes, string word) : FilterCondition(field, [new(FilterValueKind.Exact, word)])
    {
        public Lane[] Lanes => lanes;

        public override void ToSql(SqlText sql) => sql.In("lane", Array.ConvertAll(lanes, l => (long)l));

        public override bool Matches(RunSummary run) => Array.IndexOf(lanes, run.Lane) >= 0;
    }
}

/// <summary><c>true</c>: marked as resolved; <c>false</c>: not.</summary>
sealed class ResolvedField : FilterField
{
    public ResolvedField() : base("resolved") => AlsoTried = ["is_resolved", "unresolved"];

    public override IReadOnlyList<string> Choices { get; } = ["true", "false"];

    public override bool IsMulti => false;

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading) => values[0].Text.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" => new Condition(this, resolved: true),
        "false" or "0" or "no" => new Condition(this, resolved: false),
        _ => reading.Wrong(this, $"\"{values[0].Text}\" is neither true nor false."),
    };

    sealed class Condition(FilterField field, bool resolved) : FilterCondition(field, [new(FilterValueKind.Exact, resolved ? "true" : "false")])
    {
        public override void ToSql(SqlText sql) => sql.Add(resolved ? "resolved IS NOT NULL" : "resolved IS NULL");

        public override bool Matches(RunSummary run) => run.IsResolved == resolved;
    }
}
