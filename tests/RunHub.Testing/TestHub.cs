using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RunHub.Modules;

namespace RunHub.Testing;

/// <summary>
/// The real application with a fresh database, listening on a free port: what tests talk to over HTTP.
/// </summary>
public sealed partial class TestHub : IAsyncDisposable
{
    readonly TestDatabase database;
    readonly bool ownsDatabase;

    TestHub(WebApplication app, TestDatabase database, bool ownsDatabase) => (App, this.database, this.ownsDatabase) = (app, database, ownsDatabase);

    /// <summary>The running application.</summary>
    public WebApplication App { get; }

    /// <summary>Its services.</summary>
    public IServiceProvider Services => App.Services;

    /// <summary>Its database.</summary>
    public TestDatabase Database => database;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>A service.</summary>
    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Starts it.</summary>
    /// <param name="engine"><c>Sqlite</c> or <c>PostgreSql</c>.</param>
    /// <param name="settings">More settings, as in the environment but with <c>:</c>.</param>
    /// <param name="configure">Last word on the builder.</param>
    /// <param name="database">An existing database to start on; it outlives the hub.</param>
    /// <param name="extra">Modules beside the product's own.</param>
    public static async Task<TestHub> StartAsync(string engine = "Sqlite", Dictionary<string, string?>? settings = null,
        Action<WebApplicationBuilder>? configure = null, TestDatabase? database = null, params IModule[] extra)
    {
        var own = database is null;
        database ??= await TestDatabase.CreateMigratedAsync(engine);
        var app = HubHost.Build([.. HubHost.Modules, .. extra], [], builder =>
        {
            builder.Configuration.AddInMemoryCollection(database.Settings);
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Urls"] = "http://127.0.0.1:0", ["Jobs:Enabled"] = "false" });
            builder.Configuration.AddInMemoryCollection(settings ?? []);
            builder.Logging.ClearProviders();
            configure?.Invoke(builder);
        });
        await app.StartAsync();
        return new TestHub(app, database, own);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        if (ownsDatabase) await database.DisposeAsync();
    }
}
