namespace RunHub.Access.Sessions;

/// <summary>
/// Token buckets in memory: each name may try <c>burst</c> times, then once per <c>interval</c>. Full buckets are
/// forgotten; when too many names are known at once the fullest go.
/// </summary>
public sealed class Throttle(TimeProvider time, int burst, TimeSpan interval, int maxNames = 20_000)
{
    readonly Dictionary<string, Bucket> buckets = new(StringComparer.Ordinal);
    readonly Lock gate = new();

    /// <summary>Takes one try from <paramref name="name"/>; else how long to wait.</summary>
    public TimeSpan? Take(string name)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var bucket = buckets.TryGetValue(name, out var known) ? Refill(known, now) : new Bucket(burst, now);
            if (bucket.Tries < 1)
            {
                buckets[name] = bucket;
                return interval * (1 - bucket.Tries);
            }

            buckets[name] = bucket with { Tries = bucket.Tries - 1 };
            if (buckets.Count > maxNames) Forget(now);
            return null;
        }
    }

    /// <summary>The try was a good one: it does not count.</summary>
    public void GiveBack(string name)
    {
        lock (gate)
        {
            if (buckets.TryGetValue(name, out var bucket)) buckets[name] = bucket with { Tries = Math.Min(burst, bucket.Tries + 1) };
        }
    }

    Bucket Refill(Bucket bucket, long now) => new(Math.Min(burst, bucket.Tries + time.GetElapsedTime(bucket.At, now) / interval), now);

    void Forget(long now)
    {
        foreach (var name in buckets.OrderByDescending(b => Refill(b.Value, now).Tries).Take(buckets.Count / 2).Select(b => b.Key).ToList()) buckets.Remove(name);
    }

    readonly record struct Bucket(double Tries, long At);
}
