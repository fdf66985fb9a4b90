using Microsoft.Extensions.Hosting;
using RunHub.Access.FirstStart;
using RunHub.Access.Secrets;
using RunHub.Store;

namespace RunHub.Access;

/// <summary>
/// Before anything listens: the master key fits the database, bootstrap settings are applied, or a set-up link is made.
/// </summary>
sealed class StartAccess(Database database, WriteLane lane, MasterKey master, Bootstrap bootstrap, SetUpLink link, IHostApplicationLifetime lifetime) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await MasterKeyCheck.RunAsync(database, lane, master, cancellationToken);
        await bootstrap.RunAsync(cancellationToken);
        await link.PrepareAsync(cancellationToken);
        lifetime.ApplicationStarted.Register(() => link.Print(Console.Out));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
