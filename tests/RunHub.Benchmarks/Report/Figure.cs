using System.Globalization;

namespace RunHub.Benchmarks.Report;

/// <summary>What is compared with the limit.</summary>
enum Rule
{
    /// <summary>No limit: for information.</summary>
    None,

    /// <summary>Product ÷ floor must be at least the limit.</summary>
    RatioAtLeast,

    /// <summary>Product ÷ floor must be at most the limit.</summary>
    RatioAtMost,

    /// <summary>The product's value must be at most the limit.</summary>
    ValueAtMost,
}

/// <summary>
/// One line of the table: floor and product measured in turn, several times; the medians stand in the table, and the ratio is
/// the median of the pairs' ratios, so that a machine that is slow for a while is slow for both.
/// </summary>
sealed class Figure
{
    readonly List<(double Floor, double Product)> pairs = [];

    /// <summary>What it belongs to.</summary>
    public required string Group { get; init; }

    /// <summary>What was measured.</summary>
    public required string Name { get; init; }

    /// <summary>What stands beside it.</summary>
    public required string Floor { get; init; }

    /// <summary>Unit of both values.</summary>
    public required string Unit { get; init; }

    /// <summary>How it is judged.</summary>
    public Rule Rule { get; init; }

    /// <summary>The limit.</summary>
    public double Limit { get; init; }

    /// <summary>More to say about it: quantiles, sizes.</summary>
    public string Note { get; set; } = "";

    /// <summary>Why there is no value.</summary>
    public string? Failure { get; set; }

    /// <summary>Pairs measured.</summary>
    public int Pairs => pairs.Count;

    public double FloorValue => Median(pairs.Select(p => p.Floor));

    public double ProductValue => Median(pairs.Select(p => p.Product));

    public double Ratio => Median(pairs.Where(p => p.Floor > 0).Select(p => p.Product / p.Floor));

    /// <summary>Null where there is no limit.</summary>
    public bool? Passed => Failure is not null ? Rule == Rule.None ? null : false : Rule switch
    {
        Rule.RatioAtLeast => Ratio >= Limit,
        Rule.RatioAtMost => Ratio <= Limit,
        Rule.ValueAtMost => ProductValue <= Limit,
        _ => null,
    };

    /// <summary>The limit in words.</summary>
    public string LimitText => Limit == 0 ? "" : Rule switch
    {
        Rule.RatioAtLeast => "≥ " + Number(Limit) + " ×",
        Rule.RatioAtMost => "≤ " + Number(Limit) + " ×",
        Rule.ValueAtMost => "≤ " + Number(Limit) + " " + Unit,
        _ => "",
    };

    /// <summary>Adds a pair.</summary>
    public void Add(double floor, double product) => pairs.Add((floor, product));

    /// <summary>Three significant digits or so.</summary>
    public static string Number(double value) => double.IsNaN(value) ? "–" : Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0##", CultureInfo.InvariantCulture),
    };

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Where(v => !double.IsNaN(v)).Order().ToArray();
        if (sorted.Length == 0) return double.NaN;
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
