namespace RunHub.Stats;

/// <summary>
/// Cuts a range of time into stretches of one length that people can read: 10 seconds to 12 hours, days, weeks. Where the range has no
/// end it goes to now, where it has no beginning to the oldest run that is added. <paramref name="byHour"/>: runs are added by the hour.
/// </summary>
sealed class TimeSplit(long from, long to, long now, int most, long offset, bool byHour)
{
    const long Second = 1_000_000, Minute = 60 * Second, Hour = 60 * Minute, Day = 24 * Hour;

    static readonly long[] Lengths =
    [
        10 * Second, 15 * Second, 30 * Second, Minute, 2 * Minute, 5 * Minute, 10 * Minute, 15 * Minute, 30 * Minute,
        Hour, 2 * Hour, 3 * Hour, 4 * Hour, 6 * Hour, 12 * Hour, Day, 2 * Day, 4 * Day, 7 * Day, 14 * Day, 28 * Day, 56 * Day, 112 * Day, 364 * Day,
    ];

    readonly SortedDictionary<long, long[]> counts = [];
    long since = long.MinValue;

    /// <summary>Beginning of the range; the smallest number: none.</summary>
    public long From => from;

    /// <summary>End of the range; the largest number: none.</summary>
    public long To => to;

    /// <summary>Nothing before this was looked at.</summary>
    public TimeSplit Since(long at)
    {
        since = at;
        return this;
    }

    /// <summary>Counts runs that began at a time (the beginning of an hour stands for the hour).</summary>
    public void Add(long at, RunStatus status, long count = 1)
    {
        if (count == 0) return;
        if (!counts.TryGetValue(at, out var here)) counts[at] = here = new long[6];
        here[(int)status] += count;
    }

    /// <summary>The stretches, oldest first, and how long one is.</summary>
    public (IReadOnlyList<StatsBucket> Buckets, long Length) Cut()
    {
        if (counts.Count == 0 && from == long.MinValue) return ([], 0);
        var first = from > long.MinValue ? Math.Max(from, since) : Math.Max(counts.Keys.First(), since);
        var last = to < long.MaxValue ? Math.Min(to, Math.Max(now, counts.Count == 0 ? now : counts.Keys.Last() + 1)) : now;
        if (last <= first) last = first + 1;
        var length = Lengths.FirstOrDefault(l => (l >= Hour || !byHour) && Begin(first, l) + most * l >= last, Lengths[^1]);
        while (Begin(first, length) + most * length < last) length *= 2;
        var begin = Begin(first, length);
        var buckets = new long[(int)((last - 1 - begin) / length) + 1][];
        for (var i = 0; i < buckets.Length; i++) buckets[i] = new long[6];
        foreach (var (at, here) in counts)
        {
            if (at < since) continue;
            var bucket = buckets[Math.Clamp((at - begin) / length, 0, buckets.Length - 1)];
            for (var s = 0; s < here.Length; s++) bucket[s] += here[s];
        }

        return ([.. buckets.Select((b, i) => new StatsBucket(Math.Max(begin + i * length, from), Math.Min(begin + (i + 1) * length, to), b))], length);
    }

    // Days begin where the reader's do; what was counted by the hour is cut at hours.
    long Begin(long at, long length)
    {
        var shift = length < Hour ? 0 : byHour ? offset / Hour * Hour : offset;
        var local = at + shift;
        var floor = local - ((local % length) + length) % length;
        return floor - shift;
    }
}
