using RunHub.Plugins;

namespace TakesType;

/// <summary>Wants a workflow type that PreCrafter has.</summary>
public sealed class TakesPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) => builder.AddAdapter<TakesAdapter>("precrafter");
}

public sealed class TakesAdapter : IWorkflowAdapter
{
    public WorkflowTypeInfo Info => new("Takes");
}
