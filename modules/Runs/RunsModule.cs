using Quartz;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.Jobs;
using RunHub.Modules;
using RunHub.Modules.Slots;
using RunHub.Runs.Act;
using RunHub.Runs.Bulk;
using RunHub.Runs.Columns;
using RunHub.Runs.Compare;
using RunHub.Runs.Details;
using RunHub.Runs.Export;
using RunHub.Runs.Lineage;
using RunHub.Runs.List;
using RunHub.Runs.Palette;
using RunHub.Runs.Stream;
using RunHub.Runs.Strip;
using RunHub.Runs.Views;

namespace RunHub.Runs;

/// <summary>The run list and the run's page, and the API of runs.</summary>
public sealed class RunsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "runs";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section)
    {
        services.AddSingleton<DistinctValues>();
        services.AddSingleton<BulkStream>();
        services.AddSingleton<IBulkKind, ExportBulk>();
        services.AddSingleton<ReadRun>();
        services.AddSingleton<ReadComparison>();
        services.AddSingleton<ReplayEvents>();
        services.AddSingleton<SavedViews>();
        services.AddSingleton<CountView>();
        services.AddSingleton<ReadPathValues>();
        services.AddSingleton<SuggestPaths>();
        services.AddSingleton<FindAnything>();
        services.AddSingleton<KeptStats>();
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        IngestApi.Map(app);
        ListApi.Map(app);
        StatsApi.Map(app);
        ExportApi.Map(app);
        NotebookApi.Map(app);
        DetailsApi.Map(app);
        PatchApi.Map(app);
        ActApi.Map(app);
        BulkApi.Map(app);
        BulkStream.Map(app);
        BulkFileApi.Map(app);
        DeleteApi.Map(app);
        LineageApi.Map(app);
        CompareApi.Map(app);
        IngestPayloadApi.Map(app);
        DownloadApi.Map(app);
        StreamApi.Map(app);
        SocketApi.Map(app);
        SearchApi.Map(app);
        ViewsApi.Map(app);
        NavigationViews.Map(app);
    }

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots)
    {
        slots.Add(new NavigationEntry("runs", "Runs", typeof(RunsTexts), "list-details", "/runs", Allow.Viewers, 100) { UrlFor = NavigationViews.RunsUrlAsync });
        slots.Add(new NavigationEntry("bulk", "BulkActions", typeof(RunsTexts), "stack-2", "/bulk", Allow.Viewers, 150));
        slots.Add(new NavigationPart(Allow.Viewers, 100, NavigationViews.ContentAsync));
    }

    /// <inheritdoc/>
    public void AddJobs(IQuartzBuilder jobs) => jobs.AddEvery<PurgeIdempotencyKeysJob>("purge-idempotency-keys", TimeSpan.FromHours(1));
}
