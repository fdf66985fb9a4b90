using RunHub;
using RunHub.Plugins;

namespace ThrowsInMap;

public sealed class ThrowsPlugin : IPlugin
{
    public void Register(IPluginBuilder builder) => builder.AddAdapter<ThrowsAdapter>("throws");
}

/// <summary>Each of the ways to answer nothing useful, chosen by the document: a JSON string.</summary>
public sealed class ThrowsAdapter : IMapPayloads, IPresentSteps
{
    public WorkflowTypeInfo Info => new("Throws");

    public RunBatch Map(PayloadDocument document) => document.Json.ToString() switch
    {
        "\"null\"" => null!,
        "\"other type\"" => new RunBatch { Runs = [new RunWrite { Type = "precrafter", WorkflowName = "w" }] },
        "\"bad json\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", InputsSummary = new JsonPayload("{oops"u8.ToArray()) }] },
        "\"odd status\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Status = (RunStatus)99 }] },
        "\"odd type\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Steps = [new StepWrite { Name = "s", Type = (StepType)99 }] }] },
        "\"bad attributes\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Steps = [new StepWrite { Name = "s", Attributes = new JsonPayload("{oops"u8.ToArray()) }] }] },
        "\"bad piece\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Steps = [new StepWrite { Name = "s", InputParts = [new PayloadPart("1", default)] }] }] },
        "\"bad anchor\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Annotations = [new AnnotationWrite("a", "n", null) { Anchor = new JsonPayload("oops"u8.ToArray()) }] }] },
        "\"no note\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Annotations = [null!] }] },
        "\"no tag\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Tags = [null!] }] },
        "\"no text\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Logs = [new LogWrite { At = default, Level = "info", Text = null! }] }] },
        "\"bad line\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Logs = [new LogWrite { At = default, Level = "info", Text = "t", Attributes = new JsonPayload("oops"u8.ToArray()) }] }] },
        "\"too much\"" => new RunBatch { Runs = [new RunWrite { WorkflowName = "w", Steps = [new StepWrite { Name = "s", SubtreeUsage = new SubtreeUsage(null, null, null, 90_000_000_000m) }] }] },
        "\"good\"" => new RunBatch { Runs = [new RunWrite { Id = "thrown", WorkflowName = "w", Steps = [new StepWrite { Id = "s", Name = "s" }] }] },
        _ => throw new FormatException("This document makes it throw."),
    };

    public JsonPayload? MapBack(StoredRun run) => throw new FormatException("No way back.");

    public StepPresentation? Present(StoredStep step) => throw new FormatException("No layout.");
}
