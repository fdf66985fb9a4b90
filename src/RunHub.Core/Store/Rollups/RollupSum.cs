namespace RunHub.Store.Rollups;

/// <summary>Adds up very many stored cells: straight from their bytes, into arrays.</summary>
sealed class RollupSum
{
    // The largest duration there is falls into bucket 2,206.
    const int Buckets = 2_300;
    readonly long[] counts = new long[RollupCell.Fixed];
    readonly long[] buckets = new long[Buckets];

    /// <summary>Adds a stored cell.</summary>
    public void Add(ReadOnlySpan<byte> stored)
    {
        RollupCell.Begin(ref stored);
        for (var i = 0; i < counts.Length; i++) counts[i] += RollupCell.Next(ref stored);
        var bucket = 0;
        while (stored.Length > 0)
        {
            bucket += (int)RollupCell.Next(ref stored);
            buckets[Math.Clamp(bucket, 0, Buckets - 1)] += RollupCell.Next(ref stored);
        }
    }

    /// <summary>The sum.</summary>
    public RollupCell ToCell()
    {
        var cell = new RollupCell();
        cell.Add(counts);
        for (var i = 0; i < Buckets; i++)
            if (buckets[i] != 0) cell.Durations.Add(i, buckets[i]);
        return cell;
    }

    /// <summary>Reads how many runs of each status a stored cell has.</summary>
    public static void ByStatus(ReadOnlySpan<byte> stored, Span<long> into)
    {
        RollupCell.Begin(ref stored);
        for (var i = 0; i < into.Length; i++) into[i] += RollupCell.Next(ref stored);
    }
}
