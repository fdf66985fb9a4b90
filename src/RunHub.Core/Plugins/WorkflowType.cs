using System.Text.RegularExpressions;
using RunHub.Http;

namespace RunHub.Plugins;

/// <summary>
/// A workflow type and what its adapter can do. Calls run under a time limit (<see cref="PluginOptions.CallTimeoutMs"/>);
/// what comes back is copied and checked, so that nothing of the plugin's is left in it.
/// </summary>
public sealed partial class WorkflowType
{
    readonly Plugin plugin;
    readonly IWorkflowAdapter adapter;

    WorkflowType(Plugin plugin, string type, IWorkflowAdapter adapter, WorkflowTypeInfo info, Type? settingsClass, object? settings)
    {
        (this.plugin, this.adapter) = (plugin, adapter);
        HasOwnLayout = adapter is IPresentSteps { Layout: not StepLayout.Prompts };
        (Type, Info, SettingsClass, Settings) = (type, info, settingsClass, settings);
        Capabilities = [.. Names()];

        IEnumerable<string> Names()
        {
            if (CanMap) yield return "map";
            if (CanPresent) yield return "present";
            if (adapter is IExecuteRuns) yield return "execute";
            if (adapter is IControlRuns) yield return "control";
        }
    }

    /// <summary>Its key, such as <c>precrafter</c>.</summary>
    public string Type { get; }

    /// <summary>How it presents itself; icon and lead address are checked.</summary>
    public WorkflowTypeInfo Info { get; }

    /// <summary>The plugin it comes from.</summary>
    public string PluginId => plugin.Id;

    /// <summary>Of <c>map, present, execute, control</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; }

    /// <summary>Takes documents at <c>/api/ingest/{type}</c>.</summary>
    public bool CanMap => adapter is IMapPayloads;

    /// <summary>Lays out the nodes of its runs.</summary>
    public bool CanPresent => adapter is IPresentSteps;

    /// <summary>It has to be asked for the layout: <see cref="PresentAsync"/>. Else the usual one serves.</summary>
    public bool HasOwnLayout { get; }

    internal Type? SettingsClass { get; }

    internal object? Settings { get; }

    /// <summary>Translates a document.</summary>
    /// <exception cref="ProblemException">
    /// 422: the document is not the adapter's, or the adapter threw; 503: the adapter is busy; 504: it did not answer in time.
    /// </exception>
    public async Task<RunBatch> MapAsync(PayloadDocument document, CancellationToken cancellationToken)
    {
        if (adapter is not IMapPayloads mapper) throw new ProblemException(404, "Not found.", $"The workflow type {Type} takes no documents.");
        var outcome = await plugin.CallAsync("Map", () => PluginMessages.Copy(mapper.Map(document), Type, Info.DisplayName), cancellationToken);
        return outcome.End switch
        {
            PluginEnd.Returned => outcome.Value,
            PluginEnd.Threw when outcome.Error is PayloadException refusal =>
                throw new ProblemException(422, "The document is not of this workflow type.", refusal.Path + ": " + refusal.Reason, new Fault(refusal.Path, refusal.Reason)),
            PluginEnd.Threw => throw new ProblemException(422, "The adapter failed on this document.",
                $"The adapter of {Type} (plugin {PluginId}) failed: {outcome.Error!.GetType().Name}.", new Fault("$", "The adapter cannot translate this document.")),
            PluginEnd.Hung => throw new ProblemException(504, "The adapter did not answer in time.", $"The adapter of {Type} (plugin {PluginId}) did not answer in time; nothing was written."),
            _ => throw new ProblemException(503, "The adapter is busy.", $"The adapter of {Type} (plugin {PluginId}) is busy with other documents.") { RetryAfter = 2 },
        };
    }

    /// <summary>A stored run as the adapter's own document; null where it has none or fails: RunDetail then.</summary>
    public async Task<JsonPayload?> MapBackAsync(StoredRun run, CancellationToken cancellationToken)
    {
        if (adapter is not IMapPayloads mapper) return null;
        var outcome = await plugin.CallAsync("MapBack", () => PluginMessages.Copy(mapper.MapBack(run)), cancellationToken);
        return outcome.End == PluginEnd.Returned ? outcome.Value : null;
    }

    /// <summary>Layouts for all steps of a page in one call; null where the usual layout serves or the adapter fails.</summary>
    public async Task<IReadOnlyList<StepPresentation?>> PresentAsync(IReadOnlyList<StoredStep> steps, CancellationToken cancellationToken)
    {
        if (adapter is not IPresentSteps presenter || steps.Count == 0) return new StepPresentation?[steps.Count];
        var outcome = await plugin.CallAsync("Present", () => steps.Select(step => PluginMessages.Copy(presenter.Present(step))).ToArray(), cancellationToken);
        return outcome.End == PluginEnd.Returned ? outcome.Value : new StepPresentation?[steps.Count];
    }

    /// <summary>Makes the adapter; called on one of the plugin's threads.</summary>
    internal static WorkflowType Make(Plugin plugin, AdapterRegistration registration, PluginSettings stored)
    {
        var settings = registration.Settings is { } type ? SettingsForm.FromStored(type, stored.Of(registration.Type)) : null;
        var made = (IWorkflowAdapter)(settings is null ? Activator.CreateInstance(registration.Adapter)! : Activator.CreateInstance(registration.Adapter, settings)!);
        var info = made.Info ?? throw new PluginLoadException($"{registration.Adapter.Name}.Info is null.");
        if (string.IsNullOrWhiteSpace(info.DisplayName) || info.DisplayName.Length > 64) throw new PluginLoadException($"{registration.Adapter.Name}.Info.DisplayName must have 1 to 64 characters.");
        var leadUrl = string.IsNullOrWhiteSpace(info.LeadUrl) ? null : info.LeadUrl.Trim();
        if (leadUrl is not null && !(Uri.TryCreate(leadUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            throw new PluginLoadException($"{registration.Adapter.Name}.Info.LeadUrl must be an http or https address.");
        var icon = info.Icon is { } name && IconName().IsMatch(name) ? name : "player-play";
        return new WorkflowType(plugin, registration.Type, made, new WorkflowTypeInfo(info.DisplayName.Trim()) { Icon = icon, LeadUrl = leadUrl }, registration.Settings, settings);
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IconName();
}

/// <summary>The workflow types of all loaded plugins.</summary>
public sealed class WorkflowTypes(PluginHost host)
{
    /// <summary>In the order of their names; empty until plugins are loaded, shortly after start.</summary>
    public IReadOnlyList<WorkflowType> All => host.Types;

    /// <summary>The type with this key (any case), or null.</summary>
    public WorkflowType? Find(string type) => host.Find(type);

    /// <summary>The same, waiting for plugins that are still loading.</summary>
    public async ValueTask<WorkflowType?> FindAsync(string type, CancellationToken cancellationToken)
    {
        await host.Loaded.WaitAsync(cancellationToken);
        return Find(type);
    }
}
