using RunHub.Access;
using RunHub.Modules;
using RunHub.Modules.Slots;
using RunHub.Traces.Tab;

namespace RunHub.Traces;

/// <summary>The spans of a run as a tab of its page, and the way from a trace or span id to its run and step.</summary>
public sealed class TracesModule : IModule
{
    /// <inheritdoc/>
    public string Name => "traces";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section)
    {
        services.Configure<TracesOptions>(section);
        services.AddSingleton<ReadTrace>();
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        // Its pages are its only addresses.
    }

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots) => slots.Add(new RunTab("traces", "Traces", typeof(TracesTexts), "sitemap", typeof(TracesTab), Allow.Viewers, 100));
}
