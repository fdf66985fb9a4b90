namespace RunHub.Store.Payloads;

/// <summary>Where a payload lies in its run's chunks.</summary>
/// <param name="At">Chunk number &lt;&lt; 18 | offset in the uncompressed chunk (chunks hold at most 256 KiB).</param>
/// <param name="Length">Bytes; may run on into the following chunks.</param>
public readonly record struct PayloadRef(long At, long Length)
{
    internal const int ChunkBits = 18;

    /// <summary>Uncompressed size of a full chunk, 256 KiB.</summary>
    public const int ChunkSize = 1 << ChunkBits;

    /// <summary>Number of the first chunk.</summary>
    public long Chunk => At >> ChunkBits;

    /// <summary>Offset in the first chunk.</summary>
    public int Offset => (int)(At & (ChunkSize - 1));
}
