using RunHub.Modules;

namespace RunHub.Steps;

/// <summary>The steps of a run: node cards on its page, and the API of steps.</summary>
public sealed class StepsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "steps";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) { }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        StepsApi.Map(app);
        ReportStepsApi.Map(app);
    }
}
