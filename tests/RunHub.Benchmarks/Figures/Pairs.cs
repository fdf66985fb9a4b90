using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>Measuring in pairs: floor, product, floor, product.</summary>
static class Pairs
{
    /// <summary>Fills <paramref name="figure"/>; what goes wrong becomes its failure, and the others go on.</summary>
    /// <param name="bench">Options.</param>
    /// <param name="figure">The line.</param>
    /// <param name="floor">Measures the floor.</param>
    /// <param name="product">Measures the product.</param>
    /// <param name="settle">Runs after each product measurement: waits until what it left undone is done.</param>
    public static async Task<Figure> MeasureAsync(Bench bench, Figure figure, Func<Task<double>> floor, Func<Task<double>> product, Func<Task>? settle = null)
    {
        try
        {
            var pairs = figure.Rule == Rule.None ? Math.Min(bench.Options.Pairs, 2) : bench.Options.Pairs;
            for (var i = 0; i < pairs; i++)
            {
                var below = await floor();
                var value = await product();
                figure.Add(below, value);
                if (settle is not null) await settle();
            }

            bench.Say(FormattableString.Invariant($"{figure.Name}: {Figure.Number(figure.FloorValue)} / {Figure.Number(figure.ProductValue)} {figure.Unit}, ratio {figure.Ratio:0.00}{(figure.Passed == false ? " MISSED " + figure.LimitText : "")}"));
        }
        catch (Exception e)
        {
            figure.Failure = e.Message.ReplaceLineEndings(" ");
            bench.Say($"{figure.Name}: FAILED: {e}");
        }

        return figure;
    }

    /// <summary>As above, for measurements that complete at once.</summary>
    public static Task<Figure> MeasureAsync(Bench bench, Figure figure, Func<double> floor, Func<double> product, Func<Task>? settle = null) =>
        MeasureAsync(bench, figure, () => Task.FromResult(floor()), () => Task.FromResult(product()), settle);
}
