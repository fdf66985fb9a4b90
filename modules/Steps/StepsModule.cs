using RunHub.Access;
using RunHub.Modules;
using RunHub.Modules.Slots;
using RunHub.Steps.Cards;
using RunHub.Steps.View;

namespace RunHub.Steps;

/// <summary>The steps of a run: as cards, table and timeline on its page, and the API of steps.</summary>
public sealed class StepsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "steps";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) => services.AddSingleton<StepCards>();

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        StepsApi.Map(app);
        ReportStepsApi.Map(app);
    }

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots) =>
        slots.Add(new RunSection("nodes", "Nodes", typeof(StepsTexts), "/runs/{id}/steps", Allow.Viewers, 100) { Content = StepsView.SectionAsync });
}
