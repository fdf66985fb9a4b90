using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace RunHub.Cli;

/// <summary>A run in a file.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Json">Its text without line breaks; null: longer than a run may be.</param>
/// <param name="End">Where the file goes on after it, in bytes of what is unpacked.</param>
/// <param name="NextLine">The line there.</param>
readonly record struct RunInFile(long Line, byte[]? Json, long End, long NextLine);

/// <summary>
/// Reads runs one after the other out of a stream of any length: one JSON object per line, or the elements of a JSON array.
/// Which of the two it is, the first character says. Packed files (gzip) are known by their first two bytes.
/// </summary>
sealed class RunFileReader(Stream stream)
{
    const int MaxRun = 512 << 20;
    byte[] buffer = new byte[1 << 16];
    int start;
    int end;
    long offset;
    long line = 1;

    /// <summary>Opens a file, or standard input for <c>-</c>, and unpacks it where it is packed.</summary>
    public static async Task<Stream> OpenAsync(Stream raw, CancellationToken cancellationToken)
    {
        var buffered = new BufferedStream(raw, 1 << 16);
        var head = new byte[2];
        var read = await buffered.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellationToken);
        Stream whole = new Prefixed(head.AsMemory(0, read), buffered);
        return head is [0x1f, 0x8b] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    /// <summary>The runs from a position on.</summary>
    /// <param name="from">As <see cref="RunInFile.End"/> said; 0: all.</param>
    /// <param name="atLine">As <see cref="RunInFile.NextLine"/> said.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidDataException">The file is neither of the two, is cut short within an array, or is damaged.</exception>
    public async IAsyncEnumerable<RunInFile> ReadAsync(long from, long atLine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await PeekAsync(cancellationToken) == 0xEF) Skip(Math.Min(3, end - start));
        await SpaceAsync(cancellationToken);
        var isArray = await PeekAsync(cancellationToken) == '[';
        if (isArray) Skip(1);
        while (offset < from)
        {
            if (await PeekAsync(cancellationToken) < 0) throw new InvalidDataException("The file is shorter than it was when its import began.");
            Skip((int)Math.Min(end - start, from - offset));
        }

        if (from > 0) line = atLine;
        while (true)
        {
            await SpaceAsync(cancellationToken, alsoCommas: isArray);
            var next = await PeekAsync(cancellationToken);
            if (next < 0)
            {
                if (isArray) throw new InvalidDataException($"The file ends within its array, on line {line}.");
                yield break;
            }

            if (isArray && next == ']') yield break;
            var at = line;
            var json = isArray ? await ElementAsync(cancellationToken) : await LineAsync(cancellationToken);
            yield return new RunInFile(at, json, offset, line);
        }
    }

    async ValueTask<byte[]?> LineAsync(CancellationToken cancellationToken)
    {
        var looked = 0;
        while (true)
        {
            var found = buffer.AsSpan(start + looked, end - start - looked).IndexOf((byte)'\n');
            if (found >= 0 || !await MoreAsync())
            {
                var length = found >= 0 ? looked + found : end - start;
                var text = buffer.AsSpan(start, length).TrimEnd("\r \t"u8).ToArray();
                Skip(length);
                return text;
            }

            if (end - start <= MaxRun) continue;
            await SkipLineAsync(cancellationToken);
            return null;
        }

        ValueTask<bool> MoreAsync()
        {
            looked = end - start;
            return FillAsync(cancellationToken);
        }
    }

    async ValueTask SkipLineAsync(CancellationToken cancellationToken)
    {
        while (await PeekAsync(cancellationToken) >= 0)
        {
            var found = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            Skip(found >= 0 ? found : end - start);
            if (found >= 0) return;
        }
    }

    /// <summary>One element of the array: to where its brackets close, or to the next comma.</summary>
    async ValueTask<byte[]?> ElementAsync(CancellationToken cancellationToken)
    {
        var element = new ArrayBufferWriter<byte>(4096);
        var (depth, inText, escaped) = (0, false, false);
        while (true)
        {
            var c = await PeekAsync(cancellationToken);
            if (c < 0) throw new InvalidDataException($"The file ends within a run, on line {line}.");
            if (!inText && depth == 0 && element.WrittenCount > 0 && c is (',' or ']')) break;
            if (escaped) escaped = false;
            else if (inText && c == '\\') escaped = true;
            else if (c == '"') inText = !inText;
            else if (!inText && c is ('{' or '[')) depth++;
            else if (!inText && c is ('}' or ']')) depth--;

            if (element.WrittenCount < MaxRun)
            {
                // JSON's own texts have no line breaks: those outside are space.
                element.GetSpan(1)[0] = c is '\n' or '\r' ? (byte)' ' : (byte)c;
                element.Advance(1);
            }

            Skip(1);
            if (depth == 0 && !inText && c is ('}' or ']')) break;
        }

        return element.WrittenCount >= MaxRun ? null : element.WrittenSpan.TrimEnd(" \t"u8).ToArray();
    }

    async ValueTask SpaceAsync(CancellationToken cancellationToken, bool alsoCommas = false)
    {
        while (await PeekAsync(cancellationToken) is var c && (c is ' ' or '\t' or '\r' or '\n' || alsoCommas && c == ',')) Skip(1);
    }

    async ValueTask<int> PeekAsync(CancellationToken cancellationToken)
    {
        if (start == end && !await FillAsync(cancellationToken)) return -1;
        return buffer[start];
    }

    async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (end, start) = (end - start, 0);
        }

        if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
        end += read;
        return read > 0;
    }

    void Skip(int count)
    {
        line += buffer.AsSpan(start, count).Count((byte)'\n');
        start += count;
        offset += count;
    }

    /// <summary>Bytes that were looked at, then the rest.</summary>
    sealed class Prefixed(ReadOnlyMemory<byte> head, Stream rest) : Stream
    {
        ReadOnlyMemory<byte> head = head;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => head.Length > 0 ? Head(buffer) : rest.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            head.Length > 0 ? ValueTask.FromResult(Head(buffer.Span)) : rest.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) rest.Dispose();
            base.Dispose(disposing);
        }

        int Head(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, head.Length);
            head.Span[..count].CopyTo(buffer);
            head = head[count..];
            return count;
        }
    }
}
