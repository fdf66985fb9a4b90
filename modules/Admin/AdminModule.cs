using RunHub.Modules;

namespace RunHub.Admin;

/// <summary>Users, API keys, plugins; sign-in and first set-up.</summary>
public sealed class AdminModule : IModule
{
    /// <inheritdoc/>
    public string Name => "admin";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) { }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app) { }
}
