using System.Security.Cryptography;
using System.Text;
using RunHub.Access;

namespace RunHub.Model;

/// <summary>A row of <c>annotations</c>.</summary>
/// <param name="RunNo">The run.</param>
/// <param name="Id">Made of author, note and time, so that the same one sent twice is one.</param>
/// <param name="StepId">The step it is about; null: the run.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Note">The text.</param>
/// <param name="At">Microseconds since 1970, UTC.</param>
public sealed record AnnotationRow(long RunNo, string Id, string? StepId, string Author, string Note, long At)
{
    /// <summary>The row for a note; the caller wrote it now unless it says otherwise.</summary>
    public static AnnotationRow Of(long runNo, AnnotationWrite note, Caller caller, long now)
    {
        var (author, at) = (note.Author ?? caller.Name, note.At?.ToMicros() ?? now);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{author}\n{at}\n{note.Note}"));
        return new AnnotationRow(runNo, "note_" + Ids.Base32(new Guid(hash.AsSpan(0, 16))), null, author, note.Note, at);
    }
}
