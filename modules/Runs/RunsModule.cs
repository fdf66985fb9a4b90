using RunHub.Modules;

namespace RunHub.Runs;

/// <summary>The run list and the run's page, and the API of runs.</summary>
public sealed class RunsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "runs";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) { }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app) { }
}
