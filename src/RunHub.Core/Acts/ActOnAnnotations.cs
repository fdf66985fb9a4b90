using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Annotations;
using RunHub.Store.Events;

namespace RunHub.Acts;

/// <summary>
/// Changes and deletes annotations. Who wrote one may, and admins may; what it said before stands in the audit trail. Live pages are told.
/// </summary>
public sealed class ActOnAnnotations(WriteLane lane, IngestRuns ingest, Mentions mentions, TimeProvider time)
{
    /// <summary>Gives one a new text.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="runId">The run.</param>
    /// <param name="id">The annotation.</param>
    /// <param name="note">The text.</param>
    /// <param name="version">How often it had been changed when the caller read it; null: whatever it says now.</param>
    /// <param name="cancellationToken">Honoured until the write starts.</param>
    /// <exception cref="ProblemException">404; 403: it is somebody else's; 409: somebody changed it meanwhile; 400: the text will not do.</exception>
    public async Task<AnnotationRow> EditAsync(Caller caller, string runId, string id, string? note, long? version, CancellationToken cancellationToken)
    {
        var item = ingest.Prepare(caller, new RunBatch { Runs = [new() { Annotations = [new AnnotationWrite(caller.Name, note ?? "", time.GetUtcNow())] }] }).Items[0];
        if (item.Rejection is { } wrong) throw ProblemException.Invalid("$.note", wrong.Reason);
        var text = item.Run.Annotations![0].Note;
        var edited = await lane.Run(async (scope, ct) =>
        {
            var (run, row) = await FindAsync(scope, caller, runId, id, ct);
            if (version is { } seen && seen != row.Edits) throw new ProblemException(409, "Somebody changed it meanwhile.", $"This is version {row.Edits} now, not {seen}. Read it again.", new Fault("$.version", "Not the one that stands there."));
            if (string.Equals(text, row.Note, StringComparison.Ordinal)) return row;
            var mentioned = await mentions.WriteAsync(scope, caller.Tenant.No, run.RunNo, id, text, caller, ct);
            await scope.Sql.Prepare("UPDATE annotations SET note = @note, mentions = @mentions, edited_at = @edited_at, edits = edits + 1 WHERE run_no = @run_no AND id = @id")
                .With(text, mentioned, scope.Now, run.RunNo, id).ExecuteAsync(ct);
            await TellAsync(scope, caller, run, id, "annotation.edited", "annotations", new { from = row.Note, to = text }, ct);
            return row with { Note = text, EditedAt = scope.Now, Edits = row.Edits + 1, Mentions = TextList.Split(mentioned) };
        }, cancellationToken);
        mentions.Forget();
        return edited;
    }

    /// <summary>Deletes one. Its text stays in the audit trail alone; the same report sent again does not bring it back.</summary>
    /// <exception cref="ProblemException">404; 403: it is somebody else's.</exception>
    public async Task DeleteAsync(Caller caller, string runId, string id, CancellationToken cancellationToken)
    {
        await lane.Run(async (scope, ct) =>
        {
            var (run, row) = await FindAsync(scope, caller, runId, id, ct);
            await scope.Sql.Prepare("UPDATE annotations SET note = '', anchor = NULL, mentions = NULL, deleted_at = @deleted_at WHERE run_no = @run_no AND id = @id").With(scope.Now, run.RunNo, id).ExecuteAsync(ct);
            await scope.Sql.Prepare("DELETE FROM annotation_mentions WHERE run_no = @run_no AND annotation_id = @id").With(run.RunNo, id).ExecuteAsync(ct);
            await TellAsync(scope, caller, run, id, "annotation.deleted", "deleted_annotations", new { from = row.Note, author = row.Author }, ct);
        }, cancellationToken);
        mentions.Forget();
    }

    /// <summary>What a new annotation has beside what any report brings: who may change it, and whom it mentions.</summary>
    internal async Task AuthoredAsync(WriteScope scope, Caller caller, RunRow run, AnnotationRow row, AnnotateRun act, CancellationToken cancellationToken)
    {
        var mentioned = await mentions.WriteAsync(scope, caller.Tenant.No, run.RunNo, row.Id, row.Note, caller, cancellationToken);
        await scope.Sql.Prepare("UPDATE annotations SET author_key = @author_key, mentions = @mentions, anchor_at = @anchor_at, anchor_len = @anchor_len WHERE run_no = @run_no AND id = @id")
            .With(caller.Key, mentioned, act.AnchoredIn?.At, act.AnchoredIn?.Length, run.RunNo, row.Id).ExecuteAsync(cancellationToken);
    }

    /// <summary>After the commit: unread counts have changed.</summary>
    internal void Forget() => mentions.Forget();

    static async Task<(RunRow Run, AnnotationRow Row)> FindAsync(WriteScope scope, Caller caller, string runId, string id, CancellationToken cancellationToken)
    {
        var run = await RunReader.GetAsync(scope, caller.Tenant.No, runId, cancellationToken);
        var row = await ReadAnnotations.FindAsync(scope.Sql, run.RunNo, id, cancellationToken) ?? throw ProblemException.NotFound("annotation", id);
        return row.MayChange(caller) ? (run, row) : throw new ProblemException(403, "Not allowed.", "Only who wrote it, or an admin, may change it.");
    }

    static async Task TellAsync(WriteScope scope, Caller caller, RunRow run, string id, string action, string kind, object detail, CancellationToken cancellationToken)
    {
        run.UpdatedAt = scope.Now;
        await scope.Sql.Prepare("UPDATE runs SET updated_at = @updated_at WHERE run_no = @run_no").With(run.UpdatedAt, run.RunNo).ExecuteAsync(cancellationToken);
        await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, action, "annotation", ReadAnnotations.AuditTarget(run.Id, id), detail), cancellationToken);
        RunEvents.EmitParts(scope, run, [new EventPart(kind, id, "")], caller.Name);
    }
}
