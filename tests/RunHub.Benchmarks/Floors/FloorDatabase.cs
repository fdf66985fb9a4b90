using System.Runtime.CompilerServices;
using SQLitePCL;

namespace RunHub.Benchmarks.Floors;

/// <summary>SQLite with nothing in between: one connection, prepared statements, values bound as bytes and numbers.</summary>
sealed class FloorDatabase : IDisposable
{
    readonly sqlite3 db;

    /// <summary>Opens a file. A new one gets the frozen schema.</summary>
    /// <param name="file">Path.</param>
    /// <param name="write">True: durable writing (WAL, <c>synchronous=FULL</c>); false: reading.</param>
    public FloorDatabase(string file, bool write)
    {
        // Whoever opens the first connection of the process makes RunHub.Core choose the native library.
        RuntimeHelpers.RunModuleConstructor(typeof(Store.Database).Module.ModuleHandle);
        var isNew = write && !File.Exists(file);
        Check(raw.sqlite3_open_v2(file, out db, write ? raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE : raw.SQLITE_OPEN_READONLY, null));
        Run(write
            ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY"
            : "PRAGMA query_only=ON; PRAGMA cache_size=-4096; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000");
        if (isNew) Run(Schema());
    }

    /// <summary>A prepared statement.</summary>
    public FloorStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(db, sql, out var statement));
        return new FloorStatement(db, statement);
    }

    /// <summary>Runs statements without results.</summary>
    public void Run(string sql) => Check(raw.sqlite3_exec(db, sql));

    public void Dispose() => db.Dispose();

    /// <summary>The text of the frozen schema.</summary>
    static string Schema()
    {
        using var reader = new StreamReader(typeof(FloorDatabase).Assembly.GetManifestResourceStream("schema.sql")!);
        return reader.ReadToEnd();
    }

    void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)) throw new InvalidOperationException($"SQLite {code}: {raw.sqlite3_errmsg(db).utf8_to_string()}");
    }
}

/// <summary>A prepared statement; parameters count from 1, columns from 0.</summary>
sealed class FloorStatement(sqlite3 db, sqlite3_stmt statement)
{
    int next = 1;

    public FloorStatement Bind(long value)
    {
        raw.sqlite3_bind_int64(statement, next++, value);
        return this;
    }

    public FloorStatement Bind(double value)
    {
        raw.sqlite3_bind_double(statement, next++, value);
        return this;
    }

    /// <summary>UTF-8 text; empty: null.</summary>
    public FloorStatement Bind(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) raw.sqlite3_bind_null(statement, next++);
        else raw.sqlite3_bind_text(statement, next++, utf8);
        return this;
    }

    public FloorStatement Bind(string value)
    {
        raw.sqlite3_bind_text(statement, next++, value);
        return this;
    }

    /// <summary>Runs it to the end.</summary>
    public void Execute()
    {
        var code = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        next = 1;
        if (code != raw.SQLITE_DONE) throw new InvalidOperationException($"SQLite {code}: {raw.sqlite3_errmsg(db).utf8_to_string()}");
    }

    /// <summary>Runs it and touches every column of every row, as whoever shows them must.</summary>
    /// <returns>Bytes and numbers added up, so that nothing can be left out.</returns>
    public long ReadAll()
    {
        long sum = 0;
        var columns = raw.sqlite3_column_count(statement);
        while (true)
        {
            var code = raw.sqlite3_step(statement);
            if (code == raw.SQLITE_DONE) break;
            if (code != raw.SQLITE_ROW) throw new InvalidOperationException($"SQLite {code}: {raw.sqlite3_errmsg(db).utf8_to_string()}");
            for (var i = 0; i < columns; i++)
            {
                sum += raw.sqlite3_column_type(statement, i) switch
                {
                    raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, i),
                    raw.SQLITE_NULL => 0,
                    _ => raw.sqlite3_column_bytes(statement, i),
                };
            }
        }

        raw.sqlite3_reset(statement);
        next = 1;
        return sum;
    }
}
