using RunHub.Store.Logs;
using RunHub.Store.Payloads;

namespace RunHub.Ingest;

/// <summary>Packs the payloads of an item, off the lane.</summary>
static class Packing
{
    /// <summary>Packs; answers the packed bytes.</summary>
    public static long Pack(IngestItem item)
    {
        using var packer = new PayloadPacker();
        var run = item.Run;
        item.Inputs = packer.Add(run.InputsSummary);
        item.Outputs = packer.Add(run.OutputsSummary);
        item.Extra = Add(packer, Merge(new RunExtra(), run).ToBytes());
        if (run.Steps is { Count: > 0 } steps)
        {
            item.StepPayloads = new (PayloadRef?, PayloadRef?, PayloadRef?)[steps.Count];
            for (var i = 0; i < steps.Count; i++)
                item.StepPayloads[i] = StepPayloads(packer, item, steps[i]);
        }

        item.Chunks = packer.Finish();
        long bytes = 0;
        foreach (var chunk in item.Chunks) bytes += chunk.Data.Length;
        if (run.Logs is { Count: > 0 } lines)
        {
            item.Logs = [.. lines.Select(LogRow.Of)];
            foreach (var line in item.Logs) bytes += line.Message.Length + (line.Attributes?.Length ?? 0);
        }

        return bytes;
    }

    /// <summary>Whole payloads as they came, or as their pieces make them; what a run repeats of a step is kept once.</summary>
    static (PayloadRef?, PayloadRef?, PayloadRef?) StepPayloads(PayloadPacker packer, IngestItem item, StepWrite step)
    {
        var extra = Merge(new StepExtra(), step);
        return (Once(packer, item, step.Input ?? PayloadParts.Whole(extra.InputParts)), Once(packer, item, step.Output ?? PayloadParts.Whole(extra.OutputParts)), Add(packer, extra.ToBytes()));
    }

    static PayloadRef? Once(PayloadPacker packer, IngestItem item, JsonPayload? payload)
    {
        if (payload is not { } p) return null;
        if (item.Run.InputsSummary is { } inputs && inputs.Utf8.Equals(p.Utf8)) return item.Inputs;
        if (item.Run.OutputsSummary is { } outputs && outputs.Utf8.Equals(p.Utf8)) return item.Outputs;
        return packer.Add(p);
    }

    public static RunExtra Merge(RunExtra old, RunWrite run) => new()
    {
        AdapterData = run.AdapterData ?? old.AdapterData,
        ErrorStack = run.ErrorStack ?? Keep(old.ErrorStack, run.Clear, "error_stack"),
        ErrorMessage = LongMessage(run.ErrorMessage, old.ErrorMessage, run.Clear),
        ExperienceNotes = run.ExperienceNotes ?? Keep(old.ExperienceNotes, run.Clear, "experience_notes"),
    };

    public static StepExtra Merge(StepExtra old, StepWrite step) => step.FillOnly ? Fill(old, step) : new()
    {
        Attributes = step.Attributes ?? (Cleared(step.Clear, "attributes") ? null : old.Attributes),
        InputParts = step.Input is null ? PayloadParts.Union(old.InputParts, step.InputParts) : null,
        OutputParts = step.Output is null ? PayloadParts.Union(old.OutputParts, step.OutputParts) : null,
        Parameters = step.Parameters ?? (Cleared(step.Clear, "parameters_redacted") ? null : old.Parameters),
        Reasons = step.ValidationReasons ?? (Cleared(step.Clear, "reasons") ? null : old.Reasons),
        ErrorStack = step.ErrorStack ?? Keep(old.ErrorStack, step.Clear, "error_stack"),
        ErrorMessage = LongMessage(step.ErrorMessage, old.ErrorMessage, step.Clear),
    };

    static StepExtra Fill(StepExtra old, StepWrite step) => old with
    {
        Attributes = old.Attributes ?? step.Attributes,
        InputParts = PayloadParts.Union(old.InputParts, step.InputParts),
        OutputParts = PayloadParts.Union(old.OutputParts, step.OutputParts),
        ErrorStack = old.ErrorStack ?? step.ErrorStack,
    };

    /// <summary>Only a message that does not fit its row is kept here; a new short one drops an old long one.</summary>
    static string? LongMessage(string? arrived, string? old, IReadOnlyList<string>? clear) =>
        arrived is null ? Keep(old, clear, "error_message") : arrived.Length > Limits.ErrorMessageInRow ? arrived : null;

    static string? Keep(string? old, IReadOnlyList<string>? clear, string name) => Cleared(clear, name) ? null : old;

    static bool Cleared(IReadOnlyList<string>? clear, string name) => clear is not null && clear.Contains(name, StringComparer.Ordinal);

    static PayloadRef? Add(PayloadPacker packer, byte[]? bytes) => bytes is null ? null : packer.Add(bytes);
}
