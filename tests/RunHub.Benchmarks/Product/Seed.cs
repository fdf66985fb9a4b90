using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RunHub.Access;
using RunHub.Benchmarks.Data;
using RunHub.Ingest;
using RunHub.Search;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Benchmarks.Product;

/// <summary>
/// A data folder filled through the product's own way in (<see cref="IngestRuns"/> and the write lane, as the API does, only
/// without HTTP), with runs over ninety days. Kept folders are used again while nothing that matters has changed.
/// </summary>
static class Seed
{
    const int Batch = 1000;
    const string Version = "6";
    const string UnitsVersion = "3";

    /// <summary>Runs with ten steps at the newest end of every seeded database.</summary>
    public const int TenStepRuns = 64;

    /// <summary>Runs with twenty steps, before them.</summary>
    public const int TwentyStepRuns = 16;

    /// <summary>The application in this process on a data folder, not listening anywhere anyone knows.</summary>
    public static WebApplication Build(string data) => HubHost.Build(HubHost.Modules, [], builder =>
    {
        builder.Configuration.AddInMemoryCollection(ProductServer.Settings(data, 0).ToDictionary(s => s.Key.Replace("__", ":", StringComparison.Ordinal), s => (string?)s.Value, StringComparer.Ordinal));
        builder.Logging.ClearProviders();
    });

    /// <summary>The folder with that many runs, seeded now or before.</summary>
    public static async Task<string> FolderAsync(Bench bench, int runs, bool units = false)
    {
        var kept = Path.Combine(bench.Options.Folder, string.Create(CultureInfo.InvariantCulture, $"seed-{runs}{(units ? "-units" : "")}{(PostgresDatabases.Server is null ? "" : "-postgres")}"));
        var marker = Path.Combine(kept, "seeded");
        var stamp = await StampAsync(bench) + (units ? UnitsVersion : "");
        if (!File.Exists(marker) || !string.Equals(await File.ReadAllTextAsync(marker), stamp, StringComparison.Ordinal))
        {
            if (Directory.Exists(kept)) Directory.Delete(kept, recursive: true);
            PostgresDatabases.Drop(kept);
            bench.Say(string.Create(CultureInfo.InvariantCulture, $"seeding {runs:#,0} {(units ? "units" : "runs")}"));
            await FillAsync(kept, runs, units, bench);
            await File.WriteAllTextAsync(marker, stamp);
        }

        // The measurement writes too: it gets a copy, the seed stays as it is.
        var copy = Path.Combine(bench.Folder, Path.GetFileName(kept));
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(kept)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
        PostgresDatabases.Copy(kept, copy);
        return copy;
    }

    /// <summary>Deletes what was seeded.</summary>
    public static void Forget(Options options)
    {
        PostgresDatabases.DropBelow(options.Folder);
        foreach (var folder in Directory.EnumerateDirectories(options.Folder, "seed-*")) Directory.Delete(folder, recursive: true);
    }

    /// <summary>The ids of the runs with ten steps.</summary>
    public static IEnumerable<string> TenStepIds() => Enumerable.Range(0, TenStepRuns).Select(i => string.Create(CultureInfo.InvariantCulture, $"run_tensteps{i:D4}"));

    /// <summary>The ids of the runs with twenty steps.</summary>
    public static IEnumerable<string> TwentyStepIds() => Enumerable.Range(0, TwentyStepRuns).Select(i => string.Create(CultureInfo.InvariantCulture, $"run_twentysteps{i:D4}"));

    static async Task FillAsync(string folder, int runs, bool units, Bench bench)
    {
        Directory.CreateDirectory(folder);
        await using var app = Build(folder);
        await app.StartAsync();
        var caller = await CallerAsync(app.Services);
        var ingest = app.Services.GetRequiredService<IngestRuns>();
        var generator = new RunGenerator(units ? 3 : 2);
        var until = TimeProvider.System.GetUtcNow();
        var from = until.AddDays(-90);
        Task writing = Task.CompletedTask;
        for (var done = 0; done < runs; done += Batch)
        {
            var batch = new List<RunWrite>(Batch);
            for (var i = done; i < Math.Min(runs, done + Batch); i++)
            {
                var at = from + (until - from) * ((double)i / runs);
                var ten = i - (runs - TenStepRuns);
                var twenty = ten + TwentyStepRuns;
                batch.Add(units ? generator.Unit(at)
                    : ten >= 0 ? generator.WithSteps(at, 10, 16_000, $"run_tensteps{ten:D4}")
                    : twenty >= 0 ? generator.WithSteps(at, 20, 16_000, $"run_twentysteps{twenty:D4}")
                    : generator.Run(at));
            }

            // The next batch is made while this one is written.
            await writing;
            writing = WriteAsync(ingest, caller, batch);
            if (done % 100_000 == 0 && done > 0) bench.Say(string.Create(CultureInfo.InvariantCulture, $"  {done:#,0}"));
        }

        await writing;
        await app.Services.GetRequiredService<FoldRollups>().HandleAsync(CancellationToken.None);
        // Whoever measures reading shall not measure the index that is still being filled.
        await app.Services.GetRequiredService<FillSearchIndex>().CatchUpAsync(CancellationToken.None);
        await app.StopAsync();
    }

    static async Task WriteAsync(IngestRuns ingest, Caller caller, List<RunWrite> batch)
    {
        var result = await Task.Run(() => ingest.HandleAsync(caller, new RunBatch { Runs = batch }, atomic: false, CancellationToken.None));
        if (result.Rejected.Count > 0) throw new InvalidOperationException($"The product refused a generated run: {result.Rejected[0]}");
    }

    /// <summary>Who seeds: the key of the first start.</summary>
    public static async Task<Caller> CallerAsync(IServiceProvider services)
    {
        await using var sql = await services.GetRequiredService<Database>().ReadAsync(CancellationToken.None);
        var tenant = await sql.Prepare("SELECT tenant_no, id, name FROM tenants WHERE id = @id").With(ProductServer.Tenant)
            .FirstAsync(r => new Tenant(r.GetInt64(0), r.GetString(1), r.GetString(2)), CancellationToken.None)
            ?? throw new InvalidOperationException("The first start made no tenant from Bootstrap:Tenant.");
        return new Caller(CallerKind.Key, 1, "bench", tenant, Role.None, KeyScopes.Admin, IsInstallationAdmin: true);
    }

    /// <summary>Changes with the schema and with what is seeded.</summary>
    static async Task<string> StampAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, "schema");
        Directory.CreateDirectory(data);
        await using var app = Build(data);
        await app.StartAsync();
        await using var sql = await app.Services.GetRequiredService<Database>().ReadAsync(CancellationToken.None);
        var stored = PostgresDatabases.Server is null
            ? "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
            : "SELECT concat_ws(' ', table_name, column_name, data_type) FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1";
        var schema = await sql.Prepare(stored).ListAsync(r => r.GetString(0), CancellationToken.None);
        await app.StopAsync();
        return string.Join('\n', schema.Prepend(Version));
    }
}
