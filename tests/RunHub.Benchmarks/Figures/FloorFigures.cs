using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>The floors alone (<c>--only floors</c>): what this machine gives when nothing but the least is done.</summary>
static class FloorFigures
{
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var figures = new List<Figure>();
        void Add(string name, string unit, LoadResult result)
        {
            var figure = new Figure { Group = "Floors alone", Name = name, Floor = "", Unit = unit, Note = FormattableString.Invariant($"p50 {result.P50:0.00} ms, p99 {result.P99:0.00} ms") };
            figure.Add(result.Rate, double.NaN);
            figures.Add(figure);
            bench.Say(name);
        }

        using (var statements = bench.PreparedStatements())
        {
            statements.Run(bench.Options.WarmUp);
            Add("(a) units by prepared statements, 100 a transaction", "units/s", statements.Run(bench.Options.Duration));
        }

        using (var server = FloorProcess.Start(bench.Folder, new FloorSetup { FloorFile = bench.NewFile() }))
        {
            foreach (var (batch, clients, steps) in new[] { (1, 1, false), (1, 32, false), (1, 128, false), (100, 8, false), (100, 8, true) })
            {
                var result = ClosedLoop.Run(server.Port, clients, bench.Options.Duration, bench.Options.WarmUp, c => new NewRuns(bench.Texts.Request("/runs", batch, steps, c)));
                Add(FormattableString.Invariant($"(b) endpoint with group commit, {batch} {(steps ? "units" : "runs")} a request, {clients} clients"), "runs/s", result);
            }

            Add("(e) hello, 8 clients", "requests/s", ClosedLoop.Run(server.Port, 8, bench.Options.Duration, bench.Options.WarmUp, _ => new Rotation([Requests.Get("/")])));
            await server.Use.QuietAsync();
        }

        return figures;
    }
}
