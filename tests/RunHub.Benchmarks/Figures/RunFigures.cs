using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>A run with ten steps, as page and as API.</summary>
static class RunFigures
{
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench, ListHub hub) =>
        [await RunAsync(bench, hub, html: true, 0.45), await RunAsync(bench, hub, html: false, null)];

    static Task<Figure> RunAsync(Bench bench, ListHub hub, bool html, double? limit)
    {
        var figure = new Figure
        {
            Group = "Run page", Name = $"{(html ? "page" : "API")} of a run with 10 steps, {hub.Name}", Floor = "(d) same SQL, same bytes", Unit = "requests/s",
            Rule = limit is null ? Rule.None : Rule.RatioAtLeast, Limit = limit ?? 0,
        };
        return Pairs.MeasureAsync(bench, figure, () => Load(hub.Floor.Port, i => hub.FloorRunRequest(i, html)).Rate, () =>
        {
            var result = Load(hub.Product.Port, i => hub.RunRequest(i, html));
            var size = hub.RunIds.Select((_, i) => hub.RunSize(i, html)).Average();
            figure.Note = FormattableString.Invariant($"{hub.RunIds.Count} runs in turn, {size / 1024:0.0} KB on average, p50 {result.P50:0.00} ms, p99 {result.P99:0.00} ms at 8 clients");
            return result.Rate;
        });
        LoadResult Load(int port, Func<int, byte[]> request)
        {
            var requests = hub.RunIds.Select((_, i) => request(i)).ToList();
            return ClosedLoop.Run(port, 8, bench.Options.Duration, bench.Options.WarmUp, c => new Rotation(requests, c * 7));
        }
    }
}
