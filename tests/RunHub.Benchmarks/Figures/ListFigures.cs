using System.Text.Json;
using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>The list as page and as API: five usual filters, few runs and many, far down, and while runs come in.</summary>
static class ListFigures
{
    const string Group = "List";
    const int TwoFilters = 2;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench, ListServers servers)
    {
        var figures = new List<Figure>();
        foreach (var hub in (ListHub[])[servers.Big, servers.Small])
        {
            for (var i = 0; i < hub.Filters.Count; i++)
            {
                var big = ReferenceEquals(hub, servers.Big);
                if (bench.Options.Quick && i != TwoFilters && !big) continue;
                figures.Add(await ThroughputAsync(bench, hub, i, html: true, big && i == TwoFilters ? 0.4 : null));
                figures.Add(await ThroughputAsync(bench, hub, i, html: false, big && i == TwoFilters ? 0.45 : null));
            }
        }

        foreach (var html in (bool[])[true, false])
        {
            var figure = new Figure
            {
                Group = Group, Name = $"{Kind(html)}, two filters, median of one client, {servers.Big.Name}", Floor = $"the same with {servers.Small.Name}", Unit = "ms", Rule = Rule.RatioAtMost, Limit = 1.3,
            };
            figures.Add(await Pairs.MeasureAsync(bench, figure, () => Product(bench, servers.Small, TwoFilters, html, 1).P50, () => Product(bench, servers.Big, TwoFilters, html, 1).P50));
        }

        figures.Add(await LoadMoreAsync(bench, servers.Big, html: true));
        figures.Add(await LoadMoreAsync(bench, servers.Big, html: false));
        figures.Add(await WhileIngestingAsync(bench, servers.Big, html: true));
        figures.Add(await WhileIngestingAsync(bench, servers.Big, html: false));
        return figures;
    }

    static string Kind(bool html) => html ? "page" : "API";

    static LoadResult Product(Bench bench, ListHub hub, int filter, bool html, int clients) =>
        ClosedLoop.Run(hub.Product.Port, clients, bench.Options.Duration, bench.Options.WarmUp, _ => new Rotation([hub.Request(filter, html)]));

    static async Task<Figure> ThroughputAsync(Bench bench, ListHub hub, int filter, bool html, double? limit)
    {
        var figure = new Figure
        {
            Group = Group, Name = $"{Kind(html)}, {hub.Filters[filter].Name}, 50 rows, {hub.Name}", Floor = "(c) same SQL, same bytes", Unit = "requests/s",
            Rule = limit is null ? Rule.None : Rule.RatioAtLeast, Limit = limit ?? 0,
        };
        return await Pairs.MeasureAsync(bench, figure,
            () => ClosedLoop.Run(hub.Floor.Port, 8, bench.Options.Duration, bench.Options.WarmUp, _ => new Rotation([hub.FloorRequest(filter, html)])).Rate,
            () =>
            {
                var result = Product(bench, hub, filter, html, 8);
                figure.Note = FormattableString.Invariant($"{hub.Size(filter, html) / 1024.0:0.0} KB, p50 {result.P50:0.00} ms, p99 {result.P99:0.00} ms at 8 clients");
                return result.Rate;
            });
    }

    /// <summary>Follows "Load more" a thousand times, then times the last against the first.</summary>
    static Task<Figure> LoadMoreAsync(Bench bench, ListHub hub, bool html)
    {
        var depth = Math.Min(1000, bench.Options.Runs / 50 - 2);
        var figure = new Figure
        {
            Group = Group, Name = $"{Kind(html)}, \"Load more\" number {depth}, median of one client", Floor = "\"Load more\" number 1", Unit = "ms", Rule = Rule.RatioAtMost, Limit = 1.2,
        };
        byte[]? first = null;
        byte[]? last = null;
        void Walk()
        {
            string? token = null;
            for (var i = 0; i <= depth; i++)
            {
                using var page = JsonDocument.Parse(ClosedLoop.Fetch(hub.Product.Port, Requests.Get("/api/runs?limit=50" + Next(token), ProductServer.KeyHeader)));
                token = page.RootElement.GetProperty("next_token").GetString() ?? throw new BadAnswerException($"The list ended at page {i}.");
                if (i == 0) first = hub.More(Next(token), html);
                if (i == depth - 1) last = hub.More(Next(token), html);
            }
        }

        return Pairs.MeasureAsync(bench, figure, () =>
        {
            if (first is null) Walk();
            return Median(first!);
        }, () => Median(last!));
        double Median(byte[] request) => ClosedLoop.Run(hub.Product.Port, 1, bench.Options.Duration, bench.Options.WarmUp, _ => new Rotation([request])).P50;
        static string Next(string? token) => token is null ? "" : "&next_token=" + Uri.EscapeDataString(token);
    }

    /// <summary>
    /// 2,000 runs a second come in (200 requests of 10 a second over 4 connections, open loop) while 100 lists a second are
    /// read over 4 connections, open loop too: what a busy installation with people looking at it does. The floor has the same
    /// load on the floors' servers.
    /// </summary>
    static async Task<Figure> WhileIngestingAsync(Bench bench, ListHub hub, bool html)
    {
        var figure = new Figure
        {
            Group = Group, Name = $"{Kind(html)}, two filters, p99 while 2,000 runs/s come in, {hub.Name}", Floor = "(c) while (b) takes 2,000 runs/s", Unit = "ms", Rule = Rule.ValueAtMost, Limit = 5,
        };
        using var floorIngest = FloorProcess.Start(bench.Folder, new FloorSetup { FloorFile = bench.NewFile() });
        var last = "";
        await Pairs.MeasureAsync(bench, figure,
            () => Both(floorIngest.Port, "/runs", hub.Floor.Port, hub.FloorRequest(TwoFilters, html)),
            () => Both(hub.Product.Port, "/api/runs", hub.Product.Port, hub.Request(TwoFilters, html)),
            () => hub.Product.Use.QuietAsync());
        figure.Note = "10 a request, 200 requests/s; 100 lists/s; " + last;
        return figure;

        async Task<double> Both(int ingestPort, string path, int readPort, byte[] read)
        {
            using var ingest = new PacedLoop(ingestPort, 4, 200, c => new NewRuns(bench.Texts.Request(path, 10, steps: false, c, ProductServer.KeyHeader)));
            await Task.Delay(bench.Options.WarmUp);
            using var reads = new PacedLoop(readPort, 4, 100, _ => new Rotation([read]));
            await Task.Delay(bench.Options.Duration * 4);
            var result = reads.Stop();
            var written = ingest.Stop();
            last = FormattableString.Invariant($"p50 {result.P50:0.00} ms; took in {written.Rate:#,0} runs/s, p99 {written.P99:0.0} ms");
            return result.P99;
        }
    }
}
