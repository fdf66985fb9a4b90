using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Stats;
using RunHub.Store.Rollups;

namespace RunHub.IntegrationTests.Stats;

/// <summary>Figures of a filter are those of a plain count over the runs it matches, whichever way they are found.</summary>
public sealed class StatsTests
{
    const long Begin = 1_700_000_000_000_000, Hour = 3_600_000_000;

    [Theory, Engines]
    public async Task Figures_and_buckets_are_those_of_a_plain_count(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new(StringComparer.Ordinal) { ["Search:Enabled"] = "false" });
        var random = new Random(20261120);
        var rows = await StatsSeed.FillAsync(hub, random);
        var (read, bySource, partly, some) = (hub.Get<ReadStats>(), new Dictionary<StatsSource, int>(), 0, 0);
        for (var i = 0; i < 500; i++)
        {
            var filter = RunFilter.Parse(i % 3 == 0 ? RandomRuns.Query(random) : Dimensions(random));
            var stats = await read.HandleAsync(SeedRuns.Tenant, filter, 1 + random.Next(60), TimeSpan.FromMinutes(30 * random.Next(-20, 20)), default);
            var expected = rows.Where(r => filter.Matches(RunSummary.From(r))).ToList();
            if (!stats.IsComplete)
            {
                // A machine that has no time for it may be too late; then it says so.
                partly++;
                continue;
            }

            var because = $"{filter.ToQuery()} from {stats.Source}";
            Assert.True(expected.Count == stats.Total, $"{because}: {stats.Total} instead of {expected.Count}");
            foreach (var status in RunStatuses.All) Assert.True(expected.Count(r => r.Status == status) == stats.ByStatus[(int)status], $"{because}: {status}");
            if (stats.AnyStatus is { } any)
            {
                var whole = filter.Without("status").Without("-status");
                foreach (var status in RunStatuses.All) Assert.True(rows.Count(r => r.Status == status && whole.Matches(RunSummary.From(r))) == any[(int)status], $"{because}: any {status}");
            }

            if (stats.Figures.IsComplete) Equal(expected, stats.Figures, because);
            Assert.True(stats.Buckets.Sum(b => b.Total) == expected.Count, $"{because}: the buckets have {stats.Buckets.Sum(b => b.Total)} of {expected.Count}");
            foreach (var bucket in stats.Buckets)
                Assert.True(expected.Count(r => r.SortAt >= bucket.From && r.SortAt < bucket.To) == bucket.Total, $"{because}: the bucket from {Times.ToIso(bucket.From)} to {Times.ToIso(bucket.To)} has {bucket.Total}");
            for (var b = 1; b < stats.Buckets.Count; b++) Assert.Equal(stats.Buckets[b - 1].To, stats.Buckets[b].From);
            bySource[stats.Source] = bySource.GetValueOrDefault(stats.Source) + 1;
            some += expected.Count > 0 ? 1 : 0;
        }

