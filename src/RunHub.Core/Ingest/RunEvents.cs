using System.Buffers;
using System.Text;
using System.Text.Json;
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
            scope.Emit(new EventDraft(row.TenantNo, row.RunNo, type, Data(change, at)));
            type = EventType.RunUpdated;
            at += StepsPerEvent;
        }
        while (at < change.Steps.Count);
    }

    static string Data(RunChange change, int from)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WritePropertyName("run");
        RunSummary.Write(json, change.Row);
        if (change.Steps.Count > 0)
        {
            json.WriteStartArray("steps");
            for (var i = from; i < Math.Min(change.Steps.Count, from + StepsPerEvent); i++)
            {
                var step = change.Steps[i].Row;
                json.WriteStartObject();
                json.WriteString("id", step.Id);
                json.WriteString("name", step.Name);
                json.WriteString("status", step.Status.ToName());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteString("by", change.Item.Caller.Name);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
