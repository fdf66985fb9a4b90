using Microsoft.Extensions.Hosting;
using RunHub.Access.Secrets;
using RunHub.Store;

namespace RunHub.Access;

/// <summary>Before anything listens: the master key fits the database.</summary>
sealed class StartAccess(Database database, WriteLane lane, MasterKey master) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await MasterKeyCheck.RunAsync(database, lane, master, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
