namespace RunHub.Plugins;

/// <summary>The contract between RunHub and its plugins: everything in this assembly.</summary>
public static class PluginContract
{
    /// <summary>
    /// Stands in a plugin's manifest as <c>contract</c>. Rises when a plugin built against an older one would break; RunHub
    /// loads plugins of exactly its own.
    /// </summary>
    public const int Version = 1;
}
