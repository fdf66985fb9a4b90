using System.Globalization;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>All figures of the product, in the order that leaves each its best conditions: start before load, disk on untouched seeds.</summary>
static class ProductFigures
{
    const int SmallRuns = 10_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var program = Program(bench.Options);
        bench.Say("the product is " + Path.GetFileName(program));
        var only = bench.Options.Only;
        var figures = new List<Figure>();
        if (only.Contains("ingest")) await AddAsync(bench, figures, "Ingest", async () => figures.AddRange(await IngestFigures.MeasureAsync(bench, program)));
        if (only.Contains("stages")) await AddAsync(bench, figures, "Stages", async () => figures.AddRange(await StageFigures.MeasureAsync(bench)));
        if (only.Contains("live")) await AddAsync(bench, figures, "OTLP and live feed", async () => figures.AddRange(await LiveFigures.MeasureAsync(bench, program)));
        if (only.Contains("disk"))
        {
            await AddAsync(bench, figures, "Disk", async () => figures.AddRange(DiskFigures.Measure(bench,
                await Seed.FolderAsync(bench, bench.Options.Runs), await Seed.FolderAsync(bench, bench.Options.Quick ? 2_000 : 20_000, units: true))));
        }

        if (only.Contains("start"))
            await AddAsync(bench, figures, "Start and memory", async () => figures.AddRange(await StartFigures.MeasureAsync(bench, program, await Seed.FolderAsync(bench, bench.Options.Runs))));
        if (only.Overlaps(["list", "run", "pages"]))
        {
            await AddAsync(bench, figures, "List", async () =>
            {
                var big = await Seed.FolderAsync(bench, bench.Options.Runs);
                var small = await Seed.FolderAsync(bench, SmallRuns);
                await using var servers = await ListServers.StartAsync(bench, program, big, small);
                if (only.Contains("run")) figures.AddRange(await RunFigures.MeasureAsync(bench, servers.Big));
                if (only.Contains("list")) figures.AddRange(await ListFigures.MeasureAsync(bench, servers));
                if (only.Contains("pages"))
                {
                    await using var few = await ListHub.StartAsync(bench, program, await Seed.FolderAsync(bench, PageFigures.FewRuns), $"{PageFigures.FewRuns:#,0} runs");
                    figures.AddRange(await PageFigures.MeasureAsync(bench, servers.Big, few));
                }

                await servers.Big.Product.Use.QuietAsync();
                figures.Add(MemoryFigures.After(servers.Big.Product, servers.Big.Floor, "after the reads, with the big database"));
            });
        }

        if (only.Contains("search"))
            await AddAsync(bench, figures, "Search", async () => figures.AddRange(await SearchFigures.MeasureAsync(bench, program, await Seed.FolderAsync(bench, bench.Options.Runs))));
        if (!bench.Options.Keep) Seed.Forget(bench.Options);
        return [.. figures.OrderBy(f => Array.IndexOf(Order, f.Group))];
    }

    static readonly string[] Order = ["Ingest", "Stages", "OTLP and live feed", "List", "Run page", "Pages", "Search", "Start and memory", "Disk"];

    /// <summary>A group that cannot be measured at all is one failed line; the others go on.</summary>
    static async Task AddAsync(Bench bench, List<Figure> figures, string group, Func<Task> measure)
    {
        try
        {
            await measure();
        }
        catch (Exception e)
        {
            bench.Say($"{group}: FAILED: {e}");
            figures.Add(new Figure { Group = group, Name = "all of it", Floor = "", Unit = "", Rule = Rule.ValueAtMost, Failure = e.Message.ReplaceLineEndings(" ") });
        }
    }

    static string Program(Options options)
    {
        if (options.Product is not null) return File.Exists(options.Product) ? options.Product : throw new FileNotFoundException($"There is no {options.Product}.");
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "RunHub.sln"))) root = root.Parent;
        var built = Path.Combine(root?.FullName ?? "", "src", "RunHub", "bin", "Release", string.Create(CultureInfo.InvariantCulture, $"net{Environment.Version.Major}.{Environment.Version.Minor}"), "runhub.dll");
        return File.Exists(built) ? built : throw new FileNotFoundException($"There is no {built}: build with -c Release, or name the program with --product.");
    }
}
