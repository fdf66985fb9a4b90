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
                item.StepPayloads[i] = (packer.Add(steps[i].Input), packer.Add(steps[i].Output), Add(packer, Merge(new StepExtra(), steps[i]).ToBytes()));
        }

        item.Chunks = packer.Finish();
        long bytes = 0;
        foreach (var chunk in item.Chunks) bytes += chunk.Data.Length;
        return bytes;
    }

    public static RunExtra Merge(RunExtra old, RunWrite run) => new()
    {
        AdapterData = run.AdapterData ?? old.AdapterData,
        ErrorStack = run.ErrorStack ?? Keep(old.ErrorStack, run.Clear, "error_stack"),
        ErrorMessage = LongMessage(run.ErrorMessage, old.ErrorMessage, run.Clear),
        ExperienceNotes = run.ExperienceNotes ?? Keep(old.ExperienceNotes, run.Clear, "experience_notes"),
    };

    public static StepExtra Merge(StepExtra old, StepWrite step) => new()
    {
        Parameters = step.Parameters ?? (Cleared(step.Clear, "parameters_redacted") ? null : old.Parameters),
        Reasons = step.ValidationReasons ?? (Cleared(step.Clear, "reasons") ? null : old.Reasons),
        ErrorStack = step.ErrorStack ?? Keep(old.ErrorStack, step.Clear, "error_stack"),
        ErrorMessage = LongMessage(step.ErrorMessage, old.ErrorMessage, step.Clear),
    };

    /// <summary>Only a message that does not fit its row is kept here; a new short one drops an old long one.</summary>
    static string? LongMessage(string? arrived, string? old, IReadOnlyList<string>? clear) =>
        arrived is null ? Keep(old, clear, "error_message") : arrived.Length > Limits.ErrorMessageInRow ? arrived : null;

    static string? Keep(string? old, IReadOnlyList<string>? clear, string name) => Cleared(clear, name) ? null : old;

    static bool Cleared(IReadOnlyList<string>? clear, string name) => clear is not null && clear.Contains(name, StringComparer.Ordinal);

    static PayloadRef? Add(PayloadPacker packer, byte[]? bytes) => bytes is null ? null : packer.Add(bytes);
}
