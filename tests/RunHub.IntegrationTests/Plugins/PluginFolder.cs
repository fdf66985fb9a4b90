using RunHub.Access;
using RunHub.Plugins;

namespace RunHub.IntegrationTests.Plugins;

/// <summary>A plugins folder holding copies of some of tests/TestPlugins, gone when disposed.</summary>
sealed class PluginFolder : IDisposable
{
    static readonly string Built = System.IO.Path.Combine(AppContext.BaseDirectory, "test-plugins");

    public PluginFolder(params string[] plugins)
    {
        foreach (var plugin in plugins) Add(plugin);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("runhub-plugins-").FullName;

    /// <summary>Who administers the installation.</summary>
    public static Caller Admin { get; } = new(CallerKind.User, 1, "root@example.com", new Tenant(1, "acme", "Acme"), Role.Admin, KeyScopes.None, IsInstallationAdmin: true);

    /// <summary>Copies a plugin into a sub-folder.</summary>
    public string Add(string plugin, string? folder = null)
    {
        var target = Directory.CreateDirectory(System.IO.Path.Combine(Path, folder ?? plugin)).FullName;
        foreach (var file in Directory.EnumerateFiles(System.IO.Path.Combine(Built, plugin))) File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)), overwrite: true);
        return target;
    }

    /// <summary>Starts a hub that loads from here.</summary>
    public async Task<TestHub> StartAsync(string engine = "Sqlite", TestDatabase? database = null, bool shipped = false, Dictionary<string, string?>? settings = null)
    {
        var all = new Dictionary<string, string?>(settings ?? [], StringComparer.Ordinal) { ["Plugins:Folders:0"] = Path };
        if (shipped) all["Plugins:Folders:1"] = System.IO.Path.Combine(AppContext.BaseDirectory, "plugins");
        // The limit counts wall time, and test machines are busy.
        all.TryAdd("Plugins:CallTimeoutMs", "20000");
        var hub = await TestHub.StartAsync(engine, all, database: database);
        await hub.Get<PluginHost>().Loaded;
        return hub;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
