using System.IO.Pipelines;
using Microsoft.Extensions.Options;
using RunHub.Http;
using RunHub.Store;
using RunHub.Store.Blobs;

namespace RunHub.Bulk;

/// <summary>Files that bulk actions write: their parts in <c>bulk_parts</c>, the bytes with <see cref="KeepBlobs"/>.</summary>
public sealed class BulkFiles(Database database, WriteLane lane, KeepBlobs blobs, BulkActions actions, IOptions<BulkOptions> options, TimeProvider time)
{
    /// <summary>What can be downloaded of an action; null: its kind writes none, or there is none any more.</summary>
    public async Task<BulkFile?> FindAsync(BulkAction bulk, CancellationToken cancellationToken)
    {
        if (actions.Kind(bulk.Kind) is not IBulkFileKind kind) return null;
        var parts = await PartsAsync(bulk.No, cancellationToken);
        if (parts.Count == 0) return null;
        var (type, extension) = kind.TypeOf(bulk.Settings);
        return new BulkFile(parts.Sum(p => p.Size) + kind.End(bulk.Settings).Length, bulk.IsOpen ? null : (Times.FromMicros(bulk.FinishedAt ?? bulk.CreatedAt) + options.Value.KeepFiles).ToMicros(), type, extension);
    }

    /// <summary>Writes the whole file.</summary>
    /// <exception cref="InvalidDataException">A part is gone: what was written so far is not whole.</exception>
    public async Task CopyAsync(BulkAction bulk, Stream to, CancellationToken cancellationToken)
    {
        foreach (var (blobId, size) in await PartsAsync(bulk.No, cancellationToken))
        {
            await using var part = await blobs.OpenAsync(blobId, size, cancellationToken) ?? throw new InvalidDataException($"A part of the file of {bulk.Id} is gone.");
            await part.CopyToAsync(to, cancellationToken);
        }

        await to.WriteAsync(((IBulkFileKind)actions.Kind(bulk.Kind)!).End(bulk.Settings), cancellationToken);
    }

    /// <summary>Takes away the files of actions that ended long enough ago, and of those that are gone.</summary>
    /// <returns>Parts that went.</returns>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        const int atOnce = 500;
        var gone = 0;
        for (var piece = atOnce; piece == atOnce; gone += piece)
        {
            var before = (time.GetUtcNow() - options.Value.KeepFiles).ToMicros();
            piece = await lane.Run<int>(async (scope, ct) =>
            {
                var old = await scope.Sql.Prepare($"""
                    SELECT p.bulk_no, p.part, p.blob_id FROM bulk_parts p LEFT JOIN bulk_actions b ON b.bulk_no = p.bulk_no
                    WHERE b.bulk_no IS NULL OR b.state >= 3 AND coalesce(b.finished_at, b.created_at) < @before LIMIT {atOnce}
                    """).With(before).ListAsync(r => (No: r.GetInt64(0), Part: r.GetInt64(1), Blob: r.GetString(2)), ct);
                foreach (var part in old)
                {
                    await KeepBlobs.DropAsync(scope, part.Blob, ct);
                    await scope.Sql.Prepare("DELETE FROM bulk_parts WHERE bulk_no = @bulk_no AND part = @part").With(part.No, part.Part).ExecuteAsync(ct);
                }

                return old.Count;
            }, cancellationToken);
        }

        await blobs.ClearAsync(cancellationToken);
        return gone;
    }

    /// <summary>Writes the next part and keeps its bytes; nothing belongs to the action yet.</summary>
    /// <returns>The part, and for each run why it is not in it; no part: the file would become too large.</returns>
    internal async Task<(PutBlob? Part, IReadOnlyList<string?> Reasons)> WriteAsync(BulkAction bulk, IBulkFileWork work, IReadOnlyList<string> runIds, CancellationToken cancellationToken)
    {
        var parts = await PartsAsync(bulk.No, cancellationToken);
        var room = options.Value.MaxFileBytes - parts.Sum(p => p.Size);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 512 << 10, useSynchronizationContext: false));
        var writing = WriteAsync(pipe.Writer, work, parts.Count == 0, runIds, cancellationToken);
        try
        {
            await using var content = pipe.Reader.AsStream();
            var blob = await blobs.PutAsync(bulk.Tenant, content, Math.Max(room, 0), cancellationToken);
            return (blob, await writing);
        }
        catch (BlobTooLargeException)
        {
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return (null, []);
        }
        catch
        {
            await pipe.Reader.CompleteAsync();
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    static async Task<IReadOnlyList<string?>> WriteAsync(PipeWriter to, IBulkFileWork work, bool isFirst, IReadOnlyList<string> runIds, CancellationToken cancellationToken)
    {
        Exception? wrong = null;
        try
        {
            return await work.WriteAsync(to, isFirst, runIds, cancellationToken);
        }
        catch (Exception e)
        {
            wrong = e;
            throw;
        }
        finally
        {
            await to.CompleteAsync(wrong);
        }
    }

    /// <summary>In the transaction that says that its runs are done: the part belongs to the file.</summary>
    internal static async Task LinkAsync(WriteScope scope, BulkAction bulk, PutBlob part, CancellationToken cancellationToken)
    {
        await KeepBlobs.LinkAsync(scope, part, cancellationToken);
        await scope.Sql.Prepare("INSERT INTO bulk_parts (bulk_no, part, blob_id, size) SELECT @bulk_no, coalesce(max(part), 0) + 1, @blob_id, @size FROM bulk_parts WHERE bulk_no = @of")
            .With(bulk.No, part.Id, part.Length, bulk.No).ExecuteAsync(cancellationToken);
    }

    /// <summary>Bytes that will not belong to anything.</summary>
    internal Task DiscardAsync(PutBlob part) => blobs.DiscardAsync([part.Id]);

    internal string TooLarge => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The file would be larger than {options.Value.MaxFileBytes} bytes (BulkActions:MaxFileBytes). Abort it, and export fewer runs or less of each.");

    async Task<List<(string Blob, long Size)>> PartsAsync(long bulkNo, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT blob_id, size FROM bulk_parts WHERE bulk_no = @bulk_no ORDER BY part").With(bulkNo).ListAsync(r => (r.GetString(0), r.GetInt64(1)), cancellationToken);
    }
}
