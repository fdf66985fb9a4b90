using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Plugins;

/// <summary>
/// Loads every plugin folder once the server listens, keeps the table of workflow types, and does what admins ask. A plugin
/// that cannot be loaded or misbehaves is reported with the reason; the host runs on.
/// </summary>
public sealed class PluginHost : BackgroundService
{
    static readonly Actor Itself = new("system", "plugins");
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);
    readonly PluginOptions options;
    readonly PluginStates states;
    readonly Database database;
    readonly IHostApplicationLifetime lifetime;
    readonly TimeProvider time;
    readonly ILogger<PluginHost> log;
    readonly Lock publishing = new();
    readonly SemaphoreSlim changing = new(1, 1);
    readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile IReadOnlyList<Plugin> plugins = [];
    volatile TypeTable table = TypeTable.Empty;

    /// <summary>Loads nothing yet.</summary>
    public PluginHost(IOptions<PluginOptions> options, IOptions<DataOptions> data, Database database, WriteLane lane, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PluginHost> log)
    {
        this.options = options.Value;
        Folders = this.options.Folders.Count > 0
            ? [.. this.options.Folders.Select(Path.GetFullPath)]
            : [Path.Combine(AppContext.BaseDirectory, "plugins"), Path.Combine(Path.GetFullPath(data.Value.Folder), "plugins")];
        states = new PluginStates(database, lane);
        (this.database, this.lifetime, this.time, this.log) = (database, lifetime, time, log);
    }

    /// <summary>Where plugins are looked for; each sub-folder is one.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Ends when every plugin found at start is loaded or has failed.</summary>
    public Task Loaded => loaded.Task;

    /// <summary>Every plugin found, by id.</summary>
    public IReadOnlyList<PluginReport> Reports => [.. plugins.Select(p => p.Report()).OrderBy(r => r.Id, StringComparer.Ordinal)];

    internal IReadOnlyList<WorkflowType> Types => table.All;

    internal WorkflowType? Find(string type) => table.ByType.GetValueOrDefault(type);

    /// <summary>Looks for folders that came since, and tries again those that failed.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => ChangeAsync(LoadAsync, cancellationToken);

    /// <summary>Switches a plugin on, with a clean slate; one that was never loaded is loaded now.</summary>
    public Task EnableAsync(Caller caller, string id, CancellationToken cancellationToken) => ChangeAsync(async ct =>
    {
        var plugin = Known(id);
        if (plugin.Manifest is null) throw new ProblemException(409, "The plugin cannot be enabled.", plugin.Reason);
        await states.EnableAsync(Actor.Of(caller), id, ct);
        if (plugin.Types.Count > 0) plugin.Enable();
        else if (plugin.ReadManifest()) await plugin.LoadAsync(await SettingsOfAsync(id, ct), ct);
        Publish();
    }, cancellationToken);

    /// <summary>Switches a plugin off: its types are gone at once, its runs stay.</summary>
    public Task DisableAsync(Caller caller, string id, CancellationToken cancellationToken) => ChangeAsync(async ct =>
    {
        var plugin = Known(id);
        await states.DisableAsync(Actor.Of(caller), id, null, ct);
        plugin.Disable(null);
        Publish();
    }, cancellationToken);

    /// <summary>The settings of a workflow type as a form; null when it has none or its plugin is not loaded.</summary>
    public async Task<IReadOnlyList<SettingsField>?> SettingsAsync(string id, string type, CancellationToken cancellationToken)
    {
        var plugin = Known(id);
        if (plugin.Types.FirstOrDefault(t => t.Type == type) is not { Settings: { } current }) return null;
        var culture = System.Globalization.CultureInfo.CurrentUICulture;
        var outcome = await plugin.CallAsync("settings", () =>
        {
            System.Globalization.CultureInfo.CurrentUICulture = culture;
            return SettingsForm.Fields(current);
        }, cancellationToken);
        return outcome.End == PluginEnd.Returned ? outcome.Value : null;
    }

    /// <summary>Checks and saves settings, and makes the adapter again.</summary>
    /// <param name="caller">Who changes them; audited with what changed.</param>
    /// <param name="id">The plugin.</param>
    /// <param name="type">The workflow type.</param>
    /// <param name="posted">Values by property, as text.</param>
    /// <param name="cancellationToken">Honoured until the write starts.</param>
    /// <returns>What is wrong; nothing was saved then. Empty: saved and in force.</returns>
    public async Task<IReadOnlyList<SettingsFault>> SaveSettingsAsync(Caller caller, string id, string type, IReadOnlyDictionary<string, string> posted, CancellationToken cancellationToken)
    {
        IReadOnlyList<SettingsFault> faults = [];
        await ChangeAsync(async ct =>
        {
            var plugin = Known(id);
            if (plugin.Types.FirstOrDefault(t => t.Type == type) is not { SettingsClass: { } settingsClass }) throw ProblemException.NotFound("workflow type with settings", type);
            var read = await plugin.CallAsync("settings", () => SettingsForm.FromPosted(settingsClass, posted), ct);
            if (read.End != PluginEnd.Returned)
            {
                faults = [new SettingsFault("", "Custom", "The plugin could not check its settings.")];
                return;
            }

            faults = read.Value.Faults;
            if (faults.Count > 0) return;
            var before = await SettingsOfAsync(id, ct);
            var after = before.With(type, read.Value.Values);
            if (await plugin.RemakeAsync(after, ct) is { } why)
            {
                faults = [new SettingsFault("", "Custom", why)];
                return;
            }

            var changes = read.Value.Values.Where(v => before.Of(type).GetValueOrDefault(v.Key) != v.Value)
                .ToDictionary(v => v.Key, v => new { from = before.Of(type).GetValueOrDefault(v.Key), to = v.Value }, StringComparer.Ordinal);
            await states.SaveSettingsAsync(Actor.Of(caller), id, type, after, changes, ct);
            Publish();
        }, cancellationToken);
        return faults;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            await ChangeAsync(LoadAsync, stoppingToken);
            loaded.TrySetResult();
            // Other nodes of the installation switch plugins and change settings too.
            while (!database.IsSqlite)
            {
                await Task.Delay(LookAgain, time, stoppingToken);
                await ChangeAsync(FollowAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            loaded.TrySetCanceled(stoppingToken);
        }
        catch (Exception e)
        {
            log.LogError(e, "Plugins could not be loaded");
            loaded.TrySetResult();
        }
    }

    async Task LoadAsync(CancellationToken cancellationToken)
    {
        var rows = await states.ReadAsync(cancellationToken);
        var known = plugins.Where(p => Directory.Exists(p.Folder)).ToList();
        foreach (var folder in PluginFolders(Folders).Where(f => !known.Exists(p => p.Folder == f))) known.Add(new Plugin(folder, options, time, DisableItself));
        var loading = new List<Plugin>();
        var ids = known.Where(p => p.State != PluginState.Failed).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var plugin in known.Where(p => p.State == PluginState.Failed))
        {
            if (!plugin.ReadManifest()) continue;
            if (!ids.Add(plugin.Id)) plugin.Fail("plugin.json", $"Another folder holds a plugin with the id {plugin.Id} already.");
            else if (rows.GetValueOrDefault(plugin.Id) is { Enabled: false } row) plugin.Disable(row.Reason);
            else loading.Add(plugin);
        }

        await Task.WhenAll(loading.Select(p => p.LoadAsync(rows.GetValueOrDefault(p.Id)?.Settings ?? PluginSettings.None, cancellationToken)));
        plugins = known;
        Publish();
        foreach (var plugin in known.Where(p => p.State == PluginState.Failed)) log.LogWarning("Plugin {Plugin} is not loaded: {Reason}", plugin.Id, plugin.Reason);
    }

    async Task FollowAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, row) in await states.ReadAsync(cancellationToken))
        {
            if (plugins.FirstOrDefault(p => p.Id == id) is not { } plugin) continue;
            if (!row.Enabled && plugin.State == PluginState.Loaded) plugin.Disable(row.Reason);
            else if (row.Enabled && plugin is { State: PluginState.Disabled, Types.Count: > 0 }) plugin.Enable();
            else if (row.Enabled && plugin.State == PluginState.Disabled && plugin.ReadManifest()) await plugin.LoadAsync(row.Settings, cancellationToken);
            if (plugin.State == PluginState.Loaded && plugin.SettingsInForce != row.Settings.ToJson()) await plugin.RemakeAsync(row.Settings, cancellationToken);
        }

        Publish();
    }

    /// <summary>Makes the table of types from the loaded plugins; a type two of them add belongs to the first.</summary>
    void Publish()
    {
        using var scope = publishing.EnterScope();
        var byType = new Dictionary<string, WorkflowType>(StringComparer.OrdinalIgnoreCase);
        foreach (var plugin in plugins.Where(p => p.State == PluginState.Loaded))
        {
            if (plugin.Types.FirstOrDefault(t => byType.ContainsKey(t.Type)) is { } taken)
            {
                plugin.Fail("Register", $"The workflow type {taken.Type} belongs to the plugin {byType[taken.Type].PluginId} already.");
                continue;
            }

            foreach (var type in plugin.Types) byType.Add(type.Type, type);
        }

        table = new TypeTable(byType.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), [.. byType.Values.OrderBy(t => t.Info.DisplayName, StringComparer.OrdinalIgnoreCase)]);
    }

    /// <summary>A plugin misbehaved too often. It stops being called at once; the row follows when it can be written.</summary>
    void DisableItself(Plugin plugin, string reason)
    {
        plugin.Disable(reason);
        Publish();
        log.LogWarning("Plugin {Plugin} is disabled: it threw or hung too often", plugin.Id);
        _ = Task.Run(async () =>
        {
            try
            {
                await states.DisableAsync(Itself, plugin.Id, reason, CancellationToken.None);
            }
            catch (Exception e)
            {
                log.LogError(e, "That plugin {Plugin} is disabled could not be stored; it holds until the next start", plugin.Id);
            }
        });
    }

    Plugin Known(string id) => plugins.FirstOrDefault(p => p.Id == id) ?? throw ProblemException.NotFound("plugin", id);

    async Task<PluginSettings> SettingsOfAsync(string id, CancellationToken cancellationToken) =>
        (await states.ReadAsync(cancellationToken)).GetValueOrDefault(id)?.Settings ?? PluginSettings.None;

    async Task ChangeAsync(Func<CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            await change(cancellationToken);
        }
        finally
        {
            changing.Release();
        }
    }

    async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var on = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    static IEnumerable<string> PluginFolders(IEnumerable<string> folders) => folders.Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        .Where(folder => !Path.GetFileName(folder).StartsWith('.')).Distinct(StringComparer.Ordinal);

    sealed record TypeTable(FrozenDictionary<string, WorkflowType> ByType, IReadOnlyList<WorkflowType> All)
    {
        public static TypeTable Empty { get; } = new(FrozenDictionary<string, WorkflowType>.Empty, []);
    }
}
