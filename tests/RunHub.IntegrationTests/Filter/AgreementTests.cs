using FsCheck;
using FsCheck.Fluent;
using RunHub.Filter;
using RunHub.Model;

namespace RunHub.IntegrationTests.Filter;

/// <summary>What SQL selects is what <see cref="RunFilter.Matches"/> says of the snapshots, for random runs and filters.</summary>
public sealed class AgreementTests
{
    const int Runs = 400;
    // PostgreSQL plans each of them anew: a third as many take twice as long.
    static int Filters(string engine) => engine == "PostgreSql" ? 500 : 1500;

    [Theory, Engines]
    public async Task Sql_selects_exactly_the_runs_whose_snapshot_matches(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new(StringComparer.Ordinal) { ["Search:Enabled"] = "false" });
        var random = new Random(20261120);
        var rows = Enumerable.Range(1, Runs).Select(n => RandomRuns.Row(random, n)).ToList();
        await hub.SeedAsync(rows);
        await hub.SeedAsync(Enumerable.Range(1, 50).Select(n => RandomRuns.Row(random, n)).Select(row =>
        {
            row.TenantNo++;
            row.RunNo += 1L << 40;
            return row;
        }));
        var (query, nonEmpty) = (hub.Get<RunQuery>(), 0);
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckAsync(RunFilter.Parse(RandomRuns.Query(new Random(seed)))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Filters(engine)).WithEndSize(int.MaxValue));
        Assert.InRange(nonEmpty, Filters(engine) / 5, Filters(engine));

        async Task CheckAsync(RunFilter filter)
        {
            var listed = new List<string>();
            string? token = null;
            do
            {
                var page = await query.ListAsync(SeedRuns.Tenant, filter, token, filter.Limit, default);
                listed.AddRange(page.Runs.Select(r => r.Id));
                token = page.NextToken;
            }
            while (token is not null);
            var expected = rows.Where(r => filter.Matches(RunSummary.From(r))).Select(r => r.Id).ToList();
            Assert.True(listed.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal), StringComparer.Ordinal),
                $"{filter.ToQuery()}: listed {listed.Count}, {expected.Count} match; too many: {string.Join(' ', listed.Except(expected, StringComparer.Ordinal))}; missing: {string.Join(' ', expected.Except(listed, StringComparer.Ordinal))}");
            nonEmpty += expected.Count > 0 ? 1 : 0;
        }
    }
}
