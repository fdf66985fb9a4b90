using Microsoft.Data.Sqlite;
using Npgsql;
using RunHub.Http;

namespace RunHub.Store.Blobs;

/// <summary>Bytes that were put and belong to nothing yet.</summary>
/// <param name="Id">Its id, to link it by.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">SHA-256 of them, lower case hex.</param>
/// <param name="Head">The first 4,096 of them, to tell what they are.</param>
public sealed record PutBlob(string Id, long Length, string Sha256, ReadOnlyMemory<byte> Head);

/// <summary>
/// The life of a blob. Before its first byte is written it has a row in <c>blobs</c>; the transaction that needs it links it;
/// the one that needs it no more drops it. What was never linked and what was dropped is taken away with its row, at once by
/// whoever did it and else by <see cref="SweepBlobsJob"/>: a process that dies anywhere leaves a row that says what to do.
/// </summary>
public sealed class KeepBlobs(IBlobStore store, Database database, WriteLane lane, TimeProvider time, ILogger<KeepBlobs> log)
{
    const long Putting = 0;
    const long Linked = 1;
    const long Dropped = 2;
    const int AtOnce = 100;

    /// <summary>How long a blob that was put may wait to be linked before it is swept.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>Stores bytes; they are on disk when this returns, and swept after <see cref="Patience"/> unless linked.</summary>
    /// <param name="tenantNo">Whose they are.</param>
    /// <param name="content">Read once, to its end.</param>
    /// <param name="maxBytes">More are refused.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="BlobTooLargeException">There were more; nothing is left of them.</exception>
    public async Task<PutBlob> PutAsync(long tenantNo, Stream content, long maxBytes, CancellationToken cancellationToken)
    {
        var id = Ids.Base32(Guid.CreateVersion7(time.GetUtcNow())).ToLowerInvariant();
        await lane.Run(async (scope, ct) => await scope.Sql.Prepare("INSERT INTO blobs (id, tenant_no, size, state, at) VALUES (@id, @tenant_no, 0, @state, @at)")
            .With(id, tenantNo, Putting, scope.Now).ExecuteAsync(ct), cancellationToken);
        await using var counted = new BlobContent(content, maxBytes);
        try
        {
            await store.WriteAsync(id, counted, cancellationToken);
        }
        catch
        {
            await DiscardAsync([id]);
            throw;
        }

        return new PutBlob(id, counted.Count, counted.Sha256(), counted.Head);
    }

    /// <summary>In the transaction that needs it: it stays.</summary>
    /// <exception cref="ProblemException">503: it was swept meanwhile, because putting and linking took too long.</exception>
    public static async Task LinkAsync(WriteScope scope, PutBlob blob, CancellationToken cancellationToken)
    {
        var linked = await scope.Sql.Prepare("UPDATE blobs SET state = @state, size = @size, at = @at WHERE id = @id AND state = 0")
            .With(Linked, blob.Length, scope.Now, blob.Id).ExecuteAsync(cancellationToken);
        if (linked == 0) throw new ProblemException(503, "The upload took too long.", "What had arrived was swept meanwhile. Send it again.") { RetryAfter = 1 };
    }

    /// <summary>In the transaction that needs it no more: it goes after the commit, by <see cref="ClearAsync"/> or the sweep.</summary>
    public static async Task DropAsync(WriteScope scope, string id, CancellationToken cancellationToken) =>
        await scope.Sql.Prepare("UPDATE blobs SET state = @state, at = @at WHERE id = @id").With(Dropped, scope.Now, id).ExecuteAsync(cancellationToken);

    /// <summary>Opens a linked blob for reading at any place; null when it is gone.</summary>
    public Task<Stream?> OpenAsync(string id, long length, CancellationToken cancellationToken) => store.OpenAsync(id, length, cancellationToken);

    /// <summary>Takes away what was put and will not be linked. Does not throw: what is left is swept.</summary>
    public async Task DiscardAsync(IEnumerable<string> ids)
    {
        try
        {
            foreach (var id in ids) await RemoveAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (CanWait(e))
        {
            log.LogWarning(e, "Bytes that are not needed will be swept later");
        }
    }

    /// <summary>Takes away what was dropped: to be called after the commit that dropped it. Does not throw: what is left is swept.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SweepAsync(null, cancellationToken);
        }
        catch (Exception e) when (CanWait(e))
        {
            log.LogWarning(e, "Dropped bytes will be swept later");
        }
    }

    /// <summary>Takes away what was dropped, and what was put longer ago than this and never linked.</summary>
    /// <param name="unlinkedFor">Null: only what was dropped.</param>
    /// <param name="cancellationToken">Cancels between two blobs.</param>
    /// <returns>How many.</returns>
    public async Task<int> SweepAsync(TimeSpan? unlinkedFor, CancellationToken cancellationToken)
    {
        var before = unlinkedFor is { } age ? (time.GetUtcNow() - age).ToMicros() : long.MinValue;
        for (var swept = 0; ;)
        {
            var ids = await FindAsync(before, cancellationToken);
            foreach (var id in ids) await RemoveAsync(id, cancellationToken);
            swept += ids.Count;
            if (ids.Count < AtOnce) return swept;
        }
    }

    async Task<List<string>> FindAsync(long before, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare($"SELECT id FROM blobs WHERE state <> 1 AND (state = 2 OR at <= @before) ORDER BY id LIMIT {AtOnce}")
            .With(before).ListAsync(r => r.GetString(0), cancellationToken);
    }

    // Claimed first, so that nobody links what is being removed; the row goes last, so that a death in between is seen.
    async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var claimed = await lane.Run<int>(async (scope, ct) => await scope.Sql.Prepare("UPDATE blobs SET state = @state WHERE id = @id AND state <> 1")
            .With(Dropped, id).ExecuteAsync(ct), cancellationToken);
        if (claimed == 0) return;
        await store.RemoveAsync(id, cancellationToken);
        await lane.Run(async (scope, ct) => await scope.Sql.Prepare("DELETE FROM blobs WHERE id = @id AND state <> 1").With(id).ExecuteAsync(ct), cancellationToken);
    }

    static bool CanWait(Exception e) => e is LaneFullException or IOException or UnauthorizedAccessException or SqliteException or NpgsqlException or OperationCanceledException;
}
