using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>
/// The two pages people spend their day on: what they take with many runs against a thousand, and while runs come in. The first
/// answer of the server, without the fragments a page asks for when it stands.
/// </summary>
static class PageFigures
{
    /// <summary>Runs in the smallest database.</summary>
    public const int FewRuns = 1000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench, ListHub many, ListHub few)
    {
        var figures = new List<Figure>();
        foreach (var (name, requests) in ((string, Func<ListHub, IReadOnlyList<byte[]>>)[])[("/runs", hub => [hub.ListPage]), ("page of a run with 20 steps", hub => hub.TwentyStepPages)])
        {
            foreach (var hub in (ListHub[])[many, few]) ClosedLoop.Run(hub.Product.Port, 4, bench.Options.Duration, TimeSpan.Zero, c => new Rotation(requests(hub), c));
            var growth = new Figure
            {
                Group = "Pages", Name = $"{name}, median of one client, {many.Name}", Floor = $"the same with {few.Name}", Unit = "ms", Rule = Rule.RatioAtMost, Limit = 2,
            };
            figures.Add(await Pairs.MeasureAsync(bench, growth, () => Median(few, requests), () => Median(many, requests)));
            figures.Add(await WhileIngestingAsync(bench, many, name, requests(many)));
        }

        return figures;

        double Median(ListHub hub, Func<ListHub, IReadOnlyList<byte[]>> requests) =>
            ClosedLoop.Run(hub.Product.Port, 1, bench.Options.Duration, bench.Options.WarmUp, _ => new Rotation(requests(hub))).P50;
    }

    /// <summary>500 runs a second come in one by one over 4 connections while 50 pages a second are read over 4, both at fixed times.</summary>
    static Task<Figure> WhileIngestingAsync(Bench bench, ListHub hub, string name, IReadOnlyList<byte[]> requests)
    {
        var figure = new Figure { Group = "Pages", Name = $"{name}, p99 while 500 runs/s come in, {hub.Name}", Floor = "nothing comes in", Unit = "ms", Rule = Rule.ValueAtMost, Limit = 60 };
        return Pairs.MeasureAsync(bench, figure, () => ReadAsync(), async () =>
        {
            using var ingest = new PacedLoop(hub.Product.Port, 4, 500, c => new NewRuns(bench.Texts.Request("/api/runs", 1, steps: false, c, Product.ProductServer.KeyHeader)));
            await Task.Delay(bench.Options.WarmUp);
            var p99 = await ReadAsync();
            figure.Note = FormattableString.Invariant($"50 pages/s; took in {ingest.Stop().Rate:#,0} runs/s");
            return p99;
        }, () => hub.Product.Use.QuietAsync());

        async Task<double> ReadAsync()
        {
            using var reads = new PacedLoop(hub.Product.Port, 4, 50, c => new Rotation(requests, c));
            await Task.Delay(bench.Options.Duration * 2);
            return reads.Stop().P99;
        }
    }
}
