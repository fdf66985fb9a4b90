using System.Globalization;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store.Blobs;
using RunHub.Store.Events;

namespace RunHub.Store.Attachments;

/// <summary>An attachment that was sent.</summary>
/// <param name="Row">It.</param>
/// <param name="Created">False: the same file was there under the same name already.</param>
public sealed record AddedAttachment(AttachmentRow Row, bool Created);

/// <summary>Files of runs: their rows, and their bytes through <see cref="KeepBlobs"/>.</summary>
public sealed class AttachmentStore(Database database, WriteLane lane, KeepBlobs blobs, IOptions<AttachmentOptions> options)
{
    static readonly string ListSql = $"SELECT {AttachmentRow.Columns} FROM attachments WHERE run_no = @run_no ORDER BY created_at, id";
    static readonly string FindSql = $"SELECT {AttachmentRow.Columns} FROM attachments WHERE run_no = @run_no AND id = @id";
    static readonly string SameSql = $"SELECT {AttachmentRow.Columns} FROM attachments WHERE run_no = @run_no AND sha256 = @sha256 AND name = @name AND coalesce(step_id, '') = @step_id ORDER BY id LIMIT 1";

    /// <summary>Limits in force.</summary>
    public AttachmentOptions Options => options.Value;

    /// <summary>A run's files, oldest first.</summary>
    public static Task<List<AttachmentRow>> ListAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        sql.Prepare(ListSql).With(runNo).ListAsync(AttachmentRow.Read, cancellationToken);

    /// <summary>One of them; null where there is none.</summary>
    public static Task<AttachmentRow?> FindAsync(SqlSession sql, long runNo, string id, CancellationToken cancellationToken) =>
        sql.Prepare(FindSql).With(runNo, id).FirstAsync<AttachmentRow?>(AttachmentRow.Read, cancellationToken);

