using RunHub.Plugins;

namespace ShipsContract;

public sealed class ShipsPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) => throw new InvalidOperationException("Code of a plugin with its own contract must not run.");
}
