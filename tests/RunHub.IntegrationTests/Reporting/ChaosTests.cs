using System.Collections.Concurrent;
using System.Globalization;
using RunHub.Client;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.IntegrationTests.Reporting;

/// <summary>The client against a hub that is killed, restarted and throttled at random.</summary>
public sealed class ChaosTests
{
    const int Reporters = 4;

    [Theory, Engines]
    public async Task Every_run_arrives_once_with_its_steps(string engine)
    {
        await RunAsync(engine, TimeSpan.FromSeconds(6), withSpill: true);
        await RunAsync(engine, TimeSpan.FromSeconds(3), withSpill: false);
    }

    [Theory, Engines, Trait("Category", "Long")]
    public async Task Every_run_of_a_minute_arrives_once_with_its_steps(string engine)
    {
        await RunAsync(engine, TimeSpan.FromSeconds(60), withSpill: true);
        await RunAsync(engine, TimeSpan.FromSeconds(60), withSpill: false);
    }

    static async Task RunAsync(string engine, TimeSpan time, bool withSpill)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        var spill = Directory.CreateTempSubdirectory("runhub-spill-");
        var rejected = new ConcurrentQueue<RejectedRun>();
        var handler = new ChaosHandler(engine.Length);
        var port = HubProcess.FreePort();
        var ids = new ConcurrentBag<(string Id, int Steps)>();
        using var end = new CancellationTokenSource();
        var client = new RunHubClient(new RunHubClientOptions
        {
            Url = $"http://127.0.0.1:{port}", ApiKey = HubProcess.Key, Handler = handler, OnRejected = rejected.Enqueue, SpillFolder = withSpill ? spill.FullName : null,
            MaxQueued = 2000, BatchSize = 50, BatchDelay = TimeSpan.FromMilliseconds(10), RetryDelay = TimeSpan.FromMilliseconds(50), MaxRetryDelay = TimeSpan.FromSeconds(1),
            DisposeTimeout = TimeSpan.FromSeconds(60),
        });
        var reporting = Enumerable.Range(0, Reporters).Select(r => ReportAsync(client, r, ids, end.Token)).ToList();
        var restarts = await TroubleAsync(database, port, time);
        await end.CancelAsync();
        handler.IsCalm = true;
        await using (var calm = HubProcess.Start(database.Settings, port: port))
        {
            await calm.ReadyAsync();
            await Task.WhenAll(reporting);
            // A client that closes leaves on disk what a busy hub does not take at once; here all of it shall arrive.
            await client.FlushAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (client.Counters is { SpillBytes: > 0 } or { Queued: > 0 } && !limit.IsCancellationRequested) await Task.Delay(50, CancellationToken.None);
            Assert.False(limit.IsCancellationRequested, $"{client.Counters}");
            await client.DisposeAsync();
        }

        Assert.True(ids.Count > 100 && restarts > 0 && handler.Throttled > 0 && handler.Lost > 0, $"{ids.Count} runs, {restarts} restarts, {handler.Throttled} throttled, {handler.Lost} lost");
        Assert.Empty(rejected.Select(r => $"{r.RunId} {r.Status} {r.Path} {r.Reason}"));
        var counters = client.Counters;
        Assert.Equal((0, 0, 0, 0), (counters.Lost, counters.Dropped, counters.Queued, counters.SpillBytes));
        await AssertAllThereAsync(engine, database, ids);
        handler.Dispose();
        spill.Delete(recursive: true);
    }

    static async Task ReportAsync(RunHubClient client, int reporter, ConcurrentBag<(string, int)> ids, CancellationToken end)
    {
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            var (id, steps) = ($"r{reporter}-{number}", number % 5);
            ids.Add((id, steps));
            await using (var run = client.StartRun("chaos", new RunStart { Id = id, Input = new { number } }))
            {
                for (var i = 0; i < steps; i++)
                {
                    await using var step = run.StartStep("outer");
                    step.SetOutput(new string('x', 100 * i));
                    if (number % 3 == 0) await Task.Delay(2, CancellationToken.None);
                }
            }

            await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>Starts, kills, starts again; answers how often.</summary>
    static async Task<int> TroubleAsync(TestDatabase database, int port, TimeSpan time)
    {
        var random = new Random(5);
        var until = DateTimeOffset.UnixEpoch + TimeSpan.FromMilliseconds(Environment.TickCount64) + time;
        var restarts = 0;
        for (; DateTimeOffset.UnixEpoch + TimeSpan.FromMilliseconds(Environment.TickCount64) < until; restarts++)
        {
            await using var hub = HubProcess.Start(database.Settings, port: port);
            await hub.ReadyAsync();
            await Task.Delay(random.Next(200, 2500));
            await hub.KillAsync();
            await Task.Delay(random.Next(0, 1000));
        }

        return restarts;
    }

    static async Task AssertAllThereAsync(string engine, TestDatabase database, IReadOnlyCollection<(string Id, int Steps)> ids)
    {
        await using var hub = await TestHub.StartAsync(engine, database: database);
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var stored = await sql.Prepare($"""
            SELECT r.id, r.status, (SELECT count(*) FROM steps s WHERE s.run_no = r.run_no AND s.status = {(long)RunStatus.Completed}), (SELECT count(*) FROM steps s WHERE s.run_no = r.run_no),
              (SELECT count(*) FROM events e WHERE e.run_no = r.run_no AND e.type = {(long)EventType.RunCompleted})
            FROM runs r
            """).ListAsync(r => string.Create(CultureInfo.InvariantCulture, $"{r.GetString(0)} {(RunStatus)r.GetInt64(1)} {r.GetInt64(2)} {r.GetInt64(3)} {r.GetInt64(4)}"), default);
        var wanted = ids.Select(i => $"{i.Id} Completed {i.Steps} {i.Steps} 1").ToList();
        Assert.Empty(wanted.Except(stored, StringComparer.Ordinal).Take(5));
        Assert.Empty(stored.Except(wanted, StringComparer.Ordinal).Take(5));
    }
}
