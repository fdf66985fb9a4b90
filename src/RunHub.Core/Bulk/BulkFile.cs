using System.IO.Pipelines;
using RunHub.Store;

namespace RunHub.Bulk;

/// <summary>
/// Work that changes no run but writes a file about them, a part at a time and off the write lane. Each part is on disk before its
/// runs count as done, so that a restart goes on with the next part.
/// </summary>
public interface IBulkFileWork : IBulkWork
{
    /// <summary>Most runs of a part.</summary>
    int PartSize { get; }

    /// <summary>Writes a part.</summary>
    /// <param name="to">Where to; flushed now and then, and not completed.</param>
    /// <param name="isFirst">Nothing stands before it in the file.</param>
    /// <param name="runIds">The runs, in order.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>For each run: null where it is in the part, else why it is not.</returns>
    Task<IReadOnlyList<string?>> WriteAsync(PipeWriter to, bool isFirst, IReadOnlyList<string> runIds, CancellationToken cancellationToken);

    ValueTask<BulkStep> IBulkWork.ApplyAsync(WriteScope scope, string runId, string? input, string because, CancellationToken cancellationToken) =>
        throw new NotSupportedException("It writes a file and does nothing to a run.");
}

/// <summary>A kind whose actions write a file.</summary>
public interface IBulkFileKind : IBulkKind
{
    /// <summary>What a browser is told about the file.</summary>
    /// <param name="settings">Of the action.</param>
    (string ContentType, string Extension) TypeOf(string settings);

    /// <summary>What stands behind the last part.</summary>
    /// <param name="settings">Of the action.</param>
    ReadOnlyMemory<byte> End(string settings);
}

/// <summary>The file of a bulk action.</summary>
/// <param name="Size">Bytes so far.</param>
/// <param name="ExpiresAt">When it is taken away, microseconds since 1970, UTC; null: the action still works on it.</param>
/// <param name="ContentType">As a browser is told.</param>
/// <param name="Extension">Of its name.</param>
public sealed record BulkFile(long Size, long? ExpiresAt, string ContentType, string Extension);

/// <summary>Section <c>BulkActions</c>.</summary>
public sealed class BulkOptions
{
    /// <summary>Largest file a bulk action writes, bytes; it pauses there.</summary>
    public long MaxFileBytes { get; set; } = 2L << 30;

    /// <summary>Days a file is kept after the action ended, 1 to 365.</summary>
    public int KeepFilesDays { get; set; } = 7;

    internal TimeSpan KeepFiles => TimeSpan.FromDays(Math.Clamp(KeepFilesDays, 1, 365));
}
