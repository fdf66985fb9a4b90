namespace RunHub.Admin.Plugins;

/// <summary>The texts of the plugins page.</summary>
public sealed class PluginTexts;
