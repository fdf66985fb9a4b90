using System.Data;
using System.Data.Common;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RunHub.Feed;
using RunHub.Store.Events;
using RunHub.Store.Rollups;

namespace RunHub.Store;

/// <summary>
/// The only way to write. Callers hand in a piece of work; many share one transaction and each is undone alone; a caller
/// is answered after the commit that holds its work is on disk (<c>synchronous=FULL</c>). SQLite has one lane on a thread
/// of its own; PostgreSQL has <see cref="DatabaseOptions.Writers"/> of them. No network and no waiting inside the work.
/// One file because queue, commit and answer are one protocol: an acknowledgement means what all three do together.
/// </summary>
public sealed class WriteLane : IHostedService, IAsyncDisposable
{
    const int MaxItemsPerCommit = 512;
    const long MaxBytesPerCommit = 8L << 20;

    /// <summary>After a piece of work had to be undone, so many commits are made with savepoints at once.</summary>
    const int CommitsInDoubt = 16;

    /// <summary>Of one piece of work, when it met another or the server was away.</summary>
    const int MaxTries = 5;
    readonly Database database;
    readonly Signals signals;
    readonly TimeProvider time;
    readonly ILogger<WriteLane> log;
    readonly SureCommit commit;
    readonly Channel<WorkItem> queue;
    readonly List<Task> loops = [];
    readonly CancellationTokenSource stop = new();
    long waitingBytes;
    int doubt;

    /// <summary>Does not start yet; see <see cref="StartAsync"/>.</summary>
    public WriteLane(Database database, Signals signals, TimeProvider time, ILogger<WriteLane> log)
    {
        (this.database, this.signals, this.time, this.log) = (database, signals, time, log);
        commit = new SureCommit(database, log);
        queue = Channel.CreateBounded<WorkItem>(new BoundedChannelOptions(database.Options.QueueLength) { SingleReader = database.IsSqlite });
    }

