using RunHub.Json;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Runs;

/// <summary>Reads what stands in a run's JSON beside its row; used by the run's own address and by lists that include payloads.</summary>
static class RunPartsReader
{
    public static async Task<RunParts> ReadAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var payloads = await RunReader.PayloadsAsync(sql, run.RunNo, [run.Inputs, run.Outputs, run.Extra], cancellationToken);
        var notes = await RunReader.AnnotationsAsync(sql, run.RunNo, cancellationToken);
        var extra = RunExtra.Read(payloads[run.Extra]);
        return new RunParts
        {
            Inputs = payloads[run.Inputs],
            Outputs = payloads[run.Outputs],
            ErrorMessage = extra.ErrorMessage,
            ErrorStack = extra.ErrorStack,
            ExperienceNotes = extra.ExperienceNotes,
            Annotations = [.. notes.Select(n => new RunNote(n.Author, n.Note, n.At) { StepId = n.StepId, Anchor = n.Anchor, EditedAt = n.EditedAt })],
        };
    }
}
