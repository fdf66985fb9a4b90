using System.Globalization;

namespace RunHub.Demo;

/// <summary>Chance with a seed: the same seed tells the same story.</summary>
sealed class Draw(int seed)
{
    readonly Random random = new(seed);

    /// <summary>True in <paramref name="probability"/> of the cases.</summary>
    public bool Chance(double probability) => random.NextDouble() < probability;

    /// <summary>A whole number, both ends included.</summary>
    public int Between(int from, int to) => random.Next(from, to + 1);

    /// <summary>A number.</summary>
    public double Between(double from, double to) => from + random.NextDouble() * (to - from);

    /// <summary>One of them.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Several different ones, in their order.</summary>
    public List<T> Some<T>(IReadOnlyList<T> items, int count) => [.. items.Select((item, index) => (item, index, Key: random.NextDouble()))
        .OrderBy(x => x.Key).Take(count).OrderBy(x => x.index).Select(x => x.item)];

    /// <summary>Milliseconds as computers take them: mostly near the median, now and then far above.</summary>
    public int Millis(double median, double spread = 0.35) => Math.Max(1, (int)(median * Math.Exp(Normal() * spread)));

    /// <summary>Bell curve, mean 0, deviation 1.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>How many events of a mean rate fall into one interval.</summary>
    public int Poisson(double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), 1.0, 0);
        while ((product *= 1 - random.NextDouble()) > limit) count++;
        return count;
    }

    /// <summary>Lower-case hexadecimal digits.</summary>
    public string Hex(int digits) => string.Create(digits, random, static (span, r) =>
    {
        foreach (ref var c in span) c = "0123456789abcdef"[r.Next(16)];
    });

    /// <summary>An id as RunHub makes them: sorts by <paramref name="time"/>.</summary>
    public string Id(string prefix, DateTimeOffset time)
    {
        var hex = time.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture) + "7" + Hex(3) + "8" + Hex(15);
        return prefix + Ids.Base32(Guid.ParseExact(hex, "N"));
    }
}
