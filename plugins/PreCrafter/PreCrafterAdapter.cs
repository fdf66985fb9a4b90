using RunHub.RunDetail;

namespace RunHub.Plugins.PreCrafter;

/// <summary>PreCrafter's runs arrive and leave as RunDetail documents; its nodes are prompts.</summary>
public sealed class PreCrafterAdapter(PreCrafterSettings settings) : IMapPayloads, IPresentSteps
{
    internal const string Type = "precrafter";

    /// <inheritdoc/>
    public WorkflowTypeInfo Info => new("PreCrafter") { Icon = "filter", LeadUrl = settings.LeadUrl };

    /// <inheritdoc/>
    public RunBatch Map(PayloadDocument document) => new() { Runs = [RunDetailFormat.Read(document.Json, Type, settings.WorkflowName)] };

    /// <inheritdoc/>
    public JsonPayload? MapBack(StoredRun run) => RunDetailFormat.Write(run);

    /// <inheritdoc/>
    public StepLayout Layout => StepLayout.Prompts;

    /// <inheritdoc/>
    public StepPresentation? Present(StoredStep step) => PromptLayout.Present(step);
}
