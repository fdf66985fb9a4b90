using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;
using RunHub.Ingest;
using RunHub.Json;
using RunHub.Search;
using RunHub.Store;
using RunHub.Store.Events;
using RunHub.Store.Rollups;

namespace RunHub.Benchmarks.Figures;

/// <summary>
/// What each stage of taking in a unit costs: the product's own code in this process, one thread, one stage after the other, 100
/// units a batch. The first column is the whole way, so that the ratio is the stage's share of it.
/// </summary>
static class StageFigures
{
    const string Group = "Stages";
    const int Units = 100;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var folder = Path.Combine(bench.Folder, "stages");
        Directory.CreateDirectory(folder);
        await using var app = Seed.Build(folder);
        // The search index is filled here, by hand, not beside the measurement.
        app.Configuration["Search:Enabled"] = "false";
        await app.StartAsync();
        var services = app.Services;
        var (ingest, lane) = (services.GetRequiredService<IngestRuns>(), services.GetRequiredService<WriteLane>());
        var caller = await Seed.CallerAsync(services);
        var request = bench.Texts.Request("/api/runs", Units, steps: true, 0);
        var context = new ReadContext(TimeProvider.System.GetUtcNow());
        var names = new[] { "parse the JSON", "validate, pack payloads", "write lane, synced", "of it: the events alone", "fold rollups (behind)", "search index (behind)" };
        var figures = names.Select(n => new Figure { Group = Group, Name = n, Floor = "the whole way of a unit, up to its acknowledgement", Unit = "µs a unit" }).ToArray();
        var rounds = bench.Options.Quick ? 40 : 200;
        for (var pair = -1; pair < Math.Max(2, bench.Options.Pairs); pair++)
        {
            var spent = new TimeSpan[names.Length];
            for (var round = 0; round < rounds; round++)
            {
                var bytes = request.Next().ToArray();
                var body = bytes.AsMemory(bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4);
                var read = Time(ref spent[0], () => RunJsonReader.Runs(body, context));
                var batch = new RunBatch { Runs = [.. read.Items.Select(i => i.Value)] };
                var prepared = Time(ref spent[1], () => ingest.Prepare(caller, batch));
                var start = Stopwatch.GetTimestamp();
                var result = await lane.Run((scope, ct) => ingest.WriteAsync(scope, prepared, ct), CancellationToken.None, prepared.Bytes);
                spent[2] += Stopwatch.GetElapsedTime(start);
                if (result.Rejected.Count > 0) throw new BadAnswerException("The product refused a unit: " + result.Rejected[0].Reason);
            }

            spent[3] = await EventsAsync(services, lane, rounds);
            spent[4] = await BehindAsync(() => services.GetRequiredService<FoldRollups>().HandleAsync(CancellationToken.None));
            spent[5] = await BehindAsync(() => services.GetRequiredService<FillSearchIndex>().CatchUpAsync(CancellationToken.None));
            // The first round is the runtime's, which compiles hot code.
            if (pair < 0) continue;
            var whole = (spent[0] + spent[1] + spent[2]).TotalMicroseconds / (rounds * Units);
            for (var i = 0; i < figures.Length; i++) figures[i].Add(whole, spent[i].TotalMicroseconds / (rounds * Units));
        }

        await app.StopAsync();
        foreach (var figure in figures) bench.Say(FormattableString.Invariant($"{figure.Name}: {Figure.Number(figure.ProductValue)} µs of {Figure.Number(figure.FloorValue)}"));
        return figures;
    }

    static T Time<T>(ref TimeSpan spent, Func<T> stage)
    {
        var start = Stopwatch.GetTimestamp();
        var result = stage();
        spent += Stopwatch.GetElapsedTime(start);
        return result;
    }

    static async Task<TimeSpan> BehindAsync(Func<Task> stage)
    {
        var start = Stopwatch.GetTimestamp();
        await stage();
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>The same events written again without their runs, less as many empty transactions.</summary>
    static async Task<TimeSpan> EventsAsync(IServiceProvider services, WriteLane lane, int rounds)
    {
        List<EventDraft> events;
        await using (var sql = await services.GetRequiredService<Database>().ReadAsync(CancellationToken.None))
            events = await sql.Prepare("SELECT tenant_no, run_no, type, data FROM events ORDER BY seq DESC LIMIT 100")
                .ListAsync(r => new EventDraft(r.GetInt64(0), r.GetInt64(1), (EventType)r.GetInt64(2), r.GetString(3)), CancellationToken.None);
        var with = await WriteAsync(events);
        var without = await WriteAsync([]);
        return with > without ? with - without : TimeSpan.Zero;

        async Task<TimeSpan> WriteAsync(List<EventDraft> what)
        {
            var start = Stopwatch.GetTimestamp();
            for (var round = 0; round < rounds; round++)
            {
                await lane.Run<int>(async (scope, ct) =>
                {
                    foreach (var e in what) scope.Emit(e);
                    // A transaction that writes nothing is not synced.
                    return await scope.Sql.Prepare("UPDATE tenants SET created_at = created_at + 1").ExecuteAsync(ct);
                }, CancellationToken.None);
            }

            return Stopwatch.GetElapsedTime(start);
        }
    }
}
