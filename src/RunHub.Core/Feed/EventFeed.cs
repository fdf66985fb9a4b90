using Microsoft.Extensions.Hosting;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.Feed;

/// <summary>
/// Reads the <c>events</c> table behind the writers and hands each tenant's events to whoever listens. Commits wake it
/// (here at once, from other nodes by <see cref="Signals"/>, otherwise once a second); under load it reads at most every
/// <see cref="Pause"/> (a crowd of listeners: 100 ms), so a thousand listeners cost a writer nothing. While nobody listens it reads nothing.
/// </summary>
public sealed class EventFeed : BackgroundService
{
    /// <summary>Name of the signal that says events were committed.</summary>
    public const string Committed = "events";

    /// <summary>Least time between two reads: what comes in between shares a frame.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    static readonly TimeSpan CrowdPause = TimeSpan.FromMilliseconds(100);
    const int Crowd = 500;
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    const int BatchSize = 2000;
    readonly Database database;
    readonly ILogger<EventFeed> log;
    readonly Dictionary<FeedKey, Head> heads = [];
    readonly Lock gate = new();
    readonly SemaphoreSlim wake = new(0, 1);
    int listeners;
    long last = -1;

    /// <summary>Does not read yet.</summary>
    public EventFeed(Database database, Signals signals, ILogger<EventFeed> log)
    {
        (this.database, this.log) = (database, log);
        signals.On(Committed, _ => Wake());
    }

    /// <summary>How many listen.</summary>
    public int Listeners => Volatile.Read(ref listeners);

    /// <summary>
    /// Starts listening: every event of the topic after <see cref="FeedReader.From"/> will be handed out. A topic nothing
    /// happens in costs nothing, however many listen to it.
    /// </summary>
    public async Task<FeedReader> ListenAsync(FeedKey key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var newest = Listeners == 0 ? await NewestAsync(cancellationToken) : -1;
            lock (gate)
            {
                if (listeners == 0)
                {
                    if (newest < 0) continue;
                    last = newest;
                }

                listeners++;
                if (!heads.TryGetValue(key, out var head)) heads[key] = head = new Head();
                head.Listeners++;
                return new FeedReader(this, key, head.Newest, last);
            }
        }
    }

    /// <summary>Events of a tenant after <paramref name="seq"/> from the table, oldest first: what a resuming listener missed.</summary>
    public async Task<List<HubEvent>> ReadAsync(long tenantNo, long seq, long upTo, int limit, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("""
            SELECT seq, tenant_no, run_no, type, at, data FROM events
            WHERE seq > @seq AND seq <= @up_to AND tenant_no = @tenant_no ORDER BY seq LIMIT @limit
            """).With(seq, upTo, tenantNo, (long)limit).ListAsync(Read, cancellationToken);
    }

    /// <summary>Number of the oldest event kept; <see cref="long.MaxValue"/> when there is none.</summary>
    public async Task<long> OldestAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT min(seq) FROM events").ScalarAsync<long?>(cancellationToken) ?? long.MaxValue;
    }

    /// <summary>
    /// Number of the newest event that is older than a time, among the newest 20,000; 0 when there is none: what followed it is
    /// all that happened since.
    /// </summary>
    /// <param name="at">Microseconds since 1970.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<long> LastBeforeAsync(long at, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT seq FROM events WHERE seq > (SELECT max(seq) FROM events) - 20000 AND at < @at ORDER BY seq DESC LIMIT 1")
            .With(at).ScalarAsync<long?>(cancellationToken) ?? 0;
    }

    /// <summary>Something was committed: look soon.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref listeners) == 0 || wake.CurrentCount > 0) return;
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Someone else woke it in the same moment.
        }
    }

    internal void Leave(FeedKey key)
    {
        lock (gate)
        {
            listeners--;
            if (--heads[key].Listeners == 0) heads.Remove(key);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await wake.WaitAsync(Look, stoppingToken);
                if (Listeners == 0) continue;
                await PumpAsync(stoppingToken);
                await Task.Delay(Listeners < Crowd ? Pause : CrowdPause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is System.Data.Common.DbException or IOException or InvalidOperationException)
            {
                log.LogWarning(e, "Reading events for the live feed failed; trying again");
                await Task.Delay(Look, stoppingToken);
            }
        }
    }

    async Task PumpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            List<HubEvent> events;
            await using (var sql = await database.ReadAsync(cancellationToken))
            {
                events = await sql.Prepare("SELECT seq, tenant_no, run_no, type, at, data FROM events WHERE seq > @seq ORDER BY seq LIMIT @limit")
                    .With(Volatile.Read(ref last), (long)BatchSize).ListAsync(Read, cancellationToken);
            }

            if (events.Count > 0) Append(events);
            if (events.Count < BatchSize) return;
        }
    }

    void Append(List<HubEvent> events)
    {
        lock (gate)
        {
            // The last listener may have left and another come while the events were read.
            events.RemoveAll(e => e.Seq <= last);
            if (events.Count == 0) return;
            last = events[^1].Seq;
            var byKey = new Dictionary<FeedKey, List<HubEvent>>();
            foreach (var e in events)
            {
                Collect(byKey, new FeedKey(e.TenantNo, FeedKey.Runs), e);
                // Most of the time nobody listens to single runs or agents: then the snapshot is not even parsed.
                if (heads.Count == 1 && heads.ContainsKey(new FeedKey(e.TenantNo, FeedKey.Runs))) continue;
                Collect(byKey, FeedKey.Run(e.TenantNo, e.Run.Id), e);
                if (e.Run.AgentId is { } agent) Collect(byKey, FeedKey.Agent(e.TenantNo, agent), e);
            }

            foreach (var (key, list) in byKey) heads[key].Newest = heads[key].Newest.Append(list);
        }
    }

    void Collect(Dictionary<FeedKey, List<HubEvent>> byKey, FeedKey key, HubEvent e)
    {
        if (!heads.ContainsKey(key)) return;
        if (!byKey.TryGetValue(key, out var list)) byKey[key] = list = [];
        list.Add(e);
    }

    /// <summary>Number of the newest event that is committed; 0 when there is none.</summary>
    public async Task<long> NewestAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT max(seq) FROM events").ScalarAsync<long?>(cancellationToken) ?? 0;
    }

    static HubEvent Read(System.Data.Common.DbDataReader r) => new(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), (EventType)r.GetInt64(3), r.GetInt64(4), r.GetString(5));

    sealed class Head
    {
        public FeedNode Newest { get; set; } = new([]);

        public int Listeners { get; set; }
    }
}

/// <summary>What a listener listens to.</summary>
/// <param name="TenantNo">The tenant.</param>
/// <param name="Topic"><c>runs</c>, <c>run:{id}</c> or <c>agent:{id}</c>.</param>
public readonly record struct FeedKey(long TenantNo, string Topic)
{
    /// <summary>The topic of all runs.</summary>
    public const string Runs = "runs";

    /// <summary>The topic of one run.</summary>
    public static FeedKey Run(long tenantNo, string id) => new(tenantNo, "run:" + id);

    /// <summary>The topic of one agent's runs.</summary>
    public static FeedKey Agent(long tenantNo, string id) => new(tenantNo, "agent:" + id);
}
