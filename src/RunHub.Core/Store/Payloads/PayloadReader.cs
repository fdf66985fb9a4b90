namespace RunHub.Store.Payloads;

/// <summary>Reads payloads of one run.</summary>
public static class PayloadReader
{
    /// <summary>Reads all payloads <paramref name="references"/> name; each chunk is unpacked once.</summary>
    public static async Task<PayloadSet> ReadAsync(SqlSession sql, long runNo, IEnumerable<PayloadRef?> references, CancellationToken cancellationToken)
    {
        var wanted = references.OfType<PayloadRef>().Where(r => r.Length > 0).ToList();
        if (wanted.Count == 0) return new PayloadSet();
        var payloads = new RunPayloads(sql, runNo);
        foreach (var reference in wanted) payloads.Want(reference);
        await payloads.LoadAsync(cancellationToken);
        return payloads.Of(wanted);
    }
}

/// <summary>
/// Payloads of one run for a page put together by several: a chunk is read and unpacked once, whoever asked for it first.
/// Belongs to its session.
/// </summary>
public sealed class RunPayloads(SqlSession sql, long runNo)
{
    readonly Dictionary<long, byte[]> chunks = [];
    readonly List<long> missing = [];

    /// <summary>Says that a payload will be asked for.</summary>
    public void Want(PayloadRef? reference)
    {
        if (reference is not { Length: > 0 } r) return;
        var last = r.Chunk + (r.Offset + r.Length - 1) / PayloadRef.ChunkSize;
        for (var chunk = r.Chunk; chunk <= last; chunk++)
            if (!chunks.ContainsKey(chunk) && !missing.Contains(chunk)) missing.Add(chunk);
    }

    /// <summary>Reads what is wanted and not there yet.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (missing.Count == 0) return;
        missing.Sort();
        // One range read where the chunks lie together (nearly always), one look-up each where they do not.
        var dense = missing[^1] - missing[0] < missing.Count * 2;
        for (var i = 0; i < (dense ? 1 : missing.Count); i++)
        {
            await using var reader = await sql.Prepare("SELECT chunk, codec, raw_len, data FROM payloads WHERE run_no = @run_no AND chunk BETWEEN @first AND @last")
                .With(runNo, missing[i], dense ? missing[^1] : missing[i]).ReadAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                chunks[reader.GetInt64(0)] = PayloadPacker.Unpack((PayloadCodec)reader.GetInt64(1), (int)reader.GetInt64(2), (byte[])reader.GetValue(3));
        }

        missing.Clear();
    }

    /// <summary>The JSON text behind a reference that was wanted and loaded; empty for null.</summary>
    public ReadOnlyMemory<byte> this[PayloadRef? reference] => reference is { Length: > 0 } r ? Assemble(r) : default;

    /// <summary>Some that were wanted and loaded, to be kept beyond the session.</summary>
    public PayloadSet Of(IEnumerable<PayloadRef> references)
    {
        var set = new PayloadSet();
        foreach (var reference in references) set.Add(reference, this[reference]);
        return set;
    }

    ReadOnlyMemory<byte> Assemble(PayloadRef reference)
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
    }

    byte[] Chunk(long number) => chunks.TryGetValue(number, out var bytes) ? bytes : throw new InvalidDataException($"Payload chunk {number} is missing.");
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
