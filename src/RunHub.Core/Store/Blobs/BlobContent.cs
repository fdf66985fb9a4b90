using System.Security.Cryptography;

namespace RunHub.Store.Blobs;

/// <summary>The content is longer than its limit; nothing of it was kept.</summary>
/// <param name="limit">Bytes that were allowed.</param>
public sealed class BlobTooLargeException(long limit) : Exception(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"At most {limit} bytes are accepted."))
{
    /// <summary>Bytes that were allowed.</summary>
    public long Limit { get; } = limit;
}

/// <summary>Counts and hashes what is read through it, keeps its beginning, and ends it where the limit is passed.</summary>
sealed class BlobContent(Stream inner, long limit) : Stream
{
    const int HeadLength = 4096;
    readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly byte[] head = new byte[HeadLength];
    int headLength;
    long count;

    public long Count => count;

    public byte[] Head => head[..headLength];

    public string Sha256() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Take(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Content arrives over the network: read it asynchronously.");

    void Take(ReadOnlySpan<byte> read)
    {
        count += read.Length;
        if (count > limit) throw new BlobTooLargeException(limit);
        hash.AppendData(read);
        var room = Math.Min(read.Length, HeadLength - headLength);
        read[..room].CopyTo(head.AsSpan(headLength));
        headLength += room;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => count;
        set => throw new NotSupportedException();
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) hash.Dispose();
        base.Dispose(disposing);
    }
}
