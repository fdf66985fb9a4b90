using RunHub.Access;
using RunHub.Logs.Tab;
using RunHub.Modules;
using RunHub.Modules.Slots;

namespace RunHub.Logs;

/// <summary>Log lines of runs: reported, read and followed over the API, and a tab of the run's page.</summary>
public sealed class LogsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "logs";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section) => services.AddSingleton<ReadLogs>();

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        ReportLogsApi.Map(app);
        LogsApi.Map(app);
        FollowApi.Map(app);
    }

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots) => slots.Add(new RunTab("logs", "Logs", typeof(LogsTexts), "terminal-2", typeof(LogsTab), Allow.Viewers, 200));
}
