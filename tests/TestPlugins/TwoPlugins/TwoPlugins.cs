using RunHub.Plugins;

namespace TwoPlugins;

public sealed class FirstPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) { }
}

public sealed class SecondPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) { }
}
