using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Jobs;

/// <summary>
/// Gives memory back after a load: the collector works when something is allocated, so what a burst left behind stays with an
/// idle process for ever. When much was allocated and then next to nothing, the embedded engine lets go of the pages it keeps, one
/// compacting collection hands the rest back, and the C library what the engine freed.
/// </summary>
sealed partial class GiveMemoryBack(Database database, WriteLane lane, TimeProvider time, ILogger<GiveMemoryBack> log) : BackgroundService
{
    /// <summary>Allocated since the last time: less is not worth a collection.</summary>
    const long Much = 96L << 20;

    /// <summary>Allocated in one look: more is work that should not be held up.</summary>
    const long Little = 512L << 10;

    /// <summary>Of the process: tests have several hubs in one.</summary>
    static long given;
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(400);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        var last = GC.GetTotalAllocatedBytes();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = GC.GetTotalAllocatedBytes();
                if (now - last < Little && now - Volatile.Read(ref given) > Much)
                {
                    Volatile.Write(ref given, now);
                    RequestBody.ForgetBuffers();
                    await ForgetPagesAsync(stoppingToken);
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    if (OperatingSystem.IsLinux()) Trim();
                }

                last = now;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    async Task ForgetPagesAsync(CancellationToken stoppingToken)
    {
        if (!database.IsSqlite) return;
        await database.ForgetIdleAsync();
        try
        {
            await lane.Run(async (scope, ct) => await scope.Sql.Prepare("PRAGMA shrink_memory").ExecuteAsync(ct), stoppingToken);
        }
        catch (LaneFullException e)
        {
            // Then it is not idle; another time.
            log.LogDebug(e, "The lane keeps its pages");
        }
    }

    static void Trim()
    {
        try
        {
            malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl gives back by itself.
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint keep);
}
