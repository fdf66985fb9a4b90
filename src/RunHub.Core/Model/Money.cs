namespace RunHub;

/// <summary>US dollars as whole nano-dollars.</summary>
public static class Money
{
    /// <summary>Rounds half away from zero to a nano-dollar.</summary>
    public static long ToNano(decimal dollars) => (long)decimal.Round(dollars * 1_000_000_000m, MidpointRounding.AwayFromZero);

    /// <summary>Dollars without trailing zeros.</summary>
    public static decimal FromNano(long nano) => nano / 1_000_000_000m;
}
