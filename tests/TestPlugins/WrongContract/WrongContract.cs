using RunHub.Plugins;

namespace WrongContract;

public sealed class WrongPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) => throw new InvalidOperationException("Code of a plugin of another contract must not run.");
}
