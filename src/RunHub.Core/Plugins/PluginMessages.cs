using System.Text.Json;
using RunHub.Json;

namespace RunHub.Plugins;

/// <summary>
/// Copies what a plugin answered. Its lists and JSON may be anything until they are read; here they are read within the
/// plugin's time, so that what the host goes on with is plain and valid.
/// </summary>
static class PluginMessages
{
    const int MaxDepth = 1024;

    public static RunBatch Copy(RunBatch? batch, string type, string workflowName)
    {
        var runs = batch?.Runs ?? throw new InvalidOperationException("Map answered no runs.");
        return new RunBatch { Runs = [.. runs.Select(run => Copy(run ?? throw new InvalidOperationException("Map answered a run that is null."), type, workflowName))] };
    }

    public static JsonPayload? Copy(JsonPayload? payload)
    {
        if (payload is not { } json) return null;
        var copy = json.Utf8.ToArray();
        // Valid or an exception, which is the plugin's.
        var reader = new Utf8JsonReader(copy, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
        }

        if (copy.AsSpan().IndexOf("\\u"u8) >= 0) JsonCursor.ReplaceEscapes(copy);
        return new JsonPayload(copy);
    }

    public static StepPresentation? Copy(StepPresentation? presentation) => presentation is null ? null : new StepPresentation(Blocks(presentation.Input), Blocks(presentation.Output))
    {
        Badges = [.. (presentation.Badges ?? []).Where(b => b is { Label: not null, Value: not null })],
    };

    static List<StepBlock> Blocks(IReadOnlyList<StepBlock>? blocks) => [.. (blocks ?? []).Where(b => b is { Text: not null })];

    static RunWrite Copy(RunWrite run, string type, string workflowName)
    {
        if (run.Type is not null && !string.Equals(run.Type, type, StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"Map answered a run of the type {run.Type}; this adapter is for {type}.");
        return run with
        {
            Type = type,
            TenantId = null,
            WorkflowName = run.WorkflowName ?? workflowName,
            InputsSummary = Copy(run.InputsSummary),
            OutputsSummary = Copy(run.OutputsSummary),
            Resolved = Copy(run.Resolved),
            AdapterData = Copy(run.AdapterData),
            Tags = run.Tags is null ? null : [.. run.Tags],
            Annotations = run.Annotations is null ? null : [.. run.Annotations],
            Clear = run.Clear is null ? null : [.. run.Clear],
            Steps = run.Steps is null ? null : [.. run.Steps.Select(step => Copy(step ?? throw new InvalidOperationException("Map answered a step that is null.")))],
        };
    }

    static StepWrite Copy(StepWrite step) => step with
    {
        Parameters = Copy(step.Parameters),
        Input = Copy(step.Input),
        Output = Copy(step.Output),
        ValidationReasons = Copy(step.ValidationReasons),
        Clear = step.Clear is null ? null : [.. step.Clear],
    };
}
