using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Plugins;
using RunHub.Ui;

namespace RunHub.Admin.Plugins;

/// <summary>The installation's plugins: what is loaded, what is not and why, settings, on and off.</summary>
[Access(Role.Admin, KeyScopes.Admin, Installation = true)]
public sealed class PluginsPage(PluginHost host) : PageModel
{
    /// <summary>Before the property's name in a posted form.</summary>
    public const string FieldPrefix = "set.";

    /// <summary>The guide for authors, in the release archive as in the repository.</summary>
    public const string Guide = "docs/plugins.md";

    readonly Dictionary<string, List<PluginSettingsForm>> forms = new(StringComparer.Ordinal);

    /// <summary>All plugins found.</summary>
    public IReadOnlyList<PluginReport> List { get; private set; } = [];

    /// <summary>Where plugins are looked for.</summary>
    public IReadOnlyList<string> Folders => host.Folders;

    /// <summary>Still loading after the start.</summary>
    public bool IsLoading => !host.Loaded.IsCompleted;

    /// <summary>Name of the workflow type whose settings were saved just now.</summary>
    public string? Saved { get; private set; }

    /// <summary>The same, on the way from the form to the page.</summary>
    [TempData]
    public string? Kept { get; set; }

    /// <summary>Settings forms of a plugin.</summary>
    public IReadOnlyList<PluginSettingsForm> FormsOf(string pluginId) => forms.GetValueOrDefault(pluginId, []);

    /// <summary>The list.</summary>
    public Task OnGetAsync(CancellationToken cancellationToken)
    {
        Saved = Kept;
        return LoadAsync(null, cancellationToken);
    }

    /// <summary>Looks for new folders and tries failed ones again.</summary>
    public Task<IActionResult> OnPostRefreshAsync(CancellationToken cancellationToken) => DoAsync(() => host.RefreshAsync(cancellationToken), cancellationToken);

    /// <summary>Switches a plugin on.</summary>
    public Task<IActionResult> OnPostEnableAsync(string id, CancellationToken cancellationToken) => DoAsync(() => host.EnableAsync(HttpContext.Caller(), id, cancellationToken), cancellationToken);

    /// <summary>Switches a plugin off.</summary>
    public Task<IActionResult> OnPostDisableAsync(string id, CancellationToken cancellationToken) => DoAsync(() => host.DisableAsync(HttpContext.Caller(), id, cancellationToken), cancellationToken);

    /// <summary>Saves the settings of a workflow type.</summary>
    public async Task<IActionResult> OnPostSettingsAsync(string id, string type, CancellationToken cancellationToken)
    {
        var posted = Request.Form.Where(f => f.Key.StartsWith(FieldPrefix, StringComparison.Ordinal)).ToDictionary(f => f.Key[FieldPrefix.Length..], f => f.Value.ToString(), StringComparer.Ordinal);
        var faults = await host.SaveSettingsAsync(HttpContext.Caller(), id, type, posted, cancellationToken);
        if (faults.Count == 0)
        {
            Saved = host.Reports.SelectMany(p => p.Types).FirstOrDefault(t => t.Type == type)?.DisplayName;
            return await DoneAsync(cancellationToken);
        }

        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        await LoadAsync((type, posted, faults), cancellationToken);
        return this.PageOrPartial("_Plugins");
    }

    async Task<IActionResult> DoAsync(Func<Task> act, CancellationToken cancellationToken)
    {
        await act();
        return await DoneAsync(cancellationToken);
    }

    // A form that was sent without script leads to the page: loading that anew does nothing a second time.
    async Task<IActionResult> DoneAsync(CancellationToken cancellationToken)
    {
        if (!Request.IsHtmx())
        {
            Kept = Saved;
            return LocalRedirect("/admin/plugins");
        }

        await LoadAsync(null, cancellationToken);
        return this.PageOrPartial("_Plugins");
    }

    async Task LoadAsync((string Type, IReadOnlyDictionary<string, string> Posted, IReadOnlyList<SettingsFault> Faults)? refused, CancellationToken cancellationToken)
    {
        List = host.Reports;
        foreach (var (plugin, type) in List.Where(p => p.State == PluginState.Loaded).SelectMany(p => p.Types.Where(t => t.HasSettings).Select(t => (p, t))))
        {
            if (await host.SettingsAsync(plugin.Id, type.Type, cancellationToken) is not { } fields) continue;
            var own = refused?.Type == type.Type ? refused : null;
            if (!forms.TryGetValue(plugin.Id, out var list)) forms[plugin.Id] = list = [];
            list.Add(new PluginSettingsForm(plugin.Id, type.Type, type.DisplayName, fields, own?.Posted, own?.Faults ?? []));
        }
    }
}

/// <summary>The settings of one workflow type on the page.</summary>
/// <param name="PluginId">The plugin.</param>
/// <param name="Type">The workflow type.</param>
/// <param name="DisplayName">Its name.</param>
/// <param name="Fields">What can be set.</param>
/// <param name="Posted">What was posted and refused.</param>
/// <param name="Faults">Why it was refused.</param>
public sealed record PluginSettingsForm(string PluginId, string Type, string DisplayName, IReadOnlyList<SettingsField> Fields, IReadOnlyDictionary<string, string>? Posted, IReadOnlyList<SettingsFault> Faults)
{
    /// <summary>What stands in a field: what was posted, else what is in force.</summary>
    public string ValueOf(SettingsField field) => Posted is null ? field.Value : Posted.GetValueOrDefault(field.Name, "");

    /// <summary>A fault in the reader's language.</summary>
    public string Say(SettingsFault fault) => string.Format(CultureInfo.CurrentCulture, TextTable.Of(typeof(PluginTexts))["Fault_" + fault.Problem], fault.Arguments);
}
