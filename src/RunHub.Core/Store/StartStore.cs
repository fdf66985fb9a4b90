using Microsoft.Extensions.Hosting;

namespace RunHub.Store;

/// <summary>
/// Brings the store up: data folder locked, schema migrated, lane open.
/// Runs before the web server listens.
/// </summary>
public sealed class StartStore(DataFolderLock folder, Migrator migrator, WriteLane lane) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        folder.Take();
        await migrator.RunAsync(cancellationToken);
        await lane.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => lane.StopAsync(cancellationToken);
}
