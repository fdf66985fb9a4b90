using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>Runs coming in over HTTP, durable: batches of 1 to 1000 by 1 to 128 clients.</summary>
static class IngestFigures
{
    const string Group = "Ingest";
    static readonly int[] Batches = [1, 10, 100, 1000];
    static readonly int[] Clients = [1, 8, 32, 128];

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench, string program)
    {
        var figures = new List<Figure>();
        await using var product = await ProductServer.StartAsync(program, Path.Combine(bench.Folder, "ingest"));
        using var floor = FloorProcess.Start(bench.Folder, new FloorSetup { FloorFile = bench.NewFile() });
        Check(bench, product.Port);

        // Both warm before the first figure: the runtime compiles hot code twice.
        foreach (var batch in (int[])[1, 100])
        {
            Load(bench, floor.Port, "/runs", batch, 32, steps: true);
            Load(bench, product.Port, "/api/runs", batch, 32, steps: true);
        }

        await SettleAsync(product, floor);
        var best = new Figure
        {
            Group = Group, Name = "single runs, 32 clients", Floor = "(b) bare endpoint, group commit", Unit = "runs/s", Rule = Rule.RatioAtLeast, Limit = 0.6,
        };
        figures.Add(await HttpAsync(bench, best, product, floor, 1, 32, steps: false));

        using (var statements = bench.PreparedStatements())
        {
            statements.Run(bench.Options.WarmUp);
            var units = new Figure
            {
                Group = Group, Name = "units of a run and 4 steps, 100 a request, 8 clients", Floor = "(a) prepared statements, 100 a transaction, in process", Unit = "units/s",
                Rule = Rule.RatioAtLeast, Limit = 0.55,
            };
            LoadResult? last = null;
            figures.Add(await Pairs.MeasureAsync(bench, units, () => statements.Run(bench.Options.Duration).Rate,
                () => (last = Load(bench, product.Port, "/api/runs", 100, 8, steps: true)).Rate, () => SettleAsync(product, floor)));
            units.Note = FormattableString.Invariant($"{bench.Texts.UnitBytes / 1000:0.0} KB of JSON a unit, {Data.RunGenerator.UnitPayloadBytes / 1000.0:0.0} of them payloads; {Times(last)}");
        }

        figures.Add(await HttpAsync(bench, new Figure { Group = Group, Name = "the same over HTTP on both sides", Floor = "(b) bare endpoint, group commit", Unit = "units/s" },
            product, floor, 100, 8, steps: true));
        foreach (var batch in Batches)
        {
            foreach (var clients in Clients)
            {
                if (bench.Options.Quick && clients is 1 or 128 && batch is 10 or 1000) continue;
                var name = batch == 1 ? $"1 run a request, {clients} client{(clients == 1 ? "" : "s")}" : $"{batch} runs a request, {clients} client{(clients == 1 ? "" : "s")}";
                figures.Add(await HttpAsync(bench, new Figure { Group = Group, Name = name, Floor = "(b)", Unit = "runs/s" }, product, floor, batch, clients, steps: false));
            }
        }

        await SettleAsync(product, floor);
        figures.Add(MemoryFigures.After(product, floor, "after the ingest above"));
        return figures;
    }

    static Task<Figure> HttpAsync(Bench bench, Figure figure, ProductServer product, FloorProcess floor, int batch, int clients, bool steps)
    {
        LoadResult? last = null;
        var measured = Pairs.MeasureAsync(bench, figure, () => Load(bench, floor.Port, "/runs", batch, clients, steps).Rate, () =>
        {
            last = Load(bench, product.Port, "/api/runs", batch, clients, steps);
            figure.Note = Times(last);
            return last.Rate;
        }, () => SettleAsync(product, floor));
        return measured;
    }

    static LoadResult Load(Bench bench, int port, string path, int batch, int clients, bool steps) =>
        ClosedLoop.Run(port, clients, bench.Options.Duration, bench.Options.WarmUp, c => new NewRuns(bench.Texts.Request(path, batch, steps, c, ProductServer.KeyHeader)));

    static string Times(LoadResult? result) => result is null ? ""
        : FormattableString.Invariant($"p50 {result.P50:0.0} ms, p99 {result.P99:0.0} ms{(result.Refused > 0 ? $", {result.Refused} refused for now (503)" : "")}");

    static async Task SettleAsync(ProductServer product, FloorProcess floor)
    {
        await floor.Use.QuietAsync();
        await product.Use.QuietAsync();
    }

    /// <summary>The product takes the requests whole: a fast refusal is no throughput.</summary>
    static void Check(Bench bench, int port)
    {
        foreach (var steps in (bool[])[false, true])
        {
            var answer = ClosedLoop.Fetch(port, bench.Texts.Request("/api/runs", 10, steps, 0, ProductServer.KeyHeader).Next());
            if (!answer.Contains("\"accepted\":10", StringComparison.Ordinal)) throw new BadAnswerException("The product did not take ten runs: " + answer[..Math.Min(500, answer.Length)]);
        }
    }
}
