using RunHub.Access;
using RunHub.Attachments.Api;
using RunHub.Attachments.Open;
using RunHub.Attachments.Receive;
using RunHub.Attachments.Tab;
using RunHub.Modules;
using RunHub.Modules.Slots;

namespace RunHub.Attachments;

/// <summary>Files of runs: sending, listing, opening through signed links, deleting; a tab on the run's page. docs/attachments.md.</summary>
public sealed class AttachmentsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "attachments";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) => services.AddSingleton<ReceiveFiles>();

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        AttachmentsApi.Map(app);
        OpenFile.Map(app);
    }

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots) =>
        slots.Add(new RunTab("attachments", "Attachments", typeof(AttachmentsTexts), "paperclip", typeof(AttachmentsTab), Allow.Viewers, 400));
}
