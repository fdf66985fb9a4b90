using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.Ingest;

/// <summary>
/// Turns a change into its event: one row per run and write, with a snapshot of the run's filterable fields and the steps
/// this write changed. docs/adr/0005-events-one-row-per-write.md says why.
/// </summary>
static class RunEvents
{
    const int StepsPerEvent = 100;

    public static void Emit(WriteScope scope, RunChange change)
    {
        var row = change.Row;
        var type = change.OldStatus == row.Status ? EventType.RunUpdated : (EventType)(int)row.Status;
        var at = 0;
        do
        {
            scope.Emit(new EventDraft(row.TenantNo, row.RunNo, type, EventText.Write(row, change.Steps.Skip(at).Take(StepsPerEvent).Select(s => s.Row), change.Item.Caller.Name, at == 0 ? change.Logs : null)));
            type = EventType.RunUpdated;
            at += StepsPerEvent;
        }
        while (at < change.Steps.Count);
    }

    /// <summary>Something that hangs on a run changed, not the run itself: <c>run.updated</c>, saying what.</summary>
    /// <param name="scope">The transaction.</param>
    /// <param name="row">The run as it is.</param>
    /// <param name="parts">What changed.</param>
    /// <param name="by">Who did it.</param>
    public static void EmitParts(WriteScope scope, RunRow row, IReadOnlyList<EventPart> parts, string by)
    {
        for (var at = 0; at < parts.Count; at += StepsPerEvent)
            scope.Emit(new EventDraft(row.TenantNo, row.RunNo, EventType.RunUpdated, EventText.WriteParts(row, parts.Skip(at).Take(StepsPerEvent), by)));
    }
}
