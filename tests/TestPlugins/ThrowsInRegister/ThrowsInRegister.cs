using RunHub.Plugins;

namespace ThrowsInRegister;

public sealed class ThrowsPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) => throw new InvalidOperationException("No licence found.");
}
