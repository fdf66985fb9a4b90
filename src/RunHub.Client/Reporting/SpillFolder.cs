using System.Globalization;
using System.Text.Json;

namespace RunHub.Client.Reporting;

/// <summary>
/// What could not be sent, on disk: files of one JSON object per line, appended and synced, sent again in the order in which
/// they were written, and deleted when they were. A process takes a part of the folder of its own, <c>0</c>, <c>1</c> …,
/// behind a lock, and prefers one that another has left something in. One user at a time: the sender.
/// </summary>
sealed class SpillFolder : IDisposable
{
    const int MaxParts = 1000;
    const long SegmentBytes = 4 << 20;
    readonly long maxBytes;
    readonly string folder;
    readonly FileStream hold;
    readonly LinkedList<(string File, long Length)> segments = new();
    FileStream? writing;
    long readOffset;
    long next;

    SpillFolder(string folder, FileStream hold, long maxBytes)
    {
        (this.folder, this.hold, this.maxBytes) = (folder, hold, maxBytes);
        foreach (var file in Directory.EnumerateFiles(folder, "*.ndjson").Order(StringComparer.Ordinal))
        {
            var length = WholeLines(file);
            if (length == 0)
            {
                File.Delete(file);
                continue;
            }

            segments.AddLast((file, length));
            if (long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) next = Math.Max(next, number + 1);
        }
    }

    /// <summary>Bytes that wait.</summary>
    public long Bytes => segments.Sum(s => s.Length) - readOffset;

    public bool IsEmpty => segments.Count == 0;

    /// <summary>Takes a part of the folder; creates it where there is none.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static SpillFolder Open(string path, long maxBytes)
    {
        Directory.CreateDirectory(path);
        var left = Directory.EnumerateFiles(path, "*.ndjson", SearchOption.AllDirectories).Select(f => Path.GetFileName(Path.GetDirectoryName(f)!)).ToHashSet(StringComparer.Ordinal);
        foreach (var part in Enumerable.Range(0, MaxParts).Select(i => i.ToString(CultureInfo.InvariantCulture)).OrderByDescending(left.Contains))
        {
            var own = Path.Combine(path, part);
            Directory.CreateDirectory(own);
            if (TryLock(Path.Combine(own, "lock")) is { } hold) return new SpillFolder(own, hold, maxBytes);
        }

        throw new IOException($"All {MaxParts} parts of {path} are taken by other processes.");
    }

    /// <summary>Writes lines and syncs them; false: no room, nothing was written.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing was written.</exception>
    public bool Append(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        var size = lines.Sum(l => (long)l.Length + 1);
        if (Bytes + size > maxBytes) return false;
        if (writing is not null && writing.Length >= SegmentBytes) CloseWriting();
        if (writing is null)
        {
            var file = Path.Combine(folder, next++.ToString("D10", CultureInfo.InvariantCulture) + ".ndjson");
            writing = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16);
            segments.AddLast((file, 0));
        }

        var before = segments.Last!.Value.Length;
        try
        {
            foreach (var line in lines)
            {
                writing.Write(line.Span);
                writing.WriteByte((byte)'\n');
            }

            writing.Flush(flushToDisk: true);
            segments.Last.Value = (segments.Last.Value.File, before + size);
            return true;
        }
        catch (IOException)
        {
            Undo(before);
            throw;
        }
    }

    /// <summary>
    /// The oldest lines, at least one and no more than about <paramref name="maxBytesRead"/>, each with where it ends; unreadable
    /// ones are told and left out. <paramref name="bytes"/>: where all that was looked at ends.
    /// </summary>
    public List<(ReadOnlyMemory<byte> Json, long End)> Peek(int maxLines, int maxBytesRead, Action<ReadOnlyMemory<byte>> unreadable, out long bytes)
    {
        var lines = new List<(ReadOnlyMemory<byte>, long)>();
        bytes = 0;
        if (segments.First is not { } first) return lines;
        using var file = new FileStream(first.Value.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = readOffset;
        var buffer = new byte[(int)Math.Min(first.Value.Length - readOffset, maxBytesRead)];
        file.ReadExactly(buffer);
        var end = Array.LastIndexOf(buffer, (byte)'\n');
        while (end < 0)
        {
            // One line longer than that: the whole of it. A segment ends with a line's end.
            var more = new byte[(int)Math.Min(first.Value.Length - readOffset, buffer.Length * 2L)];
            buffer.CopyTo(more, 0);
            file.ReadExactly(more.AsSpan(buffer.Length));
            end = Array.IndexOf(more, (byte)'\n', buffer.Length);
            buffer = more;
        }

        for (var at = 0; at <= end && lines.Count < maxLines;)
        {
            var stop = Array.IndexOf(buffer, (byte)'\n', at);
            var line = buffer.AsMemory(at, stop - at);
            at = stop + 1;
            bytes = at;
            if (IsObject(line.Span)) lines.Add((line, at));
            else if (!line.Span.Trim(" \r\0"u8).IsEmpty) unreadable(line);
        }

        return lines;
    }

    /// <summary>The oldest bytes are settled; a segment that is through is deleted.</summary>
    public void Advance(long bytes)
    {
        readOffset += bytes;
        var first = segments.First!.Value;
        if (readOffset < first.Length) return;
        if (segments.Count == 1) CloseWriting();
        File.Delete(first.File);
        segments.RemoveFirst();
        readOffset = 0;
    }

    public void Dispose()
    {
        CloseWriting();
        hold.Dispose();
    }

    void CloseWriting()
    {
        writing?.Dispose();
        writing = null;
    }

    void Undo(long length)
    {
        var file = segments.Last!.Value.File;
        try
        {
            CloseWriting();
        }
        catch (IOException)
        {
            // What it held in memory could not be written either.
            writing = null;
        }

        if (length == 0)
        {
            segments.RemoveLast();
            File.Delete(file);
        }
        else
        {
            using var cut = new FileStream(file, FileMode.Open, FileAccess.Write);
            cut.SetLength(length);
        }
    }

    /// <summary>Cuts a last line that was half-written when its process died; answers what is left.</summary>
    static long WholeLines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var end = file.Length;
        var buffer = new byte[1 << 16];
        while (end > 0)
        {
            var from = Math.Max(0, end - buffer.Length);
            file.Position = from;
            var part = buffer.AsSpan(0, (int)(end - from));
            file.ReadExactly(part);
            var last = part.LastIndexOf((byte)'\n');
            end = last < 0 ? from : from + last + 1;
            if (last >= 0) break;
        }

        if (end < file.Length) file.SetLength(end);
        return end;
    }

    static bool IsObject(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 1024 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
            json.Skip();
            return !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static FileStream? TryLock(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
