namespace RunHub.Store.Rollups;

/// <summary>
/// Log-bucketed counts of durations: bucket <c>i</c> holds values in (1.02^(i-1), 1.02^i] milliseconds, bucket 0 holds
/// 0 and 1, so a quantile is at most 1% off. Counts may be negative in a delta: histograms subtract exactly.
/// </summary>
public sealed class Histogram
{
    const double Growth = 1.02;
    static readonly double LogGrowth = Math.Log(Growth);
    readonly SortedDictionary<int, long> buckets = [];

    /// <summary>How many values.</summary>
    public long Count { get; private set; }

    /// <summary>Buckets that are not empty, ascending.</summary>
    public IEnumerable<KeyValuePair<int, long>> Buckets => buckets;

    /// <summary>Bucket of a duration in milliseconds.</summary>
    public static int BucketOf(long ms) => ms <= 1 ? 0 : (int)Math.Ceiling(Math.Log(ms) / LogGrowth - 1e-9);

    /// <summary>Adds <paramref name="count"/> values (negative: takes them away).</summary>
    public void Add(int bucket, long count)
    {
        Count += count;
        var now = buckets.GetValueOrDefault(bucket) + count;
        if (now == 0) buckets.Remove(bucket);
        else buckets[bucket] = now;
    }

    /// <summary>The value below which <paramref name="q"/> (0–1) of the values lie, in milliseconds; null when empty.</summary>
    public double? Quantile(double q)
    {
        if (Count <= 0) return null;
        var rank = Math.Max(1, (long)Math.Ceiling(q * Count));
        long seen = 0;
        foreach (var (bucket, count) in buckets)
        {
            seen += count;
            // The middle of the bucket in log space: at most half a bucket from any value in it.
            if (seen >= rank) return bucket == 0 ? 1 : Math.Pow(Growth, bucket - 0.5);
        }

        return Math.Pow(Growth, buckets.Keys.Last() - 0.5);
    }
}
