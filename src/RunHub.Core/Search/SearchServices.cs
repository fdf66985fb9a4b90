using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RunHub.Feed;
using RunHub.Store;

namespace RunHub.Search;

/// <summary>Registers the search index.</summary>
static class SearchServices
{
    /// <summary>Adds index, filler and search; options from section <c>Search</c>.</summary>
    public static void AddSearch(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<SearchOptions>(configuration.GetSection("Search"));
        services.AddSingleton<SearchStore>(provider => provider.GetRequiredService<Database>().IsSqlite
            ? new SqliteSearchStore(provider.GetRequiredService<IOptions<DataOptions>>().Value.SearchFile)
            : new PostgresSearchStore(provider.GetRequiredService<WriteLane>()));
        services.AddSingleton(provider => new SearchRuns(provider.GetRequiredService<Database>(), provider.GetRequiredService<SearchStore>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider =>
        {
            var lane = provider.GetRequiredService<WriteLane>();
            return new SearchPace(() => lane.Waiting, TimeProvider.System, static (time, ct) => Task.Delay(time, ct));
        });
        services.AddSingleton(provider => new FillSearchIndex(provider.GetRequiredService<Database>(), provider.GetRequiredService<SearchStore>(), provider.GetRequiredService<SearchPace>(), provider.GetRequiredService<Signals>(),
            provider.GetRequiredService<IOptions<SearchOptions>>(), provider.GetRequiredService<ILogger<FillSearchIndex>>()));
        var postgres = (configuration.GetSection("Database").Get<DatabaseOptions>() ?? new DatabaseOptions()).Provider == DatabaseProvider.PostgreSql;
        // SQLite's entries lie in another file and go when the deletion's event is taken in.
        if (postgres) services.AddSingleton<IRunData>(new RunTables("search"));
    }
}
