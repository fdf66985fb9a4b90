using RunHub.Access;
using RunHub.Errors.Api;
using RunHub.Errors.List;
using RunHub.Modules;
using RunHub.Modules.Slots;

namespace RunHub.Errors;

/// <summary>Failures grouped by what their errors have in common. docs/errors.md.</summary>
public sealed class ErrorsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "errors";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) => services.AddSingleton<ReadErrors>();

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app) => ErrorsApi.Map(app);

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots) => slots.Add(new NavigationEntry("errors", "Errors", typeof(ErrorsTexts), "alert-circle", "/errors", Allow.Viewers, 120));
}
