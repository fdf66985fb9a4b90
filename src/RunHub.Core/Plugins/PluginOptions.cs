namespace RunHub.Plugins;

/// <summary>Configuration section <c>Plugins</c>.</summary>
public sealed class PluginOptions
{
    /// <summary>
    /// Folders whose sub-folders are plugins. Empty: <c>plugins</c> beside the binary and <c>plugins</c> in the data folder.
    /// </summary>
    public IList<string> Folders { get; set; } = [];

    /// <summary>Milliseconds an adapter has for one call.</summary>
    public int CallTimeoutMs { get; set; } = 2000;

    /// <summary>Milliseconds a plugin has to load and register.</summary>
    public int LoadTimeoutMs { get; set; } = 10_000;

    /// <summary>How many calls of a plugin may be running at once; more wait within their time.</summary>
    public int MaxCalls { get; set; } = 8;

    /// <summary>A plugin that has hung this often is disabled.</summary>
    public int MaxHangs { get; set; } = 3;

    /// <summary>A plugin that has thrown this often in a row is disabled.</summary>
    public int MaxThrows { get; set; } = 50;

    internal TimeSpan CallTimeout => TimeSpan.FromMilliseconds(Math.Clamp(CallTimeoutMs, 1, 600_000));

    internal TimeSpan LoadTimeout => TimeSpan.FromMilliseconds(Math.Clamp(LoadTimeoutMs, 1, 600_000));
}
