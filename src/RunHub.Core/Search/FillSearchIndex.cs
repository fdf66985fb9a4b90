using System.Data.Common;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RunHub.Feed;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.Search;

/// <summary>
/// Fills the search index behind the writers: follows the events, reads each run that changed as it is now, and takes its
/// text in. Its place is kept with the index, so it goes on where it was after a restart. On PostgreSQL one node does it at
/// a time. A new index, or one whose place is not among the events any more, is filled by going through all runs, newest first.
/// </summary>
public sealed class FillSearchIndex : BackgroundService
{
    const long LeaderLock = 0x52756E4875620002; // "RunHub" 2
    const int BatchSize = 2000;
    const int WalkSize = 500;

    /// <summary>Least time between two batches: what comes in between is taken in together.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Long = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    readonly Database database;
    readonly SearchStore store;
    readonly SearchOptions options;
    readonly ILogger<FillSearchIndex> log;
    readonly SemaphoreSlim wake = new(0, 1);
    readonly SemaphoreSlim one = new(1, 1);
    SearchState? state;

    internal FillSearchIndex(Database database, SearchStore store, Signals signals, IOptions<SearchOptions> options, ILogger<FillSearchIndex> log)
    {
        (this.database, this.store, this.options, this.log) = (database, store, options.Value, log);
        signals.On(EventFeed.Committed, _ => Wake());
        signals.On(RebuildSignal, _ => Volatile.Write(ref rebuild, 1));
    }

