namespace RunHub.Plugins;

/// <summary>Where a plugin stands.</summary>
public enum PluginState
{
    /// <summary>Its adapters are in use.</summary>
    Loaded,

    /// <summary>Switched off, by an admin or because it misbehaved; its code is not called.</summary>
    Disabled,

    /// <summary>It could not be loaded.</summary>
    Failed,
}

/// <summary>Something a plugin did wrong.</summary>
/// <param name="At">When.</param>
/// <param name="During">What was asked of it: <c>Register</c>, <c>Map</c> …</param>
/// <param name="Message">What happened.</param>
public sealed record PluginError(DateTimeOffset At, string During, string Message);

/// <summary>A workflow type of a plugin.</summary>
/// <param name="Type">Its key.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="Capabilities">Of <c>map, present, execute, control</c>.</param>
/// <param name="HasSettings">An admin can set it up.</param>
public sealed record PluginTypeReport(string Type, string DisplayName, IReadOnlyList<string> Capabilities, bool HasSettings);

/// <summary>A plugin as admins see it.</summary>
/// <param name="Id">From its manifest; the folder's name where the manifest cannot be read.</param>
/// <param name="Name">For people.</param>
/// <param name="Version">Its own; null where the manifest cannot be read.</param>
/// <param name="Contract">The contract it was built against; null where the manifest cannot be read.</param>
/// <param name="Description">For people; may be empty.</param>
/// <param name="Folder">Where it lies.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it is not loaded.</param>
/// <param name="Types">Workflow types it adds; empty while its code has not run.</param>
/// <param name="Errors">What it did wrong lately, newest first, at most 20.</param>
public sealed record PluginReport(string Id, string Name, string? Version, int? Contract, string Description, string Folder,
    PluginState State, string? Reason, IReadOnlyList<PluginTypeReport> Types, IReadOnlyList<PluginError> Errors);
