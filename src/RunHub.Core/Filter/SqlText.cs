using System.Text;
using RunHub.Store;

namespace RunHub.Filter;

/// <summary>
/// A statement under construction: text and values grow together, so that parameters stand in the order the
/// <see cref="SqlSession"/> counts them. Values never enter the text: the same question gives the same text.
/// </summary>
public sealed class SqlText(bool isSqlite)
{
    static readonly int[] ListSizes = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 50, 100];
    readonly StringBuilder text = new(512);
    readonly List<object?> values = [];

    /// <summary>The engine it is written for.</summary>
    public bool IsSqlite { get; } = isSqlite;

    /// <summary>Appends text.</summary>
    public SqlText Add(string sql)
    {
        text.Append(sql);
        return this;
    }

    /// <summary>Appends a number that is part of the question's shape.</summary>
    public SqlText Add(long number)
    {
        text.Append(number);
        return this;
    }

    /// <summary>Appends a parameter with a value, and answers its name for use again further on.</summary>
    public string Value(object? value)
    {
        var name = "@p" + values.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        values.Add(value);
        text.Append(name);
        return name;
    }

    /// <summary>
    /// Appends <c>column = value</c> or <c>column IN (…)</c>. Lists are filled up to a few lengths with their last value,
    /// which keeps the number of different texts small.
    /// </summary>
    public void In<T>(string column, IReadOnlyList<T> list)
    {
        text.Append(column);
        if (list.Count == 1)
        {
            text.Append(" = ");
            Value(list[0]);
            return;
        }

        text.Append(" IN (");
        var size = Array.Find(ListSizes, s => s >= list.Count) is var found and > 0 ? found : list.Count;
        for (var i = 0; i < size; i++)
        {
            if (i > 0) text.Append(", ");
            Value(list[Math.Min(i, list.Count - 1)]);
        }

        text.Append(')');
    }

    /// <summary>Appends: the text column begins with <paramref name="prefix"/>.</summary>
    public void BeginsWith(string column, string prefix)
    {
        text.Append('(').Append(column).Append(" >= ");
        Value(prefix);
        if (FilterValue.AfterPrefix(prefix) is { } after)
        {
            text.Append(" AND ").Append(column).Append(" < ");
            Value(after);
        }

        text.Append(')');
    }

    /// <summary>Appends: the text column contains <paramref name="part"/>.</summary>
    public void Contains(string column, string part)
    {
        text.Append(IsSqlite ? "instr(" : "strpos(").Append(column).Append(", ");
        Value(part);
        text.Append(") > 0");
    }

    /// <summary>Begins a list of alternatives in parentheses; an empty list is false.</summary>
    public Alternatives Either() => new(this);

    /// <summary>The statement, ready to run on <paramref name="session"/>, with <paramref name="before"/> in front of it.</summary>
    public SqlStatement On(SqlSession session, string before = "")
    {
        var statement = session.Prepare(before + text);
        for (var i = 0; i < values.Count; i++) statement.Set(i, values[i]);
        return statement;
    }

    /// <summary>The text.</summary>
    public override string ToString() => text.ToString();

    /// <summary>Alternatives joined by OR.</summary>
    public sealed class Alternatives(SqlText sql)
    {
        bool any;

        /// <summary>The next alternative is appended to what this answers.</summary>
        public SqlText Next()
        {
            sql.Add(any ? " OR " : "(");
            any = true;
            return sql;
        }

        /// <summary>Closes the list.</summary>
        public void End() => sql.Add(any ? ")" : "1 = 0");
    }
}
