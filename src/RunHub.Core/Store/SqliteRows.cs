using System.Collections;
using System.Data.Common;
using System.Globalization;

namespace RunHub.Store;

/// <summary>The rows of a <see cref="SqliteStatement"/>. Disposing it makes the statement ready for its next use.</summary>
sealed class SqliteRows(SqliteStatement statement) : DbDataReader
{
    const int IntegerType = 1;
    const int RealType = 2;
    const int TextType = 3;
    const int NullType = 5;
    bool closed;
    bool ended;

    public override bool Read()
    {
        if (!ended && statement.Step()) return true;
        ended = true;
        return false;
    }

    public override Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Read() ? Yes : No;
    }

    static readonly Task<bool> Yes = Task.FromResult(true);
    static readonly Task<bool> No = Task.FromResult(false);

    public override bool IsDBNull(int ordinal) => statement.TypeOf(ordinal) == NullType;

    public override long GetInt64(int ordinal) => statement.Integer(ordinal);

    public override double GetDouble(int ordinal) => statement.Real(ordinal);

    public override string GetString(int ordinal) => statement.Text(ordinal);

    public override object GetValue(int ordinal) => statement.TypeOf(ordinal) switch
    {
        IntegerType => statement.Integer(ordinal),
        RealType => statement.Real(ordinal),
        TextType => statement.Text(ordinal),
        NullType => DBNull.Value,
        _ => statement.Blob(ordinal),
    };

    public override void Close()
    {
        if (closed) return;
        closed = true;
        statement.Reset();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Close();
        base.Dispose(disposing);
    }

    public override int FieldCount => statement.Columns;

    public override string GetName(int ordinal) => statement.Name(ordinal);

    public override int GetOrdinal(string name)
    {
        for (var i = 0; i < FieldCount; i++)
            if (string.Equals(GetName(i), name, StringComparison.OrdinalIgnoreCase)) return i;
        throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such column.");
    }

    public override bool NextResult() => false;

    public override int RecordsAffected => -1;

    public override bool HasRows => throw new NotSupportedException("Read, and see.");

    public override bool IsClosed => closed;

    public override int Depth => 0;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override decimal GetDecimal(int ordinal) => decimal.Parse(GetString(ordinal), CultureInfo.InvariantCulture);

    public override string GetDataTypeName(int ordinal) => GetFieldType(ordinal).Name;

    public override Type GetFieldType(int ordinal) => GetValue(ordinal).GetType();

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var i = 0; i < count; i++) values[i] = GetValue(i);
        return count;
    }

    public override IEnumerator GetEnumerator() => new DbEnumerator(this, closeReader: false);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw new NotSupportedException("Take the value whole.");

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw new NotSupportedException("Take the value whole.");

    public override char GetChar(int ordinal) => throw new NotSupportedException("SQLite has no characters.");

    public override DateTime GetDateTime(int ordinal) => throw new NotSupportedException("Times are microseconds.");

    public override Guid GetGuid(int ordinal) => throw new NotSupportedException("Ids are text.");
}
