using RunHub;
using RunHub.Plugins;

namespace HangsInMap;

public sealed class HangsPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) => builder.AddAdapter<HangsAdapter>("hangs");
}

public sealed class HangsAdapter : IMapPayloads
{
    public WorkflowTypeInfo Info => new("Hangs");

    public RunBatch Map(PayloadDocument document)
    {
        if (document.Json.ToString() == "\"answer\"") return new RunBatch { Runs = [new RunWrite { Id = "answered", WorkflowName = "w" }] };
        new ManualResetEvent(false).WaitOne();
        return null!;
    }

    public JsonPayload? MapBack(StoredRun run) => null;
}
