using System.Buffers;
using System.Data.Common;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;

namespace RunHub.Store;

/// <summary>
/// A statement of the embedded engine, spoken to directly: parameters are bound by number and columns read in place. The
/// provider looks every parameter up by its name and takes a handle for every column, which was half of what a write cost
/// and a fifth of a list. The connection, its transactions and pragmas stay the provider's.
/// </summary>
sealed unsafe partial class SqliteStatement : SqlStatement
{
    const string Library = "e_sqlite3";
    const int Row = 100;
    const int Done = 101;
    const uint Persistent = 1;
    static readonly nint Transient = -1;
    readonly nint db;
    readonly object?[] values;
    nint statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        db = SqliteEngine.HandleOf(connection);
        var utf8 = Encoding.UTF8.GetBytes(sql);
        fixed (byte* text = utf8)
        {
            byte* tail;
            var code = sqlite3_prepare_v3(db, text, utf8.Length, Persistent, out statement, out tail);
            if (code != 0) throw Error(code);
            if (new ReadOnlySpan<byte>(tail, (int)(text + utf8.Length - tail)).ContainsAnyExcept(" \t\r\n;"u8)) throw new ArgumentException("One statement at a time: " + sql, nameof(sql));
        }

        values = new object?[sqlite3_bind_parameter_count(statement)];
    }

    protected override int ParameterCount => values.Length;

    public override SqlStatement Set(int index, object? value)
    {
        values[index] = value;
        return this;
    }

    public override Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Bind();
        try
        {
            while (Step())
            {
                // A statement that is executed has no row anyone wants.
            }

            return Task.FromResult(sqlite3_changes(db));
        }
        finally
        {
            Reset();
        }
    }

    public override Task<object?> ValueAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Bind();
        using var rows = new SqliteRows(this);
        return Task.FromResult(rows.Read() ? rows.GetValue(0) : null);
    }

    public override Task<DbDataReader> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Bind();
        return Task.FromResult<DbDataReader>(new SqliteRows(this));
    }

    public override void Dispose()
    {
        if (statement == 0) return;
        sqlite3_finalize(statement);
        statement = 0;
    }

    /// <summary>To the next row; false after the last.</summary>
    internal bool Step()
    {
        var code = sqlite3_step(statement);
        return code switch { Row => true, Done => false, _ => throw Error(code) };
    }

    internal void Reset()
    {
        // Answers the error of the last step again; that one has been thrown.
        if (statement != 0) _ = sqlite3_reset(statement);
    }

    internal int Columns => sqlite3_column_count(statement);

    internal int TypeOf(int column) => sqlite3_column_type(statement, column);

    internal long Integer(int column) => sqlite3_column_int64(statement, column);

    internal double Real(int column) => sqlite3_column_double(statement, column);

    internal string Text(int column)
    {
        // The text first: it may convert, and only then is the length right.
        var text = sqlite3_column_text(statement, column);
        return text is null ? throw new InvalidCastException($"Column {column} is NULL.") : Encoding.UTF8.GetString(text, sqlite3_column_bytes(statement, column));
    }

    internal byte[] Blob(int column)
    {
        var data = sqlite3_column_blob(statement, column);
        return new ReadOnlySpan<byte>(data, sqlite3_column_bytes(statement, column)).ToArray();
    }

    internal string Name(int column) => Marshal.PtrToStringUTF8((nint)sqlite3_column_name(statement, column)) ?? "";

    void Bind()
    {
        for (var i = 0; i < values.Length; i++)
        {
            var code = values[i] switch
            {
                null or DBNull => sqlite3_bind_null(statement, i + 1),
                long number => sqlite3_bind_int64(statement, i + 1, number),
                int number => sqlite3_bind_int64(statement, i + 1, number),
                bool yes => sqlite3_bind_int64(statement, i + 1, yes ? 1 : 0),
                double number => sqlite3_bind_double(statement, i + 1, number),
                string text => BindText(i + 1, text),
                byte[] bytes => BindBlob(i + 1, bytes),
                var other => throw new NotSupportedException($"A parameter cannot be a {other.GetType().Name}."),
            };
            if (code != 0) throw Error(code);
        }
    }

    int BindText(int index, string text)
    {
        const int OnStack = 512;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var buffer = most <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(most);
        var length = Encoding.UTF8.GetBytes(text, buffer);
        int code;
        fixed (byte* pointer = buffer) code = sqlite3_bind_text(statement, index, pointer, length, Transient);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return code;
    }

    int BindBlob(int index, byte[] bytes)
    {
        if (bytes.Length == 0) return sqlite3_bind_zeroblob(statement, index, 0);
        fixed (byte* pointer = bytes) return sqlite3_bind_blob(statement, index, pointer, bytes.Length, Transient);
    }

    SqliteException Error(int code) => new(
        $"SQLite error {code}: {Marshal.PtrToStringUTF8((nint)sqlite3_errmsg(db))}", code & 0xFF, sqlite3_extended_errcode(db));

    [LibraryImport(Library)]
    private static partial int sqlite3_prepare_v3(nint db, byte* sql, int length, uint flags, out nint statement, out byte* tail);

    [LibraryImport(Library)]
    private static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    private static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    private static partial int sqlite3_finalize(nint statement);

    [LibraryImport(Library)]
    private static partial int sqlite3_changes(nint db);

    [LibraryImport(Library)]
    private static partial byte* sqlite3_errmsg(nint db);

    [LibraryImport(Library)]
    private static partial int sqlite3_extended_errcode(nint db);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_parameter_count(nint statement);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_text(nint statement, int index, byte* text, int length, nint free);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_blob(nint statement, int index, byte* data, int length, nint free);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_zeroblob(nint statement, int index, int length);

    // Each of these touches a value in memory: too short to be worth telling the garbage collector.
    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_bind_null(nint statement, int index);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_bind_int64(nint statement, int index, long value);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_bind_double(nint statement, int index, double value);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_column_count(nint statement);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial double sqlite3_column_double(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_column_bytes(nint statement, int column);

    [LibraryImport(Library)]
    private static partial byte* sqlite3_column_text(nint statement, int column);

    [LibraryImport(Library)]
    private static partial byte* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Library)]
    private static partial byte* sqlite3_column_name(nint statement, int column);
}