    /// <summary>How many pieces of work wait now.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Runs <paramref name="work"/> in the lane and answers when it is on disk.</summary>
    /// <param name="work">
    /// May run twice (PostgreSQL asks for a retry, or another piece of the same commit had to be undone), so it must build its
    /// result from scratch. Throwing undoes all it did, and nothing else.
    /// </param>
    /// <param name="cancellationToken">Honoured until the work starts; afterwards the outcome is reported.</param>
    /// <param name="bytes">Payload bytes held while waiting, for the queue's limit.</param>
    /// <exception cref="LaneFullException">Too much is waiting; nothing was written; try again later.</exception>
    public Task<T> Run<T>(Func<WriteScope, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken, long bytes = 0)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Add(ref waitingBytes, bytes) > database.Options.QueueBytes && bytes < Volatile.Read(ref waitingBytes))
        {
            Interlocked.Add(ref waitingBytes, -bytes);
            throw new LaneFullException();
        }

        var item = new WorkItem<T>(work, cancellationToken) { Bytes = bytes };
        if (!queue.Writer.TryWrite(item))
        {
            Interlocked.Add(ref waitingBytes, -bytes);
            throw stop.IsCancellationRequested ? new LaneFullException("RunHub is stopping.") : new LaneFullException();
        }

        return item.Task;
    }

    /// <summary>Runs work without a result.</summary>
    public Task Run(Func<WriteScope, CancellationToken, ValueTask> work, CancellationToken cancellationToken) =>
        Run<bool>(async (scope, ct) =>
        {
            await work(scope, ct);
            return true;
        }, cancellationToken);

    /// <summary>Opens the writing connections and starts taking work.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (database.IsSqlite)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // A thread of its own: it spends its life in fsync, which would starve the pool of a small machine.
            new Thread(() =>
            {
#pragma warning disable MA0042, MA0045, CA1849 // SQLite's calls complete synchronously; nothing is awaited here in truth.
                LoopAsync(Block).GetAwaiter().GetResult();
#pragma warning restore MA0042, MA0045, CA1849
                done.SetResult();
            }) { IsBackground = true, Name = "write-lane" }.Start();
            loops.Add(done.Task);
        }
        else
        {
            for (var i = 0; i < Math.Clamp(database.Options.Writers, 1, 64); i++)
                loops.Add(Task.Run(() => LoopAsync(static (reader, ct) => reader.WaitToReadAsync(ct)), CancellationToken.None));
        }

        return Task.CompletedTask;

        static ValueTask<bool> Block(ChannelReader<WorkItem> reader, CancellationToken ct)
        {
            var wait = reader.WaitToReadAsync(ct);
#pragma warning disable MA0042, MA0045, CA1849
            return wait.IsCompletedSuccessfully ? wait : new ValueTask<bool>(wait.AsTask().GetAwaiter().GetResult());
#pragma warning restore MA0042, MA0045, CA1849
        }
    }

    /// <summary>Takes no more work, finishes what waits, closes.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await Task.WhenAny(Task.WhenAll(loops), Task.Delay(TimeSpan.FromSeconds(30), CancellationToken.None));
        await stop.CancelAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Also without a stop before, as when a start failed half way: the loops end before what they use is gone.
        queue.Writer.TryComplete();
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        stop.Dispose();
    }

    async Task LoopAsync(Func<ChannelReader<WorkItem>, CancellationToken, ValueTask<bool>> wait)
    {
        var batch = new List<WorkItem>(MaxItemsPerCommit);
        WriteScope? scope = null;
        try
        {
            while (await wait(queue.Reader, stop.Token))
            {
                long bytes = 0;
                while (batch.Count < MaxItemsPerCommit && bytes < MaxBytesPerCommit && queue.Reader.TryRead(out var item))
                {
                    bytes += item.Bytes;
                    batch.Add(item);
                }

                // Several lanes wake for one piece of work; one finds it.
                if (batch.Count == 0) continue;
                Interlocked.Add(ref waitingBytes, -bytes);
                scope = await CommitAsync(scope, batch);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopping: whoever still waits is told below.
        }
        finally
        {
            while (queue.Reader.TryRead(out var left)) left.Fail(new LaneFullException("RunHub is stopping."));
            if (scope is not null) await scope.Sql.CloseAsync();
        }
    }

    /// <summary>Commits a batch; answers the scope to go on with, or null when the connection must be opened anew.</summary>
    async Task<WriteScope?> CommitAsync(WriteScope? scope, List<WorkItem> batch)
    {
        try
        {
            scope ??= await OpenAsync();
        }
        catch (Exception e)
        {
            // Nobody to write to: what waits is refused together, and whoever sent it tries again.
            log.LogError(e, "The database cannot be reached: {Count} pieces of work were refused", batch.Count);
            foreach (var item in batch) item.Fail(e);
            return null;
        }

        try
        {
            await RunTransactionAsync(scope, batch);
            // A connection that broke after the commit has done its work.
            if (scope.Sql.Connection.State == ConnectionState.Open) return scope;
            await CloseQuietlyAsync(scope);
            return null;
        }
        catch (Exception e)
        {
            scope.RunNumbers.Forget();
            await CloseQuietlyAsync(scope);
            if (IsTransient(e) && batch.Count(i => !i.Done) > 0)
            {
                // Each piece alone: two lanes that met on the same run no longer hold each other's rows.
                foreach (var item in batch.Where(i => !i.Done))
                {
                    if (++item.Tries > MaxTries) item.Fail(e);
                    else if (await CommitAsync(null, [item]) is { } own) await CloseQuietlyAsync(own);
                }

                return null;
            }

            log.LogError(e, "A commit of {Count} pieces of work failed", batch.Count);
            foreach (var item in batch) item.Fail(e);
            return null;
        }
    }

    /// <summary>A writing connection; a server that restarts is given a moment.</summary>
    async Task<WriteScope> OpenAsync()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new WriteScope(await database.OpenWriterAsync(stop.Token), time);
            }
            catch (Exception e) when (tries < MaxTries && Database.IsAway(e))
            {
                await Task.Delay(Pause(tries), stop.Token);
            }
        }
    }

    /// <summary>How long to leave a server alone after so many tries: a tenth of a second, then twice as long each time.</summary>
    internal static TimeSpan Pause(int tries) => TimeSpan.FromMilliseconds(50 << tries);

    /// <summary>
    /// Hopes that nobody fails: a savepoint keeps a copy of every page touched in it, a third of what the writing costs, and
    /// nearly never is one of use. When a piece of work must be undone after all, everything is, and done again with savepoints.
    /// </summary>
    async Task RunTransactionAsync(WriteScope scope, List<WorkItem> batch)
    {
        if (batch.Count > 1 && database.IsSqlite && --doubt < 0)
        {
            if (await TryTransactionAsync(scope, batch, savepoints: false)) return;
            doubt = CommitsInDoubt;
        }

        await TryTransactionAsync(scope, batch, savepoints: batch.Count > 1);
    }

    /// <summary>One transaction; false when all of it was undone because something must be and there are no savepoints.</summary>
    async Task<bool> TryTransactionAsync(WriteScope scope, List<WorkItem> batch, bool savepoints)
    {
        scope.Begin();
        var sql = scope.Sql;
        await using var transaction = await BeginAsync(sql);
        sql.Transaction = transaction;
        try
        {
            foreach (var item in batch)
            {
                if (item.SkipIfCanceled()) continue;
                if (savepoints)
                {
                    await RunInSavepointAsync(scope, item);
                }
                else
                {
                    var before = (scope.Mark(), sql.TotalChanges);
                    await item.RunAsync(scope, stop.Token);
                    if (batch.Count == 1 || item.Error is null || before == (scope.Mark(), sql.TotalChanges)) continue;
                    await RollBackAsync(transaction);
                    scope.RunNumbers.Forget();
                    return false;
                }
            }

            if (batch.Count == 1 && batch[0].Error is not null)
            {
                await RollBackAsync(transaction);
                scope.RunNumbers.Forget();
                if (IsTransient(batch[0].Error!)) throw batch[0].Error!;
                batch[0].Complete();
                return true;
            }

            await RollupBuffer.WriteAsync(scope, CancellationToken.None);
            var news = scope.Events.Count > 0;
            await EventWriter.WriteAsync(scope, CancellationToken.None);
            if (news && !database.IsSqlite) await signals.SendOnCommitAsync(sql, EventFeed.Committed, CancellationToken.None);
            await commit.HandleAsync(sql, transaction);
            if (news) signals.Raise(EventFeed.Committed);
            foreach (var item in batch) item.Complete();
            return true;
        }
        finally
        {
            sql.Transaction = null;
        }
    }

    async Task RunInSavepointAsync(WriteScope scope, WorkItem item)
    {
        var mark = scope.Mark();
        await scope.Sql.Prepare("SAVEPOINT item").ExecuteAsync(CancellationToken.None);
        await item.RunAsync(scope, stop.Token);
        if (item.Error is null)
        {
            await scope.Sql.Prepare("RELEASE SAVEPOINT item").ExecuteAsync(CancellationToken.None);
            return;
        }

        if (IsTransient(item.Error)) throw item.Error;
        await scope.Sql.Prepare("ROLLBACK TO SAVEPOINT item").ExecuteAsync(CancellationToken.None);
        await scope.Sql.Prepare("RELEASE SAVEPOINT item").ExecuteAsync(CancellationToken.None);
        scope.RollBackTo(mark);
    }

    // A connection that is gone has taken its transaction with it: what went wrong in the work tells more.
    static async Task RollBackAsync(DbTransaction transaction)
    {
        try
        {
            await transaction.RollbackAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbException or ObjectDisposedException)
        {
        }
    }

    static async ValueTask<DbTransaction> BeginAsync(SqlSession sql) => sql.Connection is Microsoft.Data.Sqlite.SqliteConnection sqlite
        ? sqlite.BeginTransaction(deferred: false)
        : await sql.Connection.BeginTransactionAsync(CancellationToken.None);

    // A row another node just inserted (23505) is there when the work looks again.
    static bool IsTransient(Exception e) => e is PostgresException { SqlState: "40001" or "40P01" or "23505" or "55P03" } or MetAnotherException
        || e is NpgsqlException { IsTransient: true }
        || e is DbUpdateException { InnerException: { } inner } && IsTransient(inner);

    static async Task CloseQuietlyAsync(WriteScope scope)
    {
        try
        {
            await scope.Sql.CloseAsync();
        }
        catch (DbException)
        {
            // It is being thrown away because it is broken.
        }
    }
}

/// <summary>The write lane takes no more work now; answered as 503 with <c>Retry-After</c>.</summary>
public sealed class LaneFullException(string message = "Too many writes are waiting; try again shortly.") : Exception(message);
