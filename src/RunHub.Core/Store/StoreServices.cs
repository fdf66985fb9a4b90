using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RunHub.Bulk;
using RunHub.Feed;
using RunHub.Ingest;
using RunHub.Search;
using RunHub.Store.Annotations;
using RunHub.Store.Attachments;
using RunHub.Store.Blobs;
using RunHub.Store.Checkpoints;
using RunHub.Store.Rollups;

namespace RunHub.Store;

/// <summary>Registers the run store.</summary>
public static class StoreServices
{
    /// <summary>Adds database, migrations and write lane; options from sections <c>Database</c> and <c>Data</c>.</summary>
    public static IServiceCollection AddRunStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<DatabaseOptions>(configuration.GetSection("Database"));
        services.Configure<DataOptions>(configuration.GetSection("Data"));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Database>();
        services.AddSingleton<DataFolderLock>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<WriteLane>();
        services.AddSingleton<Filter.RunQuery>(p => new Filter.RunQuery(p.GetRequiredService<Database>(), p.GetRequiredService<SearchStore>()));
        services.AddSingleton<FoldRollups>();
        services.AddSingleton<Stats.ReadStats>(p => new Stats.ReadStats(p.GetRequiredService<Database>(), p.GetRequiredService<SearchStore>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Stats.ReadFacets>(p => new Stats.ReadFacets(p.GetRequiredService<Database>(), p.GetRequiredService<SearchStore>()));
        services.AddSingleton<IRunData, CoreRunData>();
        services.AddSingleton<IRunData, AttachmentRunData>();
        services.AddSingleton<IRunData>(new RunTables("checkpoint_writes", "checkpoints"));
        services.AddSingleton<IRunData, AnnotationRunData>();
        services.AddSingleton<Mentions>();
        services.AddSingleton<ErrorStates>();
        services.AddSingleton<EventLinks>();
        services.Configure<EventLinkOptions>(configuration.GetSection("EventLinks"));
        services.AddSingleton<Acts.ActOnAnnotations>();
        services.AddSearch(configuration);
        services.AddSingleton<DeleteRuns>();
        services.AddFiles(configuration);
        services.AddSingleton<IngestRuns>();
        services.AddSingleton<FillFingerprints>();
        services.AddSingleton<Acts.ActOnRuns>();
        services.AddSingleton<IRunBatchFilter, ValidateRuns>();
        services.AddHubContext<HubDbContext>("core");
        services.AddSingleton<Signals>();
        services.AddSingleton<EventFeed>();
        services.AddHostedService<StartStore>();
        services.AddHostedService(provider => provider.GetRequiredService<Signals>());
        services.AddHostedService(provider => provider.GetRequiredService<EventFeed>());
        services.AddHostedService(provider => provider.GetRequiredService<FillSearchIndex>());
        services.AddSingleton<FreshStatistics>();
        services.AddHostedService(provider => provider.GetRequiredService<FreshStatistics>());
        // After the store: it works on rows as soon as it starts.
        services.AddBulkActions(configuration);
        return services;
    }

    /// <summary>
    /// Adds a module's DbContext on the hub's database, with its migrations. For reading, take
    /// <c>IDbContextFactory&lt;TContext&gt;</c>; for writing, <see cref="WriteScope.Use{TContext}"/> in the write lane.
    /// </summary>
    public static IServiceCollection AddHubContext<TContext>(this IServiceCollection services, string name) where TContext : DbContext
    {
        services.AddDbContextFactory<TContext>(Configure);
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<TContext>>().CreateDbContext());
        services.AddSingleton(new MigrationSet(name, typeof(TContext), Migrator.IdsOf<TContext>()));
        return services;
    }

    static void AddFiles(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<AttachmentOptions>(configuration.GetSection("Attachments"));
        services.Configure<CheckpointOptions>(configuration.GetSection("Checkpoints"));
        services.TryAddSingleton<IBlobStore>(provider => provider.GetRequiredService<Database>().IsSqlite
            ? ActivatorUtilities.CreateInstance<FileBlobs>(provider)
            : ActivatorUtilities.CreateInstance<TableBlobs>(provider));
        services.AddSingleton<KeepBlobs>();
        services.AddSingleton<AttachmentStore>();
        services.AddSingleton<FileLinks>();
        services.AddSingleton<CheckpointStore>();
    }

    static void Configure(IServiceProvider provider, DbContextOptionsBuilder builder)
    {
        var database = provider.GetRequiredService<Database>();
        if (database.IsSqlite) builder.UseSqlite($"Data Source={database.SqliteFile};Pooling=True");
        else builder.UseNpgsql(database.Postgres!);
        HubDbContext.Configure(builder);
    }
}
