using System.Data.Common;

namespace RunHub.Store;

/// <summary>How one column of a row class is written and read.</summary>
/// <param name="Name">Column name.</param>
/// <param name="Get">Value for the database; null is NULL.</param>
/// <param name="Read">Sets the property from column <c>i</c> of the reader.</param>
public sealed record RowColumn<TRow>(string Name, Func<TRow, object?> Get, Action<TRow, DbDataReader, int> Read);

/// <summary>A table whose rows are read and written as a whole or in projections, with the SQL spelled once.</summary>
public sealed class RowTable<TRow> where TRow : new()
{
    /// <summary>Describes the table.</summary>
    public RowTable(string name, IReadOnlyList<RowColumn<TRow>> columns)
    {
        Name = name;
        Columns = columns;
        All = new RowProjection<TRow>(columns);
        InsertSql = $"INSERT INTO {name} ({string.Join(", ", columns.Select(c => c.Name))}) VALUES ({string.Join(", ", columns.Select(c => "@" + c.Name))})";
    }

    /// <summary>Table name.</summary>
    public string Name { get; }

    /// <summary>Every column, in the order of <see cref="InsertSql"/>.</summary>
    public IReadOnlyList<RowColumn<TRow>> Columns { get; }

    /// <summary>All columns.</summary>
    public RowProjection<TRow> All { get; }

    /// <summary>Inserts one row.</summary>
    public string InsertSql { get; }

    /// <summary>Some columns, by name.</summary>
    public RowProjection<TRow> Project(params string[] names) =>
        new([.. names.Select(n => Columns[IndexOf(n)])]);

    /// <summary>Place of a column in <see cref="Columns"/>.</summary>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Columns.Count; i++)
            if (string.Equals(Columns[i].Name, name, StringComparison.Ordinal)) return i;
        throw new ArgumentException($"{Name} has no column {name}.", nameof(name));
    }

    /// <summary>Inserts <paramref name="row"/>.</summary>
    public Task<int> InsertAsync(SqlSession sql, TRow row, CancellationToken cancellationToken)
    {
        var statement = sql.Prepare(InsertSql);
        for (var i = 0; i < Columns.Count; i++) statement.Set(i, Columns[i].Get(row));
        return statement.ExecuteAsync(cancellationToken);
    }

    /// <summary>The row's values, in column order, to compare with later.</summary>
    public object?[] Values(TRow row)
    {
        var values = new object?[Columns.Count];
        for (var i = 0; i < values.Length; i++) values[i] = Columns[i].Get(row);
        return values;
    }

    /// <summary>
    /// Writes what differs from <paramref name="before"/>, so that indexes of unchanged columns are left alone.
    /// </summary>
    /// <param name="sql">The writing session.</param>
    /// <param name="row">As it shall be.</param>
    /// <param name="before">As it was.</param>
    /// <param name="keys">Columns that identify the row.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when nothing differed.</returns>
    public async Task<bool> UpdateAsync(SqlSession sql, TRow row, object?[] before, string[] keys, CancellationToken cancellationToken)
    {
        var after = Values(row);
        List<int>? changed = null;
        for (var i = 0; i < after.Length; i++)
            if (!Equals(before[i], after[i])) (changed ??= []).Add(i);
        if (changed is null) return false;
        var where = keys.Select(IndexOf).ToArray();
        var statement = sql.Prepare($"UPDATE {Name} SET {string.Join(", ", changed.Select(i => $"{Columns[i].Name} = @{Columns[i].Name}"))} WHERE {string.Join(" AND ", where.Select(i => $"{Columns[i].Name} = @{Columns[i].Name}"))}");
        var at = 0;
        foreach (var i in changed) statement.Set(at++, after[i]);
        foreach (var i in where) statement.Set(at++, after[i]);
        await statement.ExecuteAsync(cancellationToken);
        return true;
    }
}

/// <summary>Some columns of a row class in a fixed order.</summary>
public sealed class RowProjection<TRow> where TRow : new()
{
    readonly Action<TRow, DbDataReader, int>[] readers;

    internal RowProjection(IReadOnlyList<RowColumn<TRow>> columns)
    {
        readers = [.. columns.Select(c => c.Read)];
        Sql = string.Join(", ", columns.Select(c => c.Name));
    }

    /// <summary>Column list for a SELECT.</summary>
    public string Sql { get; }

    /// <summary>How many columns.</summary>
    public int Count => readers.Length;

    /// <summary>Reads the current row; columns that are not in the projection keep their defaults.</summary>
    public TRow Read(DbDataReader reader, int from = 0)
    {
        var row = new TRow();
        for (var i = 0; i < readers.Length; i++) readers[i](row, reader, from + i);
        return row;
    }
}
