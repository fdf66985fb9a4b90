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
            Status = Known(run.Status),
            Type = type,
            TenantId = null,
            WorkflowName = run.WorkflowName ?? workflowName,
            InputsSummary = Copy(run.InputsSummary),
            OutputsSummary = Copy(run.OutputsSummary),
            Resolved = Copy(run.Resolved),
            AdapterData = Copy(run.AdapterData),
            Tags = run.Tags is null ? null : [.. run.Tags.Select(tag => tag ?? throw Null("a tag"))],
            Annotations = run.Annotations is null ? null : [.. run.Annotations.Select(note => note is null ? throw Null("a note") : note with { Anchor = Copy(note.Anchor) })],
            Logs = run.Logs is null ? null : [.. run.Logs.Select(line => line is not { Level: not null, Text: not null } ? throw Null("a log line, its level or its text") : line with { Attributes = Copy(line.Attributes) })],
            Derived = run.Derived is null ? null : run.Derived with { Keys = new Dictionary<string, string>(run.Derived.Keys, StringComparer.Ordinal) },
            Clear = run.Clear is null ? null : [.. run.Clear],
            Steps = run.Steps is null ? null : [.. run.Steps.Select(step => Copy(step ?? throw Null("a step")))],
        };
    }

    static StepWrite Copy(StepWrite step) => step with
    {
        Status = Known(step.Status),
        Type = Known(step.Type),
        Attributes = Copy(step.Attributes),
        InputParts = Copy(step.InputParts),
        OutputParts = Copy(step.OutputParts),
        Parameters = Copy(step.Parameters),
        Input = Copy(step.Input),
        Output = Copy(step.Output),
        ValidationReasons = Copy(step.ValidationReasons),
        Clear = step.Clear is null ? null : [.. step.Clear],
    };

    static List<PayloadPart>? Copy(IReadOnlyList<PayloadPart>? parts) => parts is null ? null
        : [.. parts.Select(part => part is not { Key: not null } ? throw Null("a piece of a payload, or its key") : new PayloadPart(part.Key, Copy((JsonPayload?)part.Value)!.Value))];

    static T? Known<T>(T? value) where T : struct, Enum =>
        value is not { } known || Enum.IsDefined(known) ? value : throw new InvalidOperationException($"Map answered {typeof(T).Name} {known:D}, which there is not.");

    static InvalidOperationException Null(string what) => new($"Map answered {what} that is null.");
}
