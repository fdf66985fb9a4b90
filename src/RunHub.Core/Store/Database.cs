using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;

namespace RunHub.Store;

/// <summary>
/// The database: hands out reading sessions to anyone and the writing ones to the <see cref="WriteLane"/> alone.
/// Reading connections of SQLite refuse to write (<c>PRAGMA query_only</c>).
/// </summary>
public sealed class Database : IAsyncDisposable
{
    const int MaxIdleReaders = 8;
    const int SqliteBusy = 5, SqliteLocked = 6, SqliteIoError = 10, SqliteFull = 13;
    readonly ConcurrentBag<SqlSession> idle = [];
    readonly NpgsqlDataSource? postgres;
    readonly string sqliteFile;
    bool disposed;

    /// <summary>Reads the configuration; opens nothing yet.</summary>
    public Database(IOptions<DatabaseOptions> options, IOptions<DataOptions> data)
    {
        Options = options.Value;
        sqliteFile = data.Value.DatabaseFile;
        if (!IsSqlite)
        {
            if (string.IsNullOrWhiteSpace(Options.ConnectionString))
                throw new InvalidOperationException("Database:Provider is PostgreSql but Database:ConnectionString is empty.");
            var connection = new NpgsqlConnectionStringBuilder(Options.ConnectionString) { MaxAutoPrepare = 200, AutoPrepareMinUsages = 2, ApplicationName = "runhub" };
            postgres = NpgsqlDataSource.Create(connection);
        }
    }

    /// <summary>The configuration in force.</summary>
    public DatabaseOptions Options { get; }

    /// <summary>The engine.</summary>
    public DatabaseProvider Provider => Options.Provider;

    /// <summary>True on the embedded engine.</summary>
    public bool IsSqlite => Options.Provider == DatabaseProvider.Sqlite;

    /// <summary>The embedded database's file; meaningless on PostgreSQL.</summary>
    public string SqliteFile => sqliteFile;

    /// <summary>The pool of PostgreSQL connections; null on SQLite.</summary>
    public NpgsqlDataSource? Postgres => postgres;

    /// <summary>
    /// True when a fault says that the database cannot be reached or cannot write for now (away, restarting, out of connections;
    /// a full or failing disk), so that the same is worth trying again; false for a fault of the request or of ours.
    /// </summary>
    public static bool IsAway(Exception fault) =>
        fault is DbException { IsTransient: true } or OutcomeUnknownException or SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked or SqliteIoError or SqliteFull }
        || fault.InnerException is { } inner && IsAway(inner);

    /// <summary>A session for reading. Dispose it soon: no read lasts over a second.</summary>
    public async ValueTask<SqlSession> ReadAsync(CancellationToken cancellationToken)
    {
        if (!IsSqlite) return new SqlSession(await postgres!.OpenConnectionAsync(cancellationToken), Provider, static s => s.CloseAsync());
        if (idle.TryTake(out var session)) return session;
        return new SqlSession(OpenSqlite(writable: false), Provider, GiveBack);
    }

    /// <summary>A session that may write. Only the write lane and the migrator call this.</summary>
    internal async ValueTask<SqlSession> OpenWriterAsync(CancellationToken cancellationToken) => IsSqlite
        ? new SqlSession(OpenSqlite(writable: true), Provider, static s => s.CloseAsync())
        : new SqlSession(await postgres!.OpenConnectionAsync(cancellationToken), Provider, static s => s.CloseAsync());

    /// <summary>Closes reading connections nobody uses, and with them the pages they hold.</summary>
    public async ValueTask ForgetIdleAsync()
    {
        while (idle.TryTake(out var session)) await session.CloseAsync();
    }

    /// <summary>Creates the embedded file with the pragmas that only take before the first table.</summary>
    internal void CreateSqliteFile()
    {
        if (!IsSqlite || File.Exists(sqliteFile) && new FileInfo(sqliteFile).Length > 0) return;
        Directory.CreateDirectory(Path.GetDirectoryName(sqliteFile)!);
        using var connection = new SqliteConnection(SqliteString());
        connection.Open();
        using var command = connection.CreateCommand();
        // Order matters: auto_vacuum before anything is written, WAL last.
        command.CommandText = "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA secure_delete=ON; PRAGMA journal_mode=WAL;";
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        disposed = true;
        await ForgetIdleAsync();
        if (postgres is not null) await postgres.DisposeAsync();
    }

    async ValueTask GiveBack(SqlSession session)
    {
        if (disposed || idle.Count >= MaxIdleReaders) await session.CloseAsync();
        else idle.Add(session);
    }

    SqliteConnection OpenSqlite(bool writable)
    {
        var connection = new SqliteConnection(SqliteString(writable ? GatheredLog.Name : null));
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = writable
                ? "PRAGMA secure_delete=ON; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=16000; PRAGMA busy_timeout=5000;"
                : "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096; PRAGMA busy_timeout=5000;";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    string SqliteString(string? vfs = null) => new SqliteConnectionStringBuilder { DataSource = sqliteFile, Pooling = false, DefaultTimeout = 30, Vfs = vfs }.ToString();
}
