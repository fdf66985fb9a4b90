using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using RunHub.Access;
using RunHub.Store;
using RunHub.Store.Annotations;
using RunHub.Store.Payloads;

namespace RunHub.Model;

/// <summary>A row of <c>annotations</c>.</summary>
/// <param name="RunNo">The run.</param>
/// <param name="Id">Made of author, note, time and what it is about, so that the same one sent twice is one.</param>
/// <param name="StepId">The step it is about; null: the run.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Note">The text.</param>
/// <param name="At">Microseconds since 1970, UTC.</param>
public sealed record AnnotationRow(long RunNo, string Id, string? StepId, string Author, string Note, long At)
{
    /// <summary>Columns of <see cref="Read"/>, of <c>annotations a</c> with its step as <c>s</c>.</summary>
    internal const string Columns = """
        a.run_no, a.id, a.step_id, a.author, a.note, a.at, a.anchor, a.anchor_at, a.anchor_len, a.author_key, a.mentions, a.edited_at, a.edits,
        s.node_id, s.name, s.label, s.input_at, s.input_len, s.output_at, s.output_len, s.id
        """;

    /// <summary>JSON of the <see cref="Store.Annotations.Anchor"/>; null: it is about the whole step or run.</summary>
    public string? Anchor { get; init; }

    /// <summary>Where the payload lay when the anchor was found in it.</summary>
    public PayloadRef? AnchoredIn { get; init; }

    /// <summary><see cref="Caller.Key"/> of who wrote it here; null: a report brought it, and only admins may change it.</summary>
    public string? AuthorKey { get; init; }

    /// <summary>Email addresses of the members it mentions.</summary>
    public IReadOnlyList<string> Mentions { get; init; } = [];

    /// <summary>When it was last changed, microseconds since 1970; null: never.</summary>
    public long? EditedAt { get; init; }

    /// <summary>How often it was changed: what an editor says it has seen.</summary>
    public long Edits { get; init; }

    /// <summary>The step's node or name; null: it is about the run, or the step was never reported.</summary>
    public string? Node { get; init; }

    /// <summary>What people call the step.</summary>
    public string? StepTitle { get; init; }

    /// <summary>The step's payloads as they lie now.</summary>
    internal (PayloadRef? Input, PayloadRef? Output) StepPayloads { get; init; }

    /// <summary>Is what it quotes still there; null: it quotes nothing, or nobody has looked.</summary>
    public AnchorState? State { get; init; }

    /// <summary>May this caller change it: who wrote it, or an admin.</summary>
    public bool MayChange(Caller caller) => caller.May(Allow.Admins) || AuthorKey is not null && string.Equals(AuthorKey, caller.Key, StringComparison.Ordinal) && caller.May(Allow.Operators);

    /// <summary>The row for a note; the caller wrote it now unless it says otherwise.</summary>
    public static AnnotationRow Of(long runNo, AnnotationWrite note, Caller caller, long now)
    {
        var (author, at) = (note.Author ?? caller.Name, note.At?.ToMicros() ?? now);
        var text = $"{author}\n{at}\n{note.Note}";
        if (note.StepId is not null || note.Anchor is not null) text += $"\n\n{note.StepId}\n{note.Anchor}";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return new AnnotationRow(runNo, "note_" + Ids.Base32(new Guid(hash.AsSpan(0, 16))), note.StepId, author, note.Note, at) { Anchor = note.Anchor?.ToString() };
    }

    internal static AnnotationRow Read(DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.Text(2), row.GetString(3), row.GetString(4), row.GetInt64(5))
    {
        Anchor = row.Text(6),
        AnchoredIn = Ref(row, 7),
        AuthorKey = row.Text(9),
        Mentions = TextList.Split(row.Text(10)),
        EditedAt = row.Long(11),
        Edits = row.GetInt64(12),
        Node = row.Text(13) ?? row.Text(14),
        StepTitle = row.Text(15) ?? row.Text(14),
        StepPayloads = (Ref(row, 16), Ref(row, 18)),
    };

    static PayloadRef? Ref(DbDataReader row, int at) => row.Long(at) is { } place ? new PayloadRef(place, row.GetInt64(at + 1)) : null;
}