    /// <summary>Asks whichever node fills the index to make it anew.</summary>
    public const string RebuildSignal = "search-rebuild";
    int rebuild;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Enabled) return;
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var sql = await database.ReadAsync(stoppingToken);
                if (await LeadAsync(sql, stoppingToken)) await FollowAsync(sql, stoppingToken);
                else await Task.Delay(Retry, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (LaneFullException)
            {
                // Ingest has the lane to itself; the index catches up afterwards.
                await QuietDelayAsync(stoppingToken);
            }
            catch (Exception e) when (e is DbException or IOException or InvalidOperationException or InvalidDataException)
            {
                log.LogWarning(e, "Filling the search index failed; trying again");
                state = null;
                await QuietDelayAsync(stoppingToken);
            }
        }
    }

    /// <summary>Takes in everything that has been committed, at once and in this call. For tests and benchmarks.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        while (await StepAsync(sql, cancellationToken))
        {
            // Until there is nothing left.
        }
    }

    static async Task QuietDelayAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(Retry, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping; the loop sees it.
        }
    }

    void Wake()
    {
        if (wake.CurrentCount > 0) return;
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Someone else woke it in the same moment.
        }
    }

    // The lock belongs to this session, which is kept for as long as this node leads.
    async Task<bool> LeadAsync(SqlSession sql, CancellationToken cancellationToken) =>
        sql.IsSqlite || await sql.Prepare("SELECT CASE WHEN pg_try_advisory_lock(@lock) THEN 1 ELSE 0 END").With(LeaderLock).ScalarAsync<long>(cancellationToken) == 1;

    async Task FollowAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        try
        {
            var idle = 0;
            while (true)
            {
                if (Interlocked.Exchange(ref rebuild, 0) == 1) await RestartAsync(sql, cancellationToken);
                var began = Stopwatch.GetTimestamp();
                await wake.WaitAsync(TimeSpan.Zero, cancellationToken);
                if (await StepAsync(sql, cancellationToken))
                {
                    idle = 0;
                    await Task.Delay(Rest(Stopwatch.GetElapsedTime(began)), cancellationToken);
                    continue;
                }

                if (++idle == 10) await store.RestAsync(cancellationToken);
                await wake.WaitAsync(Look, cancellationToken);
                await Task.Delay(Pause, cancellationToken);
            }
        }
        finally
        {
            if (!sql.IsSqlite) await sql.Prepare("SELECT pg_advisory_unlock_all()").ExecuteAsync(CancellationToken.None);
        }
    }

    /// <summary>
    /// Half of one core at most. While more comes in than that can take (a batch takes long, and others have committed meanwhile),
    /// a fifth: reports come first, and the index catches up afterwards.
    /// </summary>
    TimeSpan Rest(TimeSpan worked)
    {
        var rest = worked > Long && wake.CurrentCount > 0 ? worked * 4 : worked;
        return rest < Pause && state?.WalkAt is null ? Pause : rest > Longest ? Longest : rest;
    }

    async Task RestartAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        log.LogInformation("The search index is made anew");
        await one.WaitAsync(cancellationToken);
        try
        {
            state = new SearchState(await NewestAsync(sql, cancellationToken), SearchState.Start);
            await store.ClearAsync(state, cancellationToken);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>One batch of events, or of the walk through all runs; false: there was nothing to do.</summary>
    async Task<bool> StepAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            state ??= await OpenAsync(sql, cancellationToken);
            var more = await TakeEventsAsync(sql, cancellationToken);
            if (more is { } any && (any || state.WalkAt is null)) return any;
            if (state.WalkAt is { } at) await WalkAsync(sql, at, cancellationToken);
            return true;
        }
        catch
        {
            state = null;
            throw;
        }
        finally
        {
            one.Release();
        }
    }

    async Task<SearchState> OpenAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        var known = await store.OpenAsync(cancellationToken);
        if (known is not null && await IsContinuousAsync(sql, known, cancellationToken)) return known;
        var fresh = new SearchState(await NewestAsync(sql, cancellationToken), SearchState.Start);
        if (fresh.Seq > 0) log.LogInformation("The search index is filled from all runs");
        await store.ClearAsync(fresh, cancellationToken);
        return fresh;
    }

    /// <summary>
    /// False: events after our place have been purged, or the place lies beyond the last event (another database was put in
    /// its stead).
    /// </summary>
    static async Task<bool> IsContinuousAsync(SqlSession sql, SearchState known, CancellationToken cancellationToken)
    {
        var last = sql.IsSqlite ? await sql.Prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'").ScalarAsync<long?>(cancellationToken) ?? 0 : long.MaxValue;
        if (known.Seq > last) return false;
        var oldest = await sql.Prepare("SELECT min(seq) FROM events").ScalarAsync<long?>(cancellationToken);
        return oldest is null || oldest <= known.Seq + 1;
    }

    static async Task<long> NewestAsync(SqlSession sql, CancellationToken cancellationToken) =>
        await sql.Prepare("SELECT max(seq) FROM events").ScalarAsync<long?>(cancellationToken) ?? 0;

    /// <summary>True: took some; false: there were none; null: none, and it is the walk's turn.</summary>
    async Task<bool?> TakeEventsAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        var events = await sql.Prepare("SELECT seq, run_no, type FROM events WHERE seq > @seq ORDER BY seq LIMIT @limit").With(state!.Seq, (long)BatchSize)
            .ListAsync(r => (Seq: r.GetInt64(0), RunNo: r.GetInt64(1), Type: (EventType)r.GetInt64(2)), cancellationToken);
        if (events.Count == 0) return state.WalkAt is null ? false : null;
        await TakeAsync(sql, [.. events.Select(e => e.RunNo).Distinct()], state with { Seq = events[^1].Seq }, cancellationToken);
        return true;
    }

    async Task WalkAsync(SqlSession sql, long at, CancellationToken cancellationToken)
    {
        var runs = await sql.Prepare("SELECT run_no FROM runs WHERE run_no < @at ORDER BY run_no DESC LIMIT @limit").With(at, (long)WalkSize).ListAsync(r => r.GetInt64(0), cancellationToken);
        await TakeAsync(sql, runs, state! with { WalkAt = runs.Count < WalkSize ? null : runs[^1] }, cancellationToken);
        if (state.WalkAt is null) log.LogInformation("The search index holds all runs");
    }

    // A run that is not there any more is let go, whatever its last event was.
    async Task TakeAsync(SqlSession sql, IReadOnlyList<long> runNos, SearchState after, CancellationToken cancellationToken)
    {
        var (entries, gone) = (new List<SearchEntry>(), new List<long>());
        foreach (var runNo in runNos)
        {
            if (await SearchSource.ReadAsync(sql, runNo, cancellationToken) is { } entry) entries.Add(entry);
            else gone.Add(runNo);
        }

        await store.WriteAsync(entries, gone, state!, after, cancellationToken);
        state = after;
    }
}

/// <summary>Section <c>Search</c>.</summary>
public sealed class SearchOptions
{
    /// <summary>Whether this process fills the search index (default true). On PostgreSQL a node may leave it to the others; some node must.</summary>
    public bool Enabled { get; set; } = true;
}
