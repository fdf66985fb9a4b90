using Microsoft.Extensions.Hosting;

namespace RunHub.Store;

/// <summary>
/// Brings the store up: data folder locked, schema migrated, lane open.
/// Runs before the web server listens.
/// </summary>
sealed class StartStore(DataFolderLock folder, Migrator migrator, WriteLane lane, Search.SearchStore search) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        folder.Take();
        await migrator.RunAsync(cancellationToken);
        await search.CreateAsync(cancellationToken);
        await lane.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => lane.StopAsync(cancellationToken);
}
