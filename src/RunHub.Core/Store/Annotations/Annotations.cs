using System.Text.Json;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store.Payloads;

namespace RunHub.Store.Annotations;

/// <summary>One entry of an annotation's history.</summary>
/// <param name="At">Microseconds since 1970.</param>
/// <param name="By">Who.</param>
/// <param name="Action"><c>annotation.edited</c> or <c>annotation.deleted</c>.</param>
/// <param name="From">The text before.</param>
/// <param name="To">The text after; null: it was deleted.</param>
public sealed record AnnotationChange(long At, string By, string Action, string? From, string? To);

/// <summary>Reads annotations.</summary>
public static class ReadAnnotations
{
    /// <summary>Where the quotes of a run's annotations have to be looked for, at most so many bytes are read.</summary>
    const long MaxLooked = 16 << 20;

    const string From = $"SELECT {AnnotationRow.Columns} FROM annotations a LEFT JOIN steps s ON s.run_no = a.run_no AND s.id = a.step_id WHERE a.run_no = @run_no AND a.deleted_at IS NULL";

    /// <summary>A run's annotations, oldest first, each with what is known about its quote without reading a payload.</summary>
    public static async Task<IReadOnlyList<AnnotationRow>> OfAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var rows = await OfAsync(sql, run.RunNo, cancellationToken);
        for (var i = 0; i < rows.Count; i++) rows[i] = AtAGlance(rows[i], run);
        return rows;
    }

    /// <summary>A run's annotations, oldest first, without a word about their quotes.</summary>
    public static Task<List<AnnotationRow>> OfAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        sql.Prepare(From + " ORDER BY a.at, a.id").With(runNo).ListAsync(r => AnnotationRow.Read(r), cancellationToken);

    /// <summary>The same, with their quotes looked for where payloads changed.</summary>
    public static async Task<IReadOnlyList<AnnotationRow>> CheckedAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var rows = (await OfAsync(sql, run, cancellationToken)).ToList();
        var left = MaxLooked;
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i] is not { Anchor: { } json, State: null } row || PayloadOf(row, run, Stored(json).Payload) is not { } payload || (left -= payload.Length) < 0) continue;
            rows[i] = row with { State = await StateAsync(sql, row, payload, cancellationToken) };
        }

        return rows;
    }

    /// <summary>One annotation; null: there is none, or it was deleted.</summary>
    public static Task<AnnotationRow?> FindAsync(SqlSession sql, long runNo, string id, CancellationToken cancellationToken) =>
        sql.Prepare(From + " AND a.id = @id").With(runNo, id).FirstAsync(r => AnnotationRow.Read(r), cancellationToken);

    /// <summary>What was changed, oldest first. What was said on a run that was deleted is gone, also when a run of the same name came after it.</summary>
    public static Task<List<AnnotationChange>> HistoryAsync(SqlSession sql, long tenantNo, string runId, string id, CancellationToken cancellationToken) =>
        sql.Prepare("SELECT at, actor, action, detail FROM audit WHERE target_type = 'annotation' AND tenant_no = @tenant_no AND target = @target AND detail IS NOT NULL ORDER BY seq")
            .With(tenantNo, AuditTarget(runId, id)).ListAsync(r => Change(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3)), cancellationToken);

    /// <summary>Fills in where in a payload a new annotation points; off the write lane.</summary>
    /// <returns>The anchor, and where the payload lies.</returns>
    /// <exception cref="ProblemException">400: it is not there; 404: no such step.</exception>
    public static async Task<(Anchor Anchor, PayloadRef Payload)> PlaceAsync(SqlSession sql, RunRow run, string? stepId, Anchor anchor, CancellationToken cancellationToken)
    {
        anchor = anchor.Checked();
        var ofStep = anchor.Payload is "input" or "output";
        if (ofStep != (stepId is not null)) throw ProblemException.Invalid("$.anchor.payload", stepId is null ? "Without a step it is inputs or outputs." : "Of a step it is input or output.");
        var step = stepId is null ? null : await RunReader.StepAsync(sql, run.RunNo, stepId, cancellationToken) ?? throw ProblemException.NotFound("step", stepId);
        var payload = anchor.Payload switch { "input" => step!.Input, "output" => step!.Output, "inputs" => run.Inputs, _ => run.Outputs }
            ?? throw ProblemException.Invalid("$.anchor.payload", $"There is no {anchor.Payload} here.");
        var json = (await RunReader.PayloadsAsync(sql, run.RunNo, [payload], cancellationToken))[payload];
        return (FindAnchor.In(json, anchor) ?? throw ProblemException.Invalid("$.anchor.quote", "This is not in the payload; the comment can be about the whole step or run instead."), payload);
    }

    /// <summary>An anchor that is stored.</summary>
    public static Anchor Stored(string json) => Anchor.Read(System.Text.Encoding.UTF8.GetBytes(json));

    /// <summary>How the audit trail names an annotation.</summary>
    internal static string AuditTarget(string runId, string id) => runId + "/" + id;

    static AnnotationRow AtAGlance(AnnotationRow row, RunRow run)
    {
        if (row.Anchor is null) return row;
        var payload = PayloadOf(row, run, Stored(row.Anchor).Payload);
        return row with { State = payload is null ? AnchorState.Gone : payload == row.AnchoredIn ? AnchorState.Found : null };
    }

    static PayloadRef? PayloadOf(AnnotationRow row, RunRow run, string? payload) =>
        payload switch { "input" => row.StepPayloads.Input, "output" => row.StepPayloads.Output, "inputs" => run.Inputs, _ => run.Outputs };

    static async Task<AnchorState> StateAsync(SqlSession sql, AnnotationRow row, PayloadRef payload, CancellationToken cancellationToken)
    {
        var json = (await RunReader.PayloadsAsync(sql, row.RunNo, [payload], cancellationToken))[payload];
        var anchor = Stored(row.Anchor!);
        return FindAnchor.In(json, anchor) is not { } now ? AnchorState.Gone : anchor.Start is null || now.Path == anchor.Path && now.Start == anchor.Start ? AnchorState.Found : AnchorState.Moved;
    }

    static AnnotationChange Change(long at, string by, string action, string detail)
    {
        using var document = JsonDocument.Parse(detail);
        return new AnnotationChange(at, by, action, Text("from"), Text("to"));

        string? Text(string name) => document.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}

/// <summary>
/// Mentions go with their run, and so do the texts that the audit trail keeps of its annotations: who wrote and when stays.
/// </summary>
sealed class AnnotationRunData() : RunTables("annotation_mentions"), IRunData
{
    async Task<IReadOnlyDictionary<string, long>> IRunData.DeleteAsync(WriteScope scope, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        foreach (var runNo in runNos)
        {
            if (await scope.Sql.Prepare("SELECT tenant_no, id FROM runs WHERE run_no = @run_no").With(runNo).FirstAsync(r => ((long, string)?)(r.GetInt64(0), r.GetString(1)), cancellationToken) is not var (tenantNo, id)) continue;
            await scope.Sql.Prepare("UPDATE audit SET detail = NULL WHERE target_type = 'annotation' AND tenant_no = @tenant_no AND target >= @first AND target < @last")
                .With(tenantNo, id + "/", id + "0").ExecuteAsync(cancellationToken);
        }

        return await DeleteAsync(scope, runNos, cancellationToken);
    }
}
