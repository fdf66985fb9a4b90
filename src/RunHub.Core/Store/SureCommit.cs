using System.Data.Common;

namespace RunHub.Store;

/// <summary>
/// Commits. On PostgreSQL the connection may be lost between the commit and its answer: then the server is asked what became of
/// the transaction, because doing the work again would do it twice.
/// </summary>
sealed class SureCommit(Database database, ILogger log)
{
    /// <summary>How often a server is asked: for some ten seconds.</summary>
    const int MaxAsking = 10;

    /// <summary>The longest pause between two questions, as a number of tries.</summary>
    const int LongestPause = 5;

    /// <summary>Answers when the transaction holds.</summary>
    /// <exception cref="DbException">It was undone.</exception>
    /// <exception cref="OutcomeUnknownException">The server cannot be asked.</exception>
    public async Task HandleAsync(SqlSession sql, DbTransaction transaction)
    {
        if (sql.IsSqlite)
        {
            await transaction.CommitAsync(CancellationToken.None);
            return;
        }

        var number = await sql.Prepare("SELECT CAST(pg_current_xact_id_if_assigned() AS text)").ScalarAsync<string>(CancellationToken.None);
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception e) when (number is not null)
        {
            if (!await IsCommittedAsync(number)) throw;
            log.LogWarning(e, "The connection was lost after a commit; the server says that it holds");
        }
    }

    async Task<bool> IsCommittedAsync(string number)
    {
        Exception? last = null;
        for (var tries = 1; tries <= MaxAsking; tries++)
        {
            if (tries > 1) await Task.Delay(WriteLane.Pause(Math.Min(tries - 1, LongestPause)), CancellationToken.None);
            try
            {
                await using var command = database.Postgres!.CreateCommand("SELECT pg_xact_status(CAST($1 AS xid8))");
                command.Parameters.AddWithValue(number);
                var said = await command.ExecuteScalarAsync(CancellationToken.None) as string;
                if (said is not "in progress") return said is "committed";
            }
            catch (Exception e) when (Database.IsAway(e))
            {
                // It restarts, perhaps.
                last = e;
            }
        }

        throw new OutcomeUnknownException(last);
    }
}

/// <summary>
/// A commit was sent and the server cannot be asked what became of it: it is not done again here. Who sends the same run, under an id or
/// an <c>Idempotency-Key</c>, once more makes sure of it.
/// </summary>
sealed class OutcomeUnknownException(Exception? inner) : Exception("Nobody knows whether the database has kept this.", inner);
