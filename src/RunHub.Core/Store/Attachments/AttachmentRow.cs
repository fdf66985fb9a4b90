using System.Data.Common;

namespace RunHub.Store.Attachments;

/// <summary>A file of a run; a row of <c>attachments</c>.</summary>
/// <param name="RunNo">The run.</param>
/// <param name="Id">Public id within the run: <c>att_</c> + 26 characters.</param>
/// <param name="StepId">The step it belongs to; null: the run.</param>
/// <param name="Name">File name, made safe.</param>
/// <param name="ContentType">What its bytes are, whatever the sender said.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256, lower case hex.</param>
/// <param name="BlobId">Where its bytes are.</param>
/// <param name="CreatedBy">Email of the person, or name of the key.</param>
/// <param name="CreatedAt">Microseconds since 1970, UTC.</param>
public sealed record AttachmentRow(long RunNo, string Id, string? StepId, string Name, string ContentType, long Size, string Sha256, string BlobId, string CreatedBy, long CreatedAt)
{
    internal const string Columns = "run_no, id, step_id, name, content_type, size, sha256, blob_id, created_by, created_at";

    internal static AttachmentRow Read(DbDataReader r) =>
        new(r.GetInt64(0), r.GetString(1), r.Text(2), r.GetString(3), r.GetString(4), r.GetInt64(5), r.GetString(6), r.GetString(7), r.GetString(8), r.GetInt64(9));
}

/// <summary>A file on its way in: its bytes are put, nothing links them yet.</summary>
/// <param name="StepId">The step it belongs to; null: the run.</param>
/// <param name="Name">File name, made safe.</param>
/// <param name="Blob">Its bytes.</param>
public sealed record AttachmentDraft(string? StepId, string Name, Blobs.PutBlob Blob);
