using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>
/// Search on the big database: first pages of a rare and of a common word, a begun word, several words, and the ranked answer, at the 95th
/// percentile of one client; then how far the index falls behind while 1,000 runs a second come in.
/// </summary>
static class SearchFigures
{
    const string Group = "Search";

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench, string program, string data)
    {
        await using var product = await ProductServer.StartAsync(program, data);
        var began = Stopwatch.GetTimestamp();
        await WaitAsync(product, state => !state.Filling && state.Lag == 0, TimeSpan.FromMinutes(30));
        bench.Say(string.Create(CultureInfo.InvariantCulture, $"the index is filled, waited {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s{Sizes(data)}"));
        var rare = await RareAsync(product);
        return
        [
            Page(bench, product, "list, a rare word", rare, 200),
            Page(bench, product, "list, a rare word in a common phrase", rare + " invoice", 200),
            Page(bench, product, "list, a common word", "invoice", 1000),
            Page(bench, product, "list, the beginning of many words", "re", 1000),
            Page(bench, product, "list, two common words", "customer \"the customer\"", 1000),
            Page(bench, product, "list, a word nobody wrote", "quokkaquokka", 200),
            Page(bench, product, "list, a common word by duration", "invoice", 1000, "&sort=-duration"),
            Page(bench, product, "ranked, a rare word", rare, 200, "", "/api/search?limit=20&q="),
            Page(bench, product, "ranked, a common word", "invoice", 1000, "", "/api/search?limit=20&q="),
            await LagAsync(bench, product),
        ];
    }

    static string Sizes(string data) => PostgresDatabases.Server is not null ? ""
        : string.Create(CultureInfo.InvariantCulture, $"; search.db {new FileInfo(Path.Combine(data, "search.db")).Length / 1048576.0:0} MB beside {new FileInfo(Path.Combine(data, "runhub.db")).Length / 1048576.0:0} MB");

    static Figure Page(Bench bench, ProductServer product, string name, string question, double limit, string more = "", string path = "/api/runs?limit=50&q=")
    {
        var request = Requests.Get(path + Uri.EscapeDataString(question) + more, ProductServer.KeyHeader);
        var result = ClosedLoop.Run(product.Port, 1, bench.Options.Duration, bench.Options.WarmUp, _ => new Rotation([request]));
        using var answer = JsonDocument.Parse(ClosedLoop.Fetch(product.Port, request));
        var runs = answer.RootElement.GetProperty("runs").GetArrayLength();
        var figure = new Figure
        {
            Group = Group, Name = name + ", p95", Floor = "", Unit = "ms", Rule = Rule.ValueAtMost, Limit = limit,
            Note = string.Create(CultureInfo.InvariantCulture, $"\"{question}\": {runs} runs, p50 {result.P50:0.0} ms, p99 {result.P99:0.0} ms, {bench.Options.Runs:#,0} runs"),
        };
        figure.Add(double.NaN, result.Latencies.Quantile(0.95).TotalMilliseconds);
        return figure;
    }

    /// <summary>1,000 runs a second (100 requests of 10 over 4 connections, open loop); the lag is asked ten times a second.</summary>
    static async Task<Figure> LagAsync(Bench bench, ProductServer product)
    {
        var lags = new List<double>();
        using var ingest = new PacedLoop(product.Port, 4, 100, c => new NewRuns(bench.Texts.Request("/api/runs", 10, steps: false, c, ProductServer.KeyHeader)));
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < bench.Options.Duration * 10)
        {
            await Task.Delay(100);
            lags.Add((await StateAsync(product)).Lag);
        }

        var written = ingest.Stop();
        lags.Sort();
        var figure = new Figure
        {
            Group = Group, Name = "lag of the index while 1,000 runs/s come in, 99th percentile", Floor = "", Unit = "ms", Rule = Rule.ValueAtMost, Limit = 2000,
            Note = string.Create(CultureInfo.InvariantCulture, $"median {lags[lags.Count / 2]:0} ms, largest {lags[^1]:0} ms; took in {written.Rate:#,0} runs/s, p99 {written.P99:0.0} ms"),
        };
        figure.Add(double.NaN, lags[lags.Count * 99 / 100]);
        return figure;
    }

    static async Task WaitAsync(ProductServer product, Func<(bool Filling, double Lag), bool> done, TimeSpan patience)
    {
        for (var began = Stopwatch.GetTimestamp(); !done(await StateAsync(product)); await Task.Delay(500))
            if (Stopwatch.GetElapsedTime(began) > patience) throw new TimeoutException("The search index was not filled in time.");
    }

    static Task<(bool Filling, double Lag)> StateAsync(ProductServer product)
    {
        using var answer = JsonDocument.Parse(ClosedLoop.Fetch(product.Port, Requests.Get("/api/search?limit=1&q=quokkaquokka", ProductServer.KeyHeader)));
        return Task.FromResult((answer.RootElement.GetProperty("filling").GetBoolean(), answer.RootElement.GetProperty("lag_ms").GetDouble()));
    }

    /// <summary>A number that one run's text or another holds: part of what the newest run was given.</summary>
    static Task<string> RareAsync(ProductServer product)
    {
        using var answer = JsonDocument.Parse(ClosedLoop.Fetch(product.Port, Requests.Get("/api/search?limit=20&q=EUR", ProductServer.KeyHeader)));
        var words = answer.RootElement.GetProperty("runs").EnumerateArray().SelectMany(r => r.GetProperty("snippets").EnumerateArray()).SelectMany(s => s.GetProperty("text").GetString()!.Split(' '));
        var amount = words.FirstOrDefault(w => w.Length >= 8 && char.IsAsciiDigit(w[0]) && w.Contains(',', StringComparison.Ordinal) && w.Contains('.', StringComparison.Ordinal));
        return Task.FromResult(amount ?? "1,234.56");
    }
}
