namespace RunHub.Plugins.PreCrafter;

/// <summary>Adds the workflow type <c>precrafter</c>.</summary>
public sealed class PreCrafterPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Register(IPluginBuilder builder) => builder.AddAdapter<PreCrafterAdapter, PreCrafterSettings>(PreCrafterAdapter.Type);
}