    /// <summary>The run that a report under this id belongs to; looked up before its bytes are taken.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public async Task<RunRow> RunAsync(Caller caller, string runId, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await RunReader.GetAsync(sql, caller.Tenant.No, runId, cancellationToken);
    }

    /// <summary>Takes the bytes of one file; link it with <c>AddAsync</c>, or give it back with <see cref="DiscardAsync"/>.</summary>
    /// <exception cref="ProblemException">413 over <see cref="AttachmentOptions.MaxBytes"/>.</exception>
    public async Task<AttachmentDraft> TakeAsync(Caller caller, string? stepId, string? fileName, Stream content, CancellationToken cancellationToken)
    {
        var name = FileNames.Safe(fileName);
        try
        {
            return new AttachmentDraft(stepId, name, await blobs.PutAsync(caller.Tenant.No, content, options.Value.MaxBytes, cancellationToken));
        }
        catch (BlobTooLargeException e)
        {
            throw TooLarge(name, e.Limit);
        }
    }

    /// <summary>A file over the limit.</summary>
    public static ProblemException TooLarge(string name, long limit) => new(413, "The file is too large.",
        string.Create(CultureInfo.InvariantCulture, $"At most {limit} bytes are accepted (Attachments:MaxBytes)."), new Fault(name, string.Create(CultureInfo.InvariantCulture, $"The file has more than {limit} bytes.")));

    /// <summary>
    /// Adds files to a run, all or none. The same bytes under the same name and step are there already: that file is the
    /// answer, so that sending twice changes nothing. What a person adds leaves an audit row too.
    /// </summary>
    /// <exception cref="ProblemException">404 the run is gone; 409 over <see cref="AttachmentOptions.MaxPerRun"/>.</exception>
    public async Task<IReadOnlyList<AddedAttachment>> AddAsync(Caller caller, string runId, IReadOnlyList<AttachmentDraft> drafts, CancellationToken cancellationToken)
    {
        var added = await lane.Run((scope, ct) => AddAsync(scope, caller, runId, drafts, ct), cancellationToken);
        var unused = drafts.Where((_, i) => !added[i].Created).Select(d => d.Blob.Id).ToList();
        if (unused.Count > 0) await blobs.DiscardAsync(unused);
        return added;
    }

    /// <summary>Gives bytes back that will not be added.</summary>
    public Task DiscardAsync(IEnumerable<AttachmentDraft> drafts) => blobs.DiscardAsync(drafts.Select(d => d.Blob.Id));

    /// <summary>Deletes a file of a run, with an audit row and an event; its bytes go after the commit.</summary>
    /// <returns>False: there is none.</returns>
    public async Task<bool> DeleteAsync(Caller caller, string runId, string id, CancellationToken cancellationToken)
    {
        var deleted = await lane.Run<bool>(async (scope, ct) =>
        {
            if (await RunReader.FindReportedAsync(scope, caller.Tenant.No, runId, ct) is not { } run || await FindAsync(scope.Sql, run.RunNo, id, ct) is not { } row) return false;
            await scope.Sql.Prepare("DELETE FROM attachments WHERE run_no = @run_no AND id = @id").With(run.RunNo, id).ExecuteAsync(ct);
            await KeepBlobs.DropAsync(scope, row.BlobId, ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "attachment.deleted", "run", run.Id, new { row.Id, row.Name, row.Size }), ct);
            Emit(scope, run, caller.Name, "deleted_attachments", [row]);
            return true;
        }, cancellationToken);
        if (deleted) await blobs.ClearAsync(CancellationToken.None);
        return deleted;
    }

    /// <summary>Opens a file at any place; null when its bytes are gone.</summary>
    public Task<Stream?> OpenAsync(AttachmentRow row, CancellationToken cancellationToken) => blobs.OpenAsync(row.BlobId, row.Size, cancellationToken);

    async ValueTask<IReadOnlyList<AddedAttachment>> AddAsync(WriteScope scope, Caller caller, string runId, IReadOnlyList<AttachmentDraft> drafts, CancellationToken cancellationToken)
    {
        var run = await RunReader.GetAsync(scope, caller.Tenant.No, runId, cancellationToken);
        var count = await scope.Sql.Prepare("SELECT count(*) FROM attachments WHERE run_no = @run_no").With(run.RunNo).ScalarAsync<long>(cancellationToken);
        var added = new List<AddedAttachment>();
        foreach (var draft in drafts)
        {
            if (await scope.Sql.Prepare(SameSql).With(run.RunNo, draft.Blob.Sha256, draft.Name, draft.StepId ?? "").FirstAsync<AttachmentRow?>(AttachmentRow.Read, cancellationToken) is { } same)
            {
                added.Add(new AddedAttachment(same, Created: false));
                continue;
            }

            if (++count > options.Value.MaxPerRun)
                throw new ProblemException(409, "The run has too many files.", string.Create(CultureInfo.InvariantCulture, $"A run has at most {options.Value.MaxPerRun} attachments (Attachments:MaxPerRun)."));
            // Ids sort by time: a millisecond apart they keep the order in which the files were sent.
            var row = new AttachmentRow(run.RunNo, "att_" + Ids.Base32(Guid.CreateVersion7(Times.FromMicros(scope.Now).AddMilliseconds(added.Count))), draft.StepId, draft.Name, ContentTypes.Of(draft.Blob.Head.Span), draft.Blob.Length,
                draft.Blob.Sha256, draft.Blob.Id, caller.Name, scope.Now);
            await KeepBlobs.LinkAsync(scope, draft.Blob, cancellationToken);
            await scope.Sql.Prepare($"INSERT INTO attachments ({AttachmentRow.Columns}) VALUES (@run_no, @id, @step_id, @name, @content_type, @size, @sha256, @blob_id, @created_by, @created_at)")
                .With(row.RunNo, row.Id, row.StepId, row.Name, row.ContentType, row.Size, row.Sha256, row.BlobId, row.CreatedBy, row.CreatedAt).ExecuteAsync(cancellationToken);
            if (caller.Kind == CallerKind.User)
                await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "attachment.added", "run", run.Id, new { row.Id, row.Name, row.Size }), cancellationToken);
            added.Add(new AddedAttachment(row, Created: true));
        }

        Emit(scope, run, caller.Name, "attachments", [.. added.Where(a => a.Created).Select(a => a.Row)]);
        return added;
    }

    static void Emit(WriteScope scope, RunRow run, string by, string kind, IReadOnlyList<AttachmentRow> rows) =>
        RunEvents.EmitParts(scope, run, [.. rows.Select(r => new EventPart(kind, r.Id, r.Name))], by);
}

/// <summary>Attachments go with their run; their bytes are dropped in the same transaction and taken away after it.</summary>
sealed class AttachmentRunData() : RunTables("attachments"), IRunData
{
    async Task<IReadOnlyDictionary<string, long>> IRunData.DeleteAsync(WriteScope scope, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        foreach (var runNo in runNos)
        {
            var ids = await scope.Sql.Prepare("SELECT blob_id FROM attachments WHERE run_no = @run_no").With(runNo).ListAsync(r => r.GetString(0), cancellationToken);
            foreach (var id in ids) await KeepBlobs.DropAsync(scope, id, cancellationToken);
        }

        return await DeleteAsync(scope, runNos, cancellationToken);
    }
}
