using RunHub.RunDetail;

namespace RunHub.Plugins.Crafter;

/// <summary>Crafter's runs arrive and leave as RunDetail documents; its nodes are prompts.</summary>
public sealed class CrafterAdapter(CrafterSettings settings) : IMapPayloads, IPresentSteps
{
    internal const string Type = "crafter";

    /// <inheritdoc/>
    public WorkflowTypeInfo Info => new("Crafter") { Icon = "wand", LeadUrl = settings.LeadUrl };

    /// <inheritdoc/>
    public RunBatch Map(PayloadDocument document) => new() { Runs = [RunDetailFormat.Read(document.Json, Type, settings.WorkflowName)] };

    /// <inheritdoc/>
    public JsonPayload? MapBack(StoredRun run) => RunDetailFormat.Write(run);

    /// <inheritdoc/>
    public StepLayout Layout => StepLayout.Prompts;

    /// <inheritdoc/>
    public StepPresentation? Present(StoredStep step) => PromptLayout.Present(step);
}
