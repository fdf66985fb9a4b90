using RunHub.Plugins;

namespace HangsInRegister;

public sealed class HangsPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) => new ManualResetEvent(false).WaitOne();
}
