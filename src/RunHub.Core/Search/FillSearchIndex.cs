using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RunHub.Feed;
using RunHub.Store;

namespace RunHub.Search;

/// <summary>
/// Fills the search index behind the writers: follows the events, reads each run that changed as it is now, and takes its
/// text in. Its place is kept with the index, so it goes on where it was after a restart. On PostgreSQL one node does it at
/// a time. A new index, or one whose place is not among the events any more, is filled by going through all runs, newest first.
/// It works on a thread of its own at the pace of <see cref="SearchPace"/>: reports come first.
/// </summary>
public sealed class FillSearchIndex : BackgroundService
{
    /// <summary>Events looked at together: a run that changed many times among them is read once.</summary>
    const int BatchSize = 2000;
    const int WalkSize = 500;

    /// <summary>Characters of text that are held before they are written.</summary>
    const int MostText = 4 << 20;

    /// <summary>Least time between two batches: what comes in between is taken in together.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    readonly Database database;
    readonly SearchStore store;
    readonly SearchPace pace;
    readonly SearchOptions options;
    readonly ILogger<FillSearchIndex> log;
    readonly SemaphoreSlim wake = new(0, 1);
    readonly SemaphoreSlim one = new(1, 1);
    SearchState? state;

    /// <summary>More waits than was taken at once: no pause between.</summary>
    bool hasMore;

    internal FillSearchIndex(Database database, SearchStore store, SearchPace pace, Signals signals, IOptions<SearchOptions> options, ILogger<FillSearchIndex> log)
    {
        (this.database, this.store, this.pace, this.options, this.log) = (database, store, pace, options.Value, log);
        signals.On(EventFeed.Committed, _ => Wake());
        signals.On(RebuildSignal, _ => Volatile.Write(ref look, 1));
    }

    /// <summary>Tells whichever node fills the index to look whether it was asked to make it anew; after <see cref="AskAnewAsync"/>.</summary>
    public const string RebuildSignal = "search-rebuild";
    int look = 1;

    /// <summary>Asks for the index to be made anew; kept until that has begun, whatever stops meanwhile.</summary>
    public Task AskAnewAsync(WriteScope scope, CancellationToken cancellationToken) => store.AskAnewAsync(scope, cancellationToken);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Enabled ? QuietThread.RunAsync("search-index", () => FillAsync(stoppingToken)) : Task.CompletedTask;

    async Task FillAsync(CancellationToken stoppingToken)
    {
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
        while (await StepAsync(sql, null, cancellationToken))
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
        sql.IsSqlite || await sql.Prepare("SELECT CASE WHEN pg_try_advisory_lock(@lock) THEN 1 ELSE 0 END").With(PostgresLocks.FillSearch).ScalarAsync<long>(cancellationToken) == 1;

    async Task FollowAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        try
        {
            var idle = 0;
            while (true)
            {
                if (Interlocked.Exchange(ref look, 0) == 1 && await store.IsAskedAnewAsync(sql, cancellationToken)) await RestartAsync(sql, cancellationToken);
                await wake.WaitAsync(TimeSpan.Zero, cancellationToken);
                pace.Begin();
                if (await StepAsync(sql, pace, cancellationToken))
                {
                    idle = 0;
                    if (!hasMore) await Task.Delay(Pause, cancellationToken);
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
    async Task<bool> StepAsync(SqlSession sql, SearchPace? at, CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            state ??= await OpenAsync(sql, cancellationToken);
            var more = await TakeEventsAsync(sql, at, cancellationToken);
            if (more is { } any && (any || state.WalkAt is null)) return any;
            if (state.WalkAt is { } below) await WalkAsync(sql, below, at, cancellationToken);
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
    async Task<bool?> TakeEventsAsync(SqlSession sql, SearchPace? at, CancellationToken cancellationToken)
    {
        var events = await sql.Prepare("SELECT seq, run_no FROM events WHERE seq > @seq ORDER BY seq LIMIT @limit").With(state!.Seq, (long)BatchSize)
            .ListAsync(r => (Seq: r.GetInt64(0), RunNo: r.GetInt64(1)), cancellationToken);
        hasMore = events.Count == BatchSize || state.WalkAt is not null;
        if (events.Count == 0) return state.WalkAt is null ? false : null;
        var begin = state;
        // Each run is read as it is now, so its later events among these are done with it.
        await TakeAsync(sql, [.. events.DistinctBy(e => e.RunNo).Select(e => (e.RunNo, begin with { Seq = e.Seq - 1 }))], begin with { Seq = events[^1].Seq }, at, cancellationToken);
        return true;
    }

    async Task WalkAsync(SqlSession sql, long below, SearchPace? at, CancellationToken cancellationToken)
    {
        var runs = await sql.Prepare("SELECT run_no FROM runs WHERE run_no < @at ORDER BY run_no DESC LIMIT @limit").With(below, (long)WalkSize).ListAsync(r => r.GetInt64(0), cancellationToken);
        var begin = state!;
        await TakeAsync(sql, [.. runs.Select(r => (r, begin with { WalkAt = r + 1 }))], begin with { WalkAt = runs.Count < WalkSize ? null : runs[^1] }, at, cancellationToken);
        if (runs.Count < WalkSize) log.LogInformation("The search index holds all runs");
    }

    /// <summary>Takes runs in, and moves on.</summary>
    /// <param name="sql">A session.</param>
    /// <param name="runs">Runs, each with where we are when all before it are done.</param>
    /// <param name="after">Where we are when all are done.</param>
    /// <param name="at">Rests in between; null: without.</param>
    /// <param name="cancellationToken">Cancels.</param>
    async Task TakeAsync(SqlSession sql, IReadOnlyList<(long RunNo, SearchState Place)> runs, SearchState after, SearchPace? at, CancellationToken cancellationToken)
    {
        var (entries, gone, size) = (new List<SearchEntry>(), new List<long>(), 0);
        foreach (var (runNo, place) in runs)
        {
            if (entries.Count + gone.Count >= store.MaxBatch || size > MostText) await WriteAsync(place);
            if (await SearchSource.ReadAsync(sql, runNo, cancellationToken) is { } entry)
            {
                entries.Add(entry);
                size += entry.Document.Length;
            }
            else
            {
                // A run that is not there any more is let go, whatever its last event was.
                gone.Add(runNo);
            }

            if (at is not null) await at.BreatheAsync(cancellationToken);
        }

        await WriteAsync(after);

        async Task WriteAsync(SearchState place)
        {
            await store.WriteAsync(entries, gone, state!, place, at, cancellationToken);
            state = place;
            entries.Clear();
            gone.Clear();
            size = 0;
        }
    }
}

/// <summary>Section <c>Search</c>.</summary>
public sealed class SearchOptions
{
    /// <summary>Whether this process fills the search index (default true). On PostgreSQL a node may leave it to the others; some node must.</summary>
    public bool Enabled { get; set; } = true;
}
