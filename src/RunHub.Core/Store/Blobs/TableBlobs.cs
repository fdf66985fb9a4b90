namespace RunHub.Store.Blobs;

/// <summary>
/// Chunks of 1 MiB in table <c>blob_chunks</c> of PostgreSQL, each written by a short transaction of its own. Reading takes
/// one chunk at a time and holds no connection in between.
/// </summary>
sealed class TableBlobs(Database database, WriteLane lane) : IBlobStore
{
    internal const int ChunkSize = 1 << 20;
    const int ChunksPerRemoval = 16;

    public async Task WriteAsync(string id, Stream content, CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkSize];
        for (long chunk = 0; ; chunk++)
        {
            var length = await content.ReadAtLeastAsync(buffer, ChunkSize, throwOnEndOfStream: false, cancellationToken);
            if (length == 0) return;
            // The lane answers when the chunk is on disk; only then is the buffer filled anew.
            var data = length == ChunkSize ? buffer : buffer[..length];
            var number = chunk;
            await lane.Run(async (scope, ct) => await scope.Sql.Prepare("INSERT INTO blob_chunks (blob_id, chunk, data) VALUES (@blob_id, @chunk, @data)")
                .With(id, number, data).ExecuteAsync(ct), cancellationToken, length);
            if (length < ChunkSize) return;
        }
    }

    public Task<Stream?> OpenAsync(string id, long length, CancellationToken cancellationToken) =>
        Task.FromResult<Stream?>(new ChunkStream(database, id, length));

    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        while (await lane.Run<int>(async (scope, ct) => await scope.Sql.Prepare(
            "DELETE FROM blob_chunks WHERE blob_id = @blob_id AND chunk IN (SELECT chunk FROM blob_chunks WHERE blob_id = @blob_id ORDER BY chunk DESC LIMIT @limit)")
            .With(id, (long)ChunksPerRemoval).ExecuteAsync(ct), cancellationToken) == ChunksPerRemoval)
        {
            // A few at a time, so that other writers get their turn.
        }
    }

    sealed class ChunkStream(Database database, string id, long length) : Stream
    {
        byte[]? chunk;
        long chunkNumber = -1;
        long position;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (position >= length || buffer.Length == 0) return 0;
            var number = position / ChunkSize;
            if (number != chunkNumber) (chunk, chunkNumber) = (await LoadAsync(number, cancellationToken), number);
            var from = (int)(position % ChunkSize);
            var count = Math.Min(buffer.Length, chunk!.Length - from);
            if (count <= 0) throw new EndOfStreamException($"Blob {id} is shorter than it was.");
            chunk.AsMemory(from, count).CopyTo(buffer);
            position += count;
            return count;
        }

        async Task<byte[]> LoadAsync(long number, CancellationToken cancellationToken)
        {
            await using var sql = await database.ReadAsync(cancellationToken);
            return await sql.Prepare("SELECT data FROM blob_chunks WHERE blob_id = @blob_id AND chunk = @chunk").With(id, number).ValueAsync(cancellationToken) as byte[]
                ?? throw new EndOfStreamException($"Blob {id} was removed while it was read.");
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => position;
            set => position = Math.Clamp(value, 0, length);
        }

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => position + offset, _ => length + offset };

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
