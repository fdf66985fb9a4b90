using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace RunHub.Store;

/// <summary>
/// One open connection with its prepared statements. On SQLite a session lives on in a pool, so that a statement is
/// compiled once per connection; on PostgreSQL Npgsql prepares what is used often. Not thread-safe.
/// </summary>
public sealed class SqlSession : IAsyncDisposable
{
    const int MaxPrepared = 200;
    readonly Dictionary<string, SqlStatement> statements = new(StringComparer.Ordinal);
    readonly Func<SqlSession, ValueTask> giveBack;
    readonly nint engine;

    internal SqlSession(DbConnection connection, DatabaseProvider provider, Func<SqlSession, ValueTask> giveBack)
    {
        Connection = connection;
        Provider = provider;
        this.giveBack = giveBack;
        engine = connection is SqliteConnection sqlite ? SqliteEngine.HandleOf(sqlite) : 0;
    }

    /// <summary>The open connection, for EF and for libraries.</summary>
    public DbConnection Connection { get; }

    /// <summary>The open transaction, or null on a reading session.</summary>
    public DbTransaction? Transaction { get; internal set; }

    /// <summary>The search index is attached (SQLite).</summary>
    internal bool HasSearch { get; set; }

    /// <summary>The engine behind the connection.</summary>
    public DatabaseProvider Provider { get; }

    /// <summary>True on the embedded engine.</summary>
    public bool IsSqlite => Provider == DatabaseProvider.Sqlite;

    /// <summary>
    /// A prepared statement; its parameters are the <c>@names</c> of the text in order of first appearance. The same text
    /// gives the same object: finish with one use before the next.
    /// </summary>
    public SqlStatement Prepare(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            if (statements.Count >= MaxPrepared) DropStatements();
            statements[sql] = statement = Connection is SqliteConnection sqlite ? new SqliteStatement(sqlite, sql) : new ProviderStatement(Connection.CreateCommand(), sql);
        }

        statement.Enlist(Transaction);
        return statement;
    }

    /// <summary>
    /// Interrupts a running SQLite statement when <paramref name="cancellationToken"/> fires (SQLite itself ignores
    /// tokens). Dispose what is returned before the session is given back.
    /// </summary>
    public CancellationTokenRegistration InterruptOn(CancellationToken cancellationToken) =>
        Connection is SqliteConnection sqlite && cancellationToken.CanBeCanceled
            ? cancellationToken.Register(static state => SqliteEngine.Interrupt((SqliteConnection)state!), sqlite)
            : default;

    /// <summary>Rows that were ever written through this connection of the embedded engine; 0 on PostgreSQL.</summary>
    internal int TotalChanges => engine == 0 ? 0 : SqliteEngine.TotalChanges(engine);

    /// <summary>Gives the session back to where it came from.</summary>
    public ValueTask DisposeAsync() => giveBack(this);

    internal async ValueTask CloseAsync()
    {
        DropStatements();
        await Connection.DisposeAsync();
    }

    void DropStatements()
    {
        foreach (var statement in statements.Values) statement.Dispose();
        statements.Clear();
    }
}

/// <summary>A prepared statement with positional access to its named parameters.</summary>
public abstract class SqlStatement : IDisposable
{
    /// <summary>How many parameters it has.</summary>
    protected abstract int ParameterCount { get; }

    /// <summary>Sets the parameter at <paramref name="index"/> (order of first appearance in the text): null, text, bytes, a number or a boolean.</summary>
    public abstract SqlStatement Set(int index, object? value);

    /// <summary>Sets all parameters, in order of first appearance in the text.</summary>
    public SqlStatement With(params ReadOnlySpan<object?> values)
    {
        if (values.Length != ParameterCount) throw new ArgumentException($"The statement has {ParameterCount} parameters, {values.Length} values were given.", nameof(values));
        for (var i = 0; i < values.Length; i++) Set(i, values[i]);
        return this;
    }

    /// <summary>Runs it and answers the number of rows changed.</summary>
    public abstract Task<int> ExecuteAsync(CancellationToken cancellationToken);

    /// <summary>Runs it and answers the first column of the first row; null where there is none.</summary>
    public abstract Task<object?> ValueAsync(CancellationToken cancellationToken);

    /// <summary>Runs it and reads rows; dispose the reader before the next use of the session.</summary>
    public abstract Task<DbDataReader> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Runs it and answers the first column of the first row; default where there is none.</summary>
    public async Task<T?> ScalarAsync<T>(CancellationToken cancellationToken)
    {
        var value = await ValueAsync(cancellationToken);
        return value is null or DBNull ? default : (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Runs it and maps every row.</summary>
    public async Task<List<T>> ListAsync<T>(Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await using var reader = await ReadAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) rows.Add(map(reader));
        return rows;
    }

    /// <summary>Runs it and maps the first row; default where there is none.</summary>
    public async Task<T?> FirstAsync<T>(Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? map(reader) : default;
    }

    /// <summary>Frees the statement.</summary>
    public abstract void Dispose();

    internal virtual void Enlist(DbTransaction? transaction) { }
}

/// <summary>A statement of PostgreSQL: Npgsql prepares what is used often.</summary>
sealed partial class ProviderStatement : SqlStatement
{
    // Filters combine into many texts; what is forgotten is read again.
    const int MaxTexts = 4096;
    static readonly ConcurrentDictionary<string, string[]> ParameterNames = new(StringComparer.Ordinal);
    readonly DbCommand command;
    readonly DbParameter[] parameters;

    public ProviderStatement(DbCommand command, string sql)
    {
        this.command = command;
        command.CommandText = sql;
        if (ParameterNames.Count > MaxTexts) ParameterNames.Clear();
        var names = ParameterNames.GetOrAdd(sql, static text => Names().Matches(text).Select(m => m.Value).Distinct(StringComparer.Ordinal).ToArray());
        parameters = new DbParameter[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            parameters[i] = command.CreateParameter();
            parameters[i].ParameterName = names[i];
            command.Parameters.Add(parameters[i]);
        }
    }

    protected override int ParameterCount => parameters.Length;

    public override SqlStatement Set(int index, object? value)
    {
        parameters[index].Value = value ?? DBNull.Value;
        return this;
    }

    public override Task<int> ExecuteAsync(CancellationToken cancellationToken) => command.ExecuteNonQueryAsync(cancellationToken);

    public override Task<object?> ValueAsync(CancellationToken cancellationToken) => command.ExecuteScalarAsync(cancellationToken);

    public override Task<DbDataReader> ReadAsync(CancellationToken cancellationToken) => command.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken);

    public override void Dispose() => command.Dispose();

    internal override void Enlist(DbTransaction? transaction)
    {
        if (!ReferenceEquals(command.Transaction, transaction)) command.Transaction = transaction;
    }

    [GeneratedRegex("@[a-z_][a-z0-9_]*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();
}

/// <summary>Reading columns that may be null.</summary>
public static class DbDataReaderExtensions
{
    /// <summary>Text or null.</summary>
    public static string? Text(this DbDataReader reader, int i) => reader.IsDBNull(i) ? null : reader.GetString(i);

    /// <summary>A 64-bit number or null.</summary>
    public static long? Long(this DbDataReader reader, int i) => reader.IsDBNull(i) ? null : reader.GetInt64(i);

    /// <summary>A double or null.</summary>
    public static double? Double(this DbDataReader reader, int i) => reader.IsDBNull(i) ? null : reader.GetDouble(i);

    /// <summary>0 or 1 as a boolean, or null.</summary>
    public static bool? Bool(this DbDataReader reader, int i) => reader.IsDBNull(i) ? null : reader.GetInt64(i) != 0;
}
