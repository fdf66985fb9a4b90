using Microsoft.Extensions.Hosting;
using RunHub.Http;

namespace RunHub.Jobs;

/// <summary>
/// Gives memory back after a load: the collector works when something is allocated, so what a burst left behind stays with an
/// idle process for ever. When much was allocated and then next to nothing, one compacting collection hands it back.
/// </summary>
sealed class GiveMemoryBack(TimeProvider time) : BackgroundService
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
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                }

                last = now;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
