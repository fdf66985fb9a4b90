using RunHub.Acts;

namespace RunHub.Bulk;

/// <summary>Registers bulk actions and Core's own kinds.</summary>
static class BulkServices
{
    public static void AddBulkActions(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<BulkOptions>(configuration.GetSection("BulkActions"));
        services.AddSingleton<BulkActions>();
        services.AddSingleton<BulkFiles>();
        services.AddHostedService<RunBulkActions>();
        services.AddSingleton<IBulkKind>(p => new ActBulk<TagRun>("tag", p.GetRequiredService<ActOnRuns>()));
        services.AddSingleton<IBulkKind>(p => new ActBulk<AssignRun>("assign", p.GetRequiredService<ActOnRuns>()));
        services.AddSingleton<IBulkKind>(p => new ActBulk<ResolveRun>("resolve", p.GetRequiredService<ActOnRuns>()));
        services.AddSingleton<IBulkKind>(p => new ActBulk<ReopenRun>("reopen", p.GetRequiredService<ActOnRuns>()));
        services.AddSingleton<IBulkKind, UndoBulk>();
        services.AddSingleton<IBulkKind, DeleteBulk>();
    }
}
