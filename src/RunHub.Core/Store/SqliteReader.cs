using System.Collections;
using System.Data.Common;
using System.Linq.Expressions;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;

namespace RunHub.Store;

/// <summary>
/// Reads columns of SQLite's current row without the provider's detour: each of its calls takes and returns a handle and
/// asks for the column's type again, which was a fifth of the time of a list. Only what RunHub reads with is here; the
/// rest goes to the provider's reader, which also steps, owns the statement and reports errors.
/// </summary>
sealed partial class SqliteReader(SqliteDataReader inner) : DbDataReader
{
    const string Library = "e_sqlite3";
    const int NullType = 5;

    // The property's type belongs to the 2.1 assembly (see SqliteEngine): the compiler must not see it.
    static readonly Func<SqliteDataReader, SafeHandle> HandleOf = MakeHandleOf();
    readonly nint statement = HandleOf(inner)?.DangerousGetHandle() ?? 0;

    public override bool IsDBNull(int ordinal) => sqlite3_column_type(statement, ordinal) == NullType;

    public override long GetInt64(int ordinal) => sqlite3_column_int64(statement, ordinal);

    public override double GetDouble(int ordinal) => sqlite3_column_double(statement, ordinal);

    public override unsafe string GetString(int ordinal)
    {
        // The text first: it may convert, and only then is the length right.
        var text = sqlite3_column_text(statement, ordinal);
        if (text is null) throw new InvalidCastException($"Column {ordinal} is NULL.");
        return Encoding.UTF8.GetString(text, sqlite3_column_bytes(statement, ordinal));
    }

    public override bool Read() => inner.Read();

    public override Task<bool> ReadAsync(CancellationToken cancellationToken) => inner.ReadAsync(cancellationToken);

    public override bool NextResult() => inner.NextResult();

    public override void Close() => inner.Close();

    public override object GetValue(int ordinal) => inner.GetValue(ordinal);

    public override int FieldCount => inner.FieldCount;

    public override int RecordsAffected => inner.RecordsAffected;

    public override bool HasRows => inner.HasRows;

    public override bool IsClosed => inner.IsClosed;

    public override int Depth => inner.Depth;

    public override object this[int ordinal] => inner[ordinal];

    public override object this[string name] => inner[name];

    public override bool GetBoolean(int ordinal) => inner.GetBoolean(ordinal);

    public override byte GetByte(int ordinal) => inner.GetByte(ordinal);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => inner.GetBytes(ordinal, dataOffset, buffer, bufferOffset, length);

    public override char GetChar(int ordinal) => inner.GetChar(ordinal);

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => inner.GetChars(ordinal, dataOffset, buffer, bufferOffset, length);

    public override string GetDataTypeName(int ordinal) => inner.GetDataTypeName(ordinal);

    public override DateTime GetDateTime(int ordinal) => inner.GetDateTime(ordinal);

    public override decimal GetDecimal(int ordinal) => inner.GetDecimal(ordinal);

    public override Type GetFieldType(int ordinal) => inner.GetFieldType(ordinal);

    public override float GetFloat(int ordinal) => inner.GetFloat(ordinal);

    public override Guid GetGuid(int ordinal) => inner.GetGuid(ordinal);

    public override short GetInt16(int ordinal) => inner.GetInt16(ordinal);

    public override int GetInt32(int ordinal) => inner.GetInt32(ordinal);

    public override string GetName(int ordinal) => inner.GetName(ordinal);

    public override int GetOrdinal(string name) => inner.GetOrdinal(name);

    public override int GetValues(object[] values) => inner.GetValues(values);

    public override IEnumerator GetEnumerator() => inner.GetEnumerator();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    static Func<SqliteDataReader, SafeHandle> MakeHandleOf()
    {
        var reader = Expression.Parameter(typeof(SqliteDataReader));
        return Expression.Lambda<Func<SqliteDataReader, SafeHandle>>(Expression.Convert(Expression.Property(reader, "Handle"), typeof(SafeHandle)), reader).Compile();
    }

    // Each reads a value that is already in memory: too short to be worth telling the garbage collector.
    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial double sqlite3_column_double(nint statement, int column);

    [LibraryImport(Library)]
    private static unsafe partial byte* sqlite3_column_text(nint statement, int column);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial int sqlite3_column_bytes(nint statement, int column);
}
