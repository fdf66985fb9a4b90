using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Quartz;
using RunHub.Store;

namespace RunHub.Jobs;

/// <summary>
/// Builds and starts the scheduler once the server listens, so that it costs no start-up; stops it before the write lane.
/// </summary>
sealed class StartJobs(ISchedulerFactory factory, Database database, IOptions<DataOptions> data, IOptions<JobsOptions> options,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StartJobs> log) : BackgroundService
{
    IScheduler? scheduler;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await StartedAsync(stoppingToken)) return;
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(options.Value.StartDelaySeconds, 0, 3600)), time, stoppingToken);
            if (database.IsSqlite) CreateFile(JobServices.JobsFile(data.Value));
            scheduler = await factory.GetScheduler(stoppingToken);
            await scheduler.Start(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before it began.
        }
        catch (Exception e)
        {
            // Reports and readers go on without jobs: figures add unfolded deltas, and nothing is lost.
            log.LogError(e, "Background jobs could not start");
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (scheduler is not null) await scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken);
    }

    async Task<bool> StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var on = lifetime.ApplicationStarted.Register(() => started.TrySetResult(true));
        await using var off = stoppingToken.Register(() => started.TrySetResult(false));
        return await started.Task;
    }

    // WAL stays with the file: one sync a transaction instead of three, beside a lane that lives on syncs.
    static void CreateFile(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL";
        command.ExecuteNonQuery();
    }
}
