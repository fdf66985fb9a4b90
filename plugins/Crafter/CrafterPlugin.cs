namespace RunHub.Plugins.Crafter;

/// <summary>Adds the workflow type <c>crafter</c>.</summary>
public sealed class CrafterPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Register(IPluginBuilder builder) => builder.AddAdapter<CrafterAdapter, CrafterSettings>(CrafterAdapter.Type);
}
