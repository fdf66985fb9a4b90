using Microsoft.Extensions.Options;
using Quartz;
using RunHub.Bulk;
using RunHub.Ingest;
using RunHub.Modules;
using RunHub.Store;
using RunHub.Store.Blobs;

namespace RunHub.Jobs;

/// <summary>Registers background jobs. Why Quartz, and where its rows are: docs/adr/0002-jobs.md.</summary>
public static class JobServices
{
    /// <summary>
    /// Adds the scheduler with Core's jobs and the modules': its rows are in <c>data/jobs.db</c> beside SQLite, so that they
    /// never meet the write lane, or in the hub's PostgreSQL, where the nodes share them.
    /// </summary>
    public static IServiceCollection AddJobs(this IServiceCollection services, IConfiguration configuration, IEnumerable<IModule> modules)
    {
        services.Configure<JobsOptions>(configuration.GetSection("Jobs"));
        var options = configuration.GetSection("Jobs").Get<JobsOptions>() ?? new JobsOptions();
        if (!options.Enabled) return services;
        services.AddQuartz(jobs =>
        {
            jobs.ConfigureScheduler(s => s.InstanceName = "runhub");
            jobs.UseDefaultThreadPool(4);
            jobs.UsePersistentStore(store => Store(store, configuration));
            jobs.AddEvery<FoldRollupsJob>("fold-rollups", TimeSpan.FromSeconds(Math.Clamp(options.FoldSeconds, 1, 3600)));
            jobs.AddEvery<SweepBlobsJob>("sweep-blobs", TimeSpan.FromMinutes(10));
            jobs.AddEvery<PurgeBulkFilesJob>("purge-bulk-files", TimeSpan.FromHours(1));
            jobs.AddEvery<FillFingerprintsJob>("fill-fingerprints", TimeSpan.FromMinutes(1));
            foreach (var module in modules) module.AddJobs(jobs);
        });
        services.AddHostedService<StartJobs>();
        services.AddHostedService<GiveMemoryBack>();
        return services;
    }

    /// <summary>
    /// Adds a job that runs again and again. What was missed while RunHub was down is not caught up: the next time is enough.
    /// </summary>
    /// <param name="jobs">The builder.</param>
    /// <param name="name">Unique, <c>verb-noun</c> in lower case.</param>
    /// <param name="interval">From one start to the next; a run that is still going on is not joined by a second.</param>
    public static void AddEvery<TJob>(this IQuartzBuilder jobs, string name, TimeSpan interval) where TJob : class, IJob =>
        jobs.ScheduleJob<TJob>(
            trigger => trigger.WithIdentity(name).WithSimpleSchedule(s => s.WithInterval(interval).RepeatForever()
                .WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount)),
            job => job.WithIdentity(name).DisallowConcurrentExecution());

    static void Store(IPersistentStoreBuilder store, IConfiguration configuration)
    {
        var database = configuration.GetSection("Database").Get<DatabaseOptions>() ?? new DatabaseOptions();
        store.ConfigureStore(o => o.UseBackgroundThreads = true);
        store.UseSystemTextJsonSerializer();
        store.ProvisionSchema();
        if (database.Provider == DatabaseProvider.PostgreSql)
        {
            store.UsePostgres(Npgsql.NpgsqlFactory.Instance, database.ConnectionString);
            store.UseClustering();
        }
        else
        {
            var data = configuration.GetSection("Data").Get<DataOptions>() ?? new DataOptions();
            store.UseSqlite(Microsoft.Data.Sqlite.SqliteFactory.Instance, $"Data Source={JobsFile(data)};Pooling=True");
        }
    }

    internal static string JobsFile(DataOptions data) => Path.Combine(Path.GetFullPath(data.Folder), "jobs.db");
}
