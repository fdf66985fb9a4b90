using RunHub.Benchmarks.Data;
using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>OTLP beside JSON, and what listeners of the live feed cost and how soon they hear.</summary>
static class LiveFigures
{
    const string Group = "OTLP and live feed";
    const int EventsPerSecond = 500;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench, string program)
    {
        var figures = new List<Figure>();
        await using var product = await ProductServer.StartAsync(program, Path.Combine(bench.Folder, "live"));
        await using var crowded = await ProductServer.StartAsync(program, Path.Combine(bench.Folder, "crowded"));
        foreach (var server in (ProductServer[])[product, crowded]) Runs(bench, server, 1);
        Spans(bench, product);
        await SettleAsync(product, crowded);

        var otlp = new Figure { Group = Group, Name = "spans over OTLP, 100 a request, 8 clients", Floor = "the product's own JSON: runs a second, 100 a request, 8 clients", Unit = "/s" };
        figures.Add(await Pairs.MeasureAsync(bench, otlp, () => Runs(bench, product, 100).Rate, () => Spans(bench, product).Rate, () => SettleAsync(product, crowded)));
        figures.Add(Latency(bench, product));
        figures.AddRange(await ListenersAsync(bench, product, crowded));
        return figures;
    }

    static LoadResult Runs(Bench bench, ProductServer server, int batch) => ClosedLoop.Run(server.Port, batch == 1 ? 32 : 8, bench.Options.Duration, bench.Options.WarmUp,
        c => new NewRuns(bench.Texts.Request("/api/runs", batch, steps: false, c, ProductServer.KeyHeader)));

    static LoadResult Spans(Bench bench, ProductServer server) =>
        ClosedLoop.Run(server.Port, 8, bench.Options.Duration, bench.Options.WarmUp, c => new TraceRequest(c, ProductServer.KeyHeader));

    /// <summary>From the time of the transaction, which stands in the event, to the client that reads it.</summary>
    static Figure Latency(Bench bench, ProductServer product)
    {
        var figure = new Figure { Group = Group, Name = "event at a listener after its commit began, p99, 500 runs/s", Floor = "", Unit = "ms", Rule = Rule.ValueAtMost, Limit = 250 };
        try
        {
            using var listener = new Listeners(product.Port, 1, "/api/stream", ProductServer.KeyHeader);
            using var stop = new CancellationTokenSource();
            using var load = new PacedLoop(product.Port, 8, EventsPerSecond, c => new NewRuns(bench.Texts.Request("/api/runs", 1, steps: false, c, ProductServer.KeyHeader)));
            stop.CancelAfter(bench.Options.Duration * 2);
            var heard = listener.Follow(stop.Token);
            var sent = load.Stop();
            var median = heard.Quantile(0.5).TotalMilliseconds;
            figure.Add(double.NaN, heard.Quantile(0.99).TotalMilliseconds);
            figure.Note = FormattableString.Invariant($"median {median:0.0} ms (at most 50), {heard.Count} events heard, {sent.Rate:0} runs/s taken in");
            if (median > 50) figure.Failure = FormattableString.Invariant($"the median is {median:0} ms, at most 50 are wanted");
        }
        catch (BadAnswerException e)
        {
            figure.Failure = e.Message;
        }

        bench.Say(FormattableString.Invariant($"{figure.Name}: {figure.ProductValue:0.0} ms; {figure.Note}"));
        return figure;
    }

    static async Task<IReadOnlyList<Figure>> ListenersAsync(Bench bench, ProductServer product, ProductServer crowded)
    {
        var count = bench.Options.Quick ? 1000 : 5000;
        var memory = new Figure { Group = Group, Name = FormattableString.Invariant($"memory of an idle listener, {count:#,0} of them"), Floor = "", Unit = "KB", Rule = Rule.ValueAtMost, Limit = 25, Note = "growth of what is resident" };
        var ingest = new Figure
        {
            Group = Group, Name = FormattableString.Invariant($"single runs, 32 clients, beside {count:#,0} idle listeners"), Floor = "the product without listeners", Unit = "runs/s", Rule = Rule.RatioAtLeast, Limit = 0.95,
        };
        try
        {
            var before = crowded.Use.ResidentMb;
            using var listeners = new Listeners(crowded.Port, count, "/api/stream?topic=agent:nobody", ProductServer.KeyHeader);
            await SettleAsync(product, crowded);
            memory.Add(double.NaN, (crowded.Use.ResidentMb - before) * 1024 / count);
            bench.Say(FormattableString.Invariant($"{memory.Name}: {memory.ProductValue:0.0} KB"));
            // The other one has taken in runs for as long already: code that was compiled beforehand is compiled again while it is used.
            for (var i = 0; i < bench.Options.Pairs; i++) Runs(bench, crowded, 1);
            await Pairs.MeasureAsync(bench, ingest, () => Runs(bench, product, 1).Rate, () => Runs(bench, crowded, 1).Rate, () => SettleAsync(product, crowded));
        }
        catch (Exception e) when (e is BadAnswerException or System.Net.Sockets.SocketException)
        {
            (memory.Failure, ingest.Failure) = (e.Message, e.Message);
        }

        return [memory, ingest];
    }

    static async Task SettleAsync(ProductServer product, ProductServer crowded)
    {
        await product.Use.QuietAsync();
        await crowded.Use.QuietAsync();
    }
}
