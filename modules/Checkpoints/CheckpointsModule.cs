using RunHub.Access;
using RunHub.Checkpoints.Api;
using RunHub.Checkpoints.Tab;
using RunHub.Modules;
using RunHub.Modules.Slots;

namespace RunHub.Checkpoints;

/// <summary>Checkpoints and pending writes of runs, as LangGraph's savers mean them; a tab on the run's page. docs/checkpoints.md.</summary>
public sealed class CheckpointsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "checkpoints";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) { }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app) => CheckpointsApi.Map(app);

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots) =>
        slots.Add(new RunTab("checkpoints", "Checkpoints", typeof(CheckpointsTexts), "history", typeof(CheckpointsTab), Allow.Viewers, 500));
}
