using RunHub.Access;
using RunHub.Annotations.Api;
using RunHub.Annotations.Hitl;
using RunHub.Annotations.Mentions;
using RunHub.Annotations.Tab;
using RunHub.Modules;
using RunHub.Modules.Slots;

namespace RunHub.Annotations;

/// <summary>Notes on runs, steps and parts of payloads; mentions; who decided what on a run. docs/annotations.md.</summary>
public sealed class AnnotationsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "annotations";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) { }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app) => AnnotationsApi.Map(app);

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots)
    {
        slots.Add(new HeadPart(Allow.Viewers, 100, MentionsBell.StateAsync, MentionsBell.ContentAsync));
        slots.Add(new RunTab("hitl", "Decisions", typeof(AnnotationsTexts), "shield-check", typeof(HitlTab), Allow.Viewers, 500));
        slots.Add(new RunTab("annotations", "Annotations", typeof(AnnotationsTexts), "note", typeof(AnnotationsTab), Allow.Viewers, 600));
    }
}
