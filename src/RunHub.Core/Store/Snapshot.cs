using Microsoft.Data.Sqlite;

namespace RunHub.Store;

/// <summary>Several reads that see the same: a reading transaction. Dispose it soon, before the session.</summary>
public sealed class Snapshot : IAsyncDisposable
{
    const int Interrupted = 9; // SQLITE_INTERRUPT
    readonly SqlSession sql;

    Snapshot(SqlSession sql) => this.sql = sql;

    /// <summary>Begins it.</summary>
    /// <param name="sql">A reading session without one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Snapshot> BeginAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        await sql.Prepare(sql.IsSqlite ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").ExecuteAsync(cancellationToken);
        return new Snapshot(sql);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await sql.Prepare("ROLLBACK").ExecuteAsync(CancellationToken.None);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Interrupted)
        {
            // An interrupt that came late; it comes once.
            await sql.Prepare("ROLLBACK").ExecuteAsync(CancellationToken.None);
        }
    }
}
