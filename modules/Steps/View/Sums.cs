namespace RunHub.Steps.View;

/// <summary>Sums of figures that came from outside: one that is too large for a number stays at the largest, instead of failing or turning negative.</summary>
static class Sums
{
    /// <summary>The sum of what is known.</summary>
    public static long Of(IEnumerable<long?> figures)
    {
        Int128 sum = 0;
        foreach (var figure in figures) sum += figure ?? 0;
        return (long)Int128.Clamp(sum, long.MinValue, long.MaxValue);
    }
}
