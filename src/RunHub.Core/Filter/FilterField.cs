using RunHub.Http;
using RunHub.Model;

namespace RunHub.Filter;

/// <summary>
/// One thing a list of runs can be filtered by: its name in the URL, how its values are read, and the condition they make.
/// All of them stand in <see cref="FilterFields"/>.
/// </summary>
public abstract class FilterField(string key)
{
    /// <summary>Name of the query parameter.</summary>
    public string Key { get; } = key;

    /// <summary>Other names people try; used for "did you mean" alone.</summary>
    public IReadOnlyList<string> AlsoTried { get; init; } = [];

    /// <summary>May stand several times or take a list; a run need match one of the values.</summary>
    public virtual bool IsMulti => true;

    /// <summary>A value ending in <c>*</c> is a prefix.</summary>
    public virtual bool TakesPrefixes => false;

    /// <summary>A value in slashes is a regular expression.</summary>
    public virtual bool TakesRegexes => false;

    /// <summary>Runs with a value can be left out: <c>-env=dev</c>.</summary>
    public virtual bool CanExclude => IsMulti;

    /// <summary>The only values there are; empty: any text.</summary>
    public virtual IReadOnlyList<string> Choices => [];

    /// <summary>Which kind of value it takes, for messages and suggestions: <c>text, choice, time, duration, money, number</c>.</summary>
    public virtual string Takes => Choices.Count > 0 ? "choice" : "text";

    /// <summary>Makes the condition; reports what is wrong with a value and answers null then.</summary>
    internal abstract FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading);
}

/// <summary>What a field asks of a run: once as SQL, once of a snapshot. A property test proves that the two agree.</summary>
public abstract class FilterCondition(FilterField field, IReadOnlyList<FilterValue> values)
{
    /// <summary>The field.</summary>
    public FilterField Field { get; } = field;

    /// <summary>Name of the parameter: the field's, with a minus before it where runs are left out.</summary>
    public virtual string Key => Field.Key;

    /// <summary>Its values in canonical form, without repetition.</summary>
    public IReadOnlyList<FilterValue> Values { get; } = values;

    /// <summary>
    /// False: too dear to ask of every event, so a list with this condition does not update by itself.
    /// </summary>
    public virtual bool IsLive => true;

    /// <summary>Appends a condition on the columns of <c>runs</c>, in parentheses where it has several parts.</summary>
    public abstract void ToSql(SqlText sql);

    /// <summary>The same question, asked of a snapshot.</summary>
    public abstract bool Matches(RunSummary run);

    /// <summary>As the values stand in a URL, before percent encoding.</summary>
    public virtual string ToText() => string.Join(',', Values);
}

/// <summary>Leaves out the runs that another condition asks for; a run without a value is not one of them.</summary>
sealed class ExcludingCondition(FilterCondition inner) : FilterCondition(inner.Field, inner.Values)
{
    public override string Key => FilterParser.Minus + Field.Key;

    public override bool IsLive => inner.IsLive;

    public override void ToSql(SqlText sql)
    {
        sql.Add("(");
        inner.ToSql(sql);
        sql.Add(") IS NOT TRUE");
    }

    public override bool Matches(RunSummary run) => !inner.Matches(run);

    public override string ToText() => inner.ToText();
}

/// <summary>Collects what is wrong while a query is read.</summary>
sealed class FilterReading(DateTimeOffset now)
{
    public DateTimeOffset Now { get; } = now;

    public List<Fault> Faults { get; } = [];

    public FilterCondition? Wrong(FilterField field, string reason)
    {
        Faults.Add(new Fault("query." + field.Key, reason));
        return null;
    }
}
