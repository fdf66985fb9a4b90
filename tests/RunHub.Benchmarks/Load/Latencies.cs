using System.Numerics;

namespace RunHub.Benchmarks.Load;

/// <summary>How long things took, in buckets at most 1.6% wide. Not thread-safe; merge those of several clients.</summary>
sealed class Latencies
{
    const int SubBits = 6;
    readonly long[] counts = new long[64 << SubBits];

    /// <summary>How many were added.</summary>
    public long Count { get; private set; }

    public void Add(TimeSpan took)
    {
        counts[Bucket(took.Ticks)]++;
        Count++;
    }

    public void Merge(Latencies other)
    {
        for (var i = 0; i < counts.Length; i++) counts[i] += other.counts[i];
        Count += other.Count;
    }

    /// <summary>The time within which the <paramref name="share"/> of them (0–1) ended.</summary>
    public TimeSpan Quantile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(Count * share));
        for (var i = 0; i < counts.Length; i++)
        {
            if ((rank -= counts[i]) <= 0) return TimeSpan.FromTicks(Middle(i));
        }

        return TimeSpan.Zero;
    }

    static int Bucket(long ticks)
    {
        if (ticks < 1 << SubBits) return (int)Math.Max(0, ticks);
        var shift = BitOperations.Log2((ulong)ticks) - SubBits;
        return (shift + 1 << SubBits) + (int)(ticks >> shift) - (1 << SubBits);
    }

    static long Middle(int bucket)
    {
        if (bucket < 1 << SubBits) return bucket;
        var shift = (bucket >> SubBits) - 1;
        return (long)((bucket & (1 << SubBits) - 1) + (1 << SubBits)) * (1L << shift) + (1L << shift) / 2;
    }
}
