namespace RunHub.Store.Payloads;

/// <summary>Reads payloads of one run.</summary>
public static class PayloadReader
{
    /// <summary>Reads all payloads <paramref name="references"/> name; each chunk is unpacked once.</summary>
    public static async Task<PayloadSet> ReadAsync(SqlSession sql, long runNo, IEnumerable<PayloadRef?> references, CancellationToken cancellationToken)
    {
        var wanted = references.OfType<PayloadRef>().Where(r => r.Length > 0).Distinct().ToList();
        var set = new PayloadSet();
        if (wanted.Count == 0) return set;
        var numbers = wanted.SelectMany(Chunks).Distinct().Order().ToList();
        var chunks = await ChunksAsync(sql, runNo, numbers, cancellationToken);
        foreach (var reference in wanted) set.Add(reference, Assemble(reference, chunks));
        return set;
    }

    static IEnumerable<long> Chunks(PayloadRef reference)
    {
        var last = reference.Chunk + (reference.Offset + reference.Length - 1) / PayloadRef.ChunkSize;
        for (var chunk = reference.Chunk; chunk <= last; chunk++) yield return chunk;
    }

    static async Task<Dictionary<long, byte[]>> ChunksAsync(SqlSession sql, long runNo, List<long> numbers, CancellationToken cancellationToken)
    {
        var chunks = new Dictionary<long, byte[]>(numbers.Count);
        // One range read where the chunks lie together (nearly always), one look-up each where they do not.
        var dense = numbers[^1] - numbers[0] < numbers.Count * 2;
        var ranges = dense ? [(numbers[0], numbers[^1])] : numbers.ConvertAll(n => (First: n, Last: n));
        foreach (var (first, last) in ranges)
        {
            await using var reader = await sql.Prepare("SELECT chunk, codec, raw_len, data FROM payloads WHERE run_no = @run_no AND chunk BETWEEN @first AND @last")
                .With(runNo, first, last).ReadAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                chunks[reader.GetInt64(0)] = PayloadPacker.Unpack((PayloadCodec)reader.GetInt64(1), (int)reader.GetInt64(2), (byte[])reader.GetValue(3));
        }

        return chunks;
    }

    static ReadOnlyMemory<byte> Assemble(PayloadRef reference, Dictionary<long, byte[]> chunks)
    {
        var first = Chunk(reference.Chunk);
        if (reference.Offset + reference.Length <= first.Length) return first.AsMemory(reference.Offset, (int)reference.Length);
        var whole = new byte[reference.Length];
        var (filled, offset) = (0, reference.Offset);
        for (var chunk = reference.Chunk; filled < whole.Length; chunk++, offset = 0)
        {
            var part = Chunk(chunk).AsSpan(offset);
            part = part[..Math.Min(part.Length, whole.Length - filled)];
            part.CopyTo(whole.AsSpan(filled));
            filled += part.Length;
        }

        return whole;

        byte[] Chunk(long number) => chunks.TryGetValue(number, out var bytes) ? bytes : throw new InvalidDataException($"Payload chunk {number} is missing.");
    }
}

/// <summary>Payloads of one run, by reference.</summary>
public sealed class PayloadSet
{
    readonly Dictionary<PayloadRef, ReadOnlyMemory<byte>> payloads = [];

    /// <summary>Nothing.</summary>
    public static PayloadSet Empty { get; } = new();

    /// <summary>The JSON text behind a reference; empty for null or for one that was not asked for.</summary>
    public ReadOnlyMemory<byte> this[PayloadRef? reference] => reference is { } r ? payloads.GetValueOrDefault(r) : default;

    /// <summary>The payload behind a reference; null for null or for one that was not asked for.</summary>
    public JsonPayload? Get(PayloadRef? reference) => this[reference] is { Length: > 0 } utf8 ? new JsonPayload(utf8) : null;

    internal void Add(PayloadRef reference, ReadOnlyMemory<byte> utf8) => payloads[reference] = utf8;
}
