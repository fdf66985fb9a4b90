using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.Extensions.Hosting;

namespace RunHub.Ui;

/// <summary>
/// Maps the Razor pages. To describe them the framework reflects over each one, a fifth of what a start takes: it is begun while
/// the host is put together and goes on beside the store's start; the pages are mapped when both are done, before anything listens.
/// </summary>
sealed class MapPages(IServiceProvider services) : IHostedService
{
    Task? described;
    IEndpointRouteBuilder? routes;

    /// <summary>Begins.</summary>
    public void Begin(IEndpointRouteBuilder app)
    {
        routes = app;
        described = Task.Run(() => _ = services.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors);
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await described!;
        routes!.MapRazorPages();
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