        Assert.True(bySource[StatsSource.Rollups] > 100 && bySource[StatsSource.Scan] > 100 && some > 200 && partly < 50, $"{string.Join(", ", bySource)}; {some} not empty, {partly} not complete");
    }

    [Theory, Engines]
    public async Task Facets_count_the_values_that_the_rest_of_the_filter_leaves(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new(StringComparer.Ordinal) { ["Search:Enabled"] = "false" });
        var random = new Random(4711);
        var rows = await StatsSeed.FillAsync(hub, random);
        var read = hub.Get<ReadFacets>();
        var ways = new HashSet<StatsSource>();
        foreach (var field in ReadFacets.Fields)
        {
            for (var i = 0; i < 25; i++)
            {
                var filter = RunFilter.Parse(i % 2 == 0 ? RandomRuns.Query(random) : Dimensions(random));
                var found = await read.HandleAsync(SeedRuns.Tenant, filter, field, default);
                if (!found.IsComplete) continue;
                var rest = filter.Without(field);
                var expected = rows.Where(r => rest.Matches(RunSummary.From(r))).SelectMany(r => ValuesOf(r, field)).Where(v => v.Length > 0).CountBy(v => v, StringComparer.Ordinal)
                    .Select(v => new FacetCount(v.Key, v.Value)).OrderByDescending(v => v.Count).ThenBy(v => v.Value, StringComparer.Ordinal).Take(ReadFacets.MaxValues).ToList();
                Assert.True(expected.SequenceEqual(found.Values), $"{field} of {filter.ToQuery()} from {found.Source}: {string.Join(' ', found.Values)} instead of {string.Join(' ', expected)}");
                ways.Add(found.Source);
            }
        }

        Assert.Equal(2, ways.Count);
    }

    [Theory, Engines]
    public async Task The_api_tells_the_figures_and_what_is_wrong_with_a_question(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        var now = hub.Get<TimeProvider>().GetUtcNow();
        await key.PostAsJsonAsync("/api/runs", Enumerable.Range(0, 10).Select(i => new
        {
            id = $"r{i}", workflow_name = i < 8 ? "a" : "b", status = i % 4 == 0 ? "failed" : "completed", started_at = now.AddHours(-i * 5), duration_ms = 100 * (i + 1), cost_usd = 0.5, diagnostics = new { resource_usage = new { tokens = 1000 } },
        }));
        var all = await key.GetFromJsonAsync<JsonElement>("/api/runs/stats");
        Assert.Equal((10, "rollups", true), (all.GetProperty("total").GetInt32(), all.GetProperty("source").GetString(), all.GetProperty("complete").GetBoolean()));
        Assert.Equal(0.7, all.GetProperty("success_rate").GetDouble());
        var figures = all.GetProperty("figures");
        Assert.Equal((10_000, 5.0, 550.0), (figures.GetProperty("tokens").GetInt32(), figures.GetProperty("cost_usd").GetDouble(), figures.GetProperty("duration_ms").GetProperty("avg").GetDouble()));
        Assert.InRange(figures.GetProperty("duration_ms").GetProperty("p50").GetDouble(), 495, 505);
        Assert.Equal(10, all.GetProperty("buckets").EnumerateArray().Sum(b => b.GetProperty("total").GetInt32()));

        var failed = await key.GetFromJsonAsync<JsonElement>("/api/runs/stats?workflow=a&status=failed&buckets=5");
        Assert.Equal((2, 2_000), (failed.GetProperty("total").GetInt32(), failed.GetProperty("figures").GetProperty("tokens").GetInt32()));
        Assert.InRange(failed.GetProperty("buckets").GetArrayLength(), 1, 5);
        Assert.Equal("scan", (await key.GetFromJsonAsync<JsonElement>("/api/runs/stats?owner=nobody")).GetProperty("source").GetString());
        foreach (var wrong in new[] { "buckets=0", "buckets=x", "utc_offset=9999", "nonsense=1", "status=broken", "tenant=beta" })
            Assert.Equal(HttpStatusCode.BadRequest, (await key.GetAsync("/api/runs/stats?" + wrong)).StatusCode);
        using var other = await hub.KeyAsync(tenant: "beta");
        Assert.Equal(0, (await other.GetFromJsonAsync<JsonElement>("/api/runs/stats?lane=all")).GetProperty("total").GetInt32());
        using var ingest = await hub.KeyAsync(KeyScopes.Ingest);
        Assert.Equal(HttpStatusCode.Forbidden, (await ingest.GetAsync("/api/runs/stats")).StatusCode);
    }

    static void Equal(List<RunRow> expected, RunFigures figures, string because)
    {
        var cell = new RollupCell();
        foreach (var run in expected) cell.Add(StatsSeed.Fact(run), 1);
        Assert.True(expected.Count == figures.Runs, because);
        Assert.True((cell.Tokens, cell.CostNano, cell.DurationMs, cell.Durations.Count) == (figures.Cell.Tokens, figures.Cell.CostNano, figures.Cell.DurationMs, figures.Measured), because);
        foreach (var share in new[] { 0.5, 0.95 }) Assert.True(cell.Durations.Quantile(share) == figures.Quantile(share), because);
    }

    // A filter that the rollups can answer.
    static string Dimensions(Random random)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        string Word() => new FilterValue(random.Next(4) == 0 ? FilterValueKind.Prefix : FilterValueKind.Exact, RandomRuns.Word(random)).ToString();
        for (var n = random.Next(4); n > 0; n--)
        {
            switch (random.Next(8))
            {
                case 0: query["status"] = string.Join(',', Enumerable.Range(0, 1 + random.Next(3)).Select(_ => ((RunStatus)random.Next(6)).ToName())); break;
                case 1: query["-status"] = "failed"; break;
                case 2: query["trigger"] = random.Next(2) == 0 ? "api" : "manual,schedule"; break;
                case 3: query[random.Next(2) == 0 ? "-version" : "-env"] = Word(); break;
                default: query[new[] { "workflow", "type", "env", "version" }[random.Next(4)]] = Word(); break;
            }
        }

        query["lane"] = new[] { "all", "all", "production", "backfill" }[random.Next(4)];
        if (random.Next(2) == 0) query["from"] = At(random);
        if (random.Next(3) == 0 && At(random) is var to && (!query.TryGetValue("from", out var from) || DateTimeOffset.Parse(from, System.Globalization.CultureInfo.InvariantCulture) < DateTimeOffset.Parse(to, System.Globalization.CultureInfo.InvariantCulture))) query["to"] = to;
        return string.Join('&', query.Select(p => p.Key + "=" + Uri.EscapeDataString(p.Value)));
    }

    // On the hour, or anywhere in it.
    static string At(Random random) => Times.ToIso(Begin / Hour * Hour + random.Next(42) * Hour + (random.Next(2) == 0 ? 0 : random.Next(3600) * 1_000_000L));

    static IEnumerable<string> ValuesOf(RunRow run, string field) => field switch
    {
        "status" => [run.Status.ToName()],
        "workflow" => [run.WorkflowName],
        "type" => [run.Type],
        "env" => [run.Environment],
        "version" => [run.WorkflowVersion ?? ""],
        "trigger" => [run.Trigger ?? ""],
        "tag" => run.TagsText?.Split('\n') ?? [],
        "model" => run.Models?.Split('\n') ?? [],
        "error_class" => [run.ErrorClass ?? ""],
        "error_code" => [run.ErrorCode ?? ""],
        "node" => [run.FailedNode ?? ""],
        "owner" => [run.Owner ?? ""],
        "actor" => [run.Actor ?? ""],
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, string.Create(CultureInfo.InvariantCulture, $"This test does not know {field}.")),
    };
}
