using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Events;
using RunHub.Store.Payloads;
using RunHub.Store.Rollups;

namespace RunHub.Ingest;

/// <summary>
/// One run and its steps as they were and as they shall be: worked out completely before the first statement writes, so
/// that a rejected item leaves nothing behind.
/// </summary>
sealed class RunChange
{
    readonly Dictionary<string, StepChange> steps = new(StringComparer.Ordinal);
    readonly List<StepChange> inOrder = [];
    PayloadPacker? late;

    RunChange(IngestItem item, RunRow row) => (Item, Row) = (item, row);

    public IngestItem Item { get; }

    public RunRow Row { get; }

    /// <summary>The row's values before; null for a new run.</summary>
    public object?[]? Before { get; private init; }

    public (RollupKey Key, RollupFact Fact)? OldFigures { get; private init; }

    public RunStatus? OldStatus { get; private init; }

    public string? OldTags { get; private init; }

    public IReadOnlyList<StepChange> Steps => inOrder;

    public bool IsNew => Before is null;

    /// <summary>What the run keeps of its spans, as it shall be; null where no span ever came.</summary>
    public DerivedState? State { get; set; }

    /// <summary>All steps in hand: written, or loaded to work things out.</summary>
    public IReadOnlyCollection<StepRow> Rows => [.. steps.Values.Select(s => s.Row)];

    /// <summary>Log lines this write added.</summary>
    public EventLogs? Logs { get; set; }

    /// <summary>Every step of the run is in hand.</summary>
    public bool HasAllSteps { get; set; }

    /// <summary>Chunks beside the item's own: extras merged with what was stored.</summary>
    public IReadOnlyList<PackedChunk> LateChunks => late?.Finish() ?? [];

    public static RunChange New(IngestItem item, RunRow row) => new(item, row);

    public static RunChange Of(IngestItem item, RunRow row) => new(item, row)
    {
        Before = RunRow.Table.Values(row),
        OldFigures = (RollupFacts.KeyOf(row), RollupFacts.FactOf(row)),
        OldStatus = row.Status,
        OldTags = row.TagsText,
    };

    public StepChange? Find(string id) => steps.GetValueOrDefault(id);

    public StepChange Add(StepRow row, bool isNew)
    {
        var change = new StepChange(row, isNew ? null : StepRow.Table.Values(row), isNew ? null : RollupFacts.FactOf(row));
        steps.Add(row.Id, change);
        return change;
    }

    /// <summary>Marks a step as changed by this write.</summary>
    public void Touch(StepChange step)
    {
        if (step.Touched) return;
        step.Touched = true;
        inOrder.Add(step);
    }

    /// <summary>True when a payload of the item has a place: its chunks must be written.</summary>
    public bool UsesItemChunks { get; private set; }

    /// <summary>
    /// Where a payload lies after this write: where it lay, when nothing arrived or the same did (sending twice takes no
    /// space); else in the item's chunks.
    /// </summary>
    public PayloadRef? Place(PayloadRef? arrived, JsonPayload? payload, PayloadRef? old, PayloadSet stored)
    {
        if (arrived is null) return old;
        if (payload is { } p && old is not null && stored[old].Span.SequenceEqual(p.Utf8.Span)) return old;
        UsesItemChunks = true;
        return PayloadPacker.Rebase(arrived, Row.NextChunk);
    }

    /// <summary>Where the run's extra lies when what arrived is merged into what is stored.</summary>
    public PayloadRef? PlaceMerged(RunWrite run, PayloadSet stored) =>
        PlaceLate(Packing.Merge(RunExtra.Read(stored[Row.Extra]), run).ToBytes(), Row.Extra, stored);

    /// <summary>Where a step's extra lies when what arrived is merged into what is stored, or into what came earlier in this write.</summary>
    public PayloadRef? PlaceMerged(StepChange step, StepWrite write, PayloadSet stored)
    {
        step.Extra = Packing.Merge(step.Extra ?? StepExtra.Read(stored[step.Row.Extra]), write);
        return PlaceLate(step.Extra.ToBytes(), step.Row.Extra, stored);
    }

    /// <summary>Where a payload lies that was put together from pieces here, in the lane.</summary>
    public PayloadRef? PlaceWhole(JsonPayload whole, PayloadRef? old, PayloadSet stored) => PlaceLate(whole.Utf8.ToArray(), old, stored);

    PayloadRef? PlaceLate(byte[]? bytes, PayloadRef? old, PayloadSet stored)
    {
        if (bytes is null || stored[old].Span.SequenceEqual(bytes)) return bytes is null ? null : old;
        late ??= new PayloadPacker();
        // After the item's own chunks, which are written in that case.
        UsesItemChunks = true;
        return PayloadPacker.Rebase(late.Add(bytes), Row.NextChunk + Item.Chunks.Count);
    }
}

/// <summary>A step as it was and as it shall be.</summary>
sealed record StepChange(StepRow Row, object?[]? Before, RollupFact? OldFact)
{
    public bool IsNew => Before is null;

    public bool Touched { get; set; }

    /// <summary>The extra as merged so far in this write.</summary>
    public StepExtra? Extra { get; set; }
}
