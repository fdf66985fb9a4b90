using System.Text;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;

namespace RunHub.IntegrationTests.Filter;

public sealed class PagingTests
{
    static readonly string[] Sorts = ["-started_at", "started_at", "status", "-status", "duration", "-duration"];

    [Theory, Engines]
    public async Task Lists_newest_first_and_page_by_page_whatever_the_length(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await hub.SeedAsync(Enumerable.Range(1, 120).Select(n => SeedRuns.Row(n, r => r.SortAt = 1_700_000_000_000_000 + n / 3)));
        foreach (var limit in new[] { 1, 7, 50, 119, 120, 121, 200 })
        {
            var ids = await AllAsync(hub, RunFilter.None, limit);
            Assert.Equal(Enumerable.Range(1, 120).Reverse().Select(n => $"run_{n:D6}"), ids);
        }
    }

    [Theory, Engines]
    public async Task No_run_is_skipped_or_shown_twice_while_others_arrive(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var random = new Random(4);
        var old = Enumerable.Range(1, 150).Select(n => Arriving(random, n)).ToList();
        await hub.SeedAsync(old);
        var next = 1000;
        foreach (var sort in Sorts)
        {
            var filter = RunFilter.Parse($"env=prod&sort={sort}");
            var before = (await AllAsync(hub, filter, 200)).ToHashSet(StringComparer.Ordinal);
            // New ones come in between any two pages: at the top, at the bottom, and in the middle.
            var seen = await AllAsync(hub, filter, 20, () => hub.SeedAsync(Enumerable.Range(next, 5).Select(_ => Arriving(random, next++)).ToList()));
            Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
            Assert.Subset(seen.ToHashSet(StringComparer.Ordinal), before);
        }
    }

    [Theory, Engines]
    public async Task Sorts_as_it_says(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var random = new Random(5);
        var rows = Enumerable.Range(1, 130).Select(n => Arriving(random, n)).ToList();
        await hub.SeedAsync(rows);
        foreach (var sort in Sorts)
        {
            var newest = rows.OrderByDescending(r => r.SortAt).ThenByDescending(r => r.RunNo);
            var expected = sort switch
            {
                "-started_at" => newest,
                "started_at" => rows.OrderBy(r => r.SortAt).ThenBy(r => r.RunNo),
                "status" => newest.OrderBy(r => r.Status),
                "-status" => newest.OrderByDescending(r => r.Status),
                "duration" => newest.OrderBy(r => r.DurationMs is null).ThenBy(r => r.DurationMs),
                _ => newest.OrderBy(r => r.DurationMs is null).ThenByDescending(r => r.DurationMs),
            };
            foreach (var limit in new[] { 9, 200 })
                Assert.Equal(expected.Select(r => r.Id), await AllAsync(hub, RunFilter.Parse("sort=" + sort), limit));
        }
    }

    [Theory, Engines]
    public async Task A_page_that_looked_at_enough_comes_back_short_and_says_how_far_it_searched(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await hub.SeedAsync(Enumerable.Range(1, 45_000).Select(n => SeedRuns.Row(n, r => r.Owner = n is 10 or 24_000 or 44_000 ? "ana" : null)));
        var (query, filter) = (hub.Get<RunQuery>(), RunFilter.Parse("owner=ana"));
        var first = await query.ListAsync(SeedRuns.Tenant, filter, null, 50, default);
        Assert.Equal(["run_044000"], first.Runs.Select(r => r.Id));
        Assert.Equal(SeedRuns.Row(45_001 - RunQuery.MaxLooks).SortAt, first.SearchedBackTo);
        var second = await query.ListAsync(SeedRuns.Tenant, filter, first.NextToken, 50, default);
        Assert.Equal(["run_024000"], second.Runs.Select(r => r.Id));
        var third = await query.ListAsync(SeedRuns.Tenant, filter, second.NextToken, 50, default);
        Assert.Equal(["run_000010"], third.Runs.Select(r => r.Id));
        Assert.Null(third.NextToken);
        Assert.Null(third.SearchedBackTo);
    }

    [Theory, Engines]
    public async Task Another_index_takes_over_when_the_first_gives_too_little(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        // The tag is on nearly all runs, the failed ones are few and old: the tag leads, the status finds them.
        await hub.SeedAsync(Enumerable.Range(1, 30_000).Select(n => SeedRuns.Row(n, r => (r.TagsText, r.Status) = ("\nblue\n", n <= 3 ? RunStatus.Failed : RunStatus.Completed))));
        var page = await hub.Get<RunQuery>().ListAsync(SeedRuns.Tenant, RunFilter.Parse("tag=blue&status=failed"), null, 50, default);
        Assert.Equal(["run_000003", "run_000002", "run_000001"], page.Runs.Select(r => r.Id));
        Assert.Null(page.NextToken);
    }

    [Theory, Engines]
    public async Task A_search_lists_ids_first_however_old_and_then_names(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new(StringComparer.Ordinal) { ["Search:Enabled"] = "false" });
        await hub.SeedAsync(Enumerable.Range(1, 300).Select(n => SeedRuns.Row(n, r =>
        {
            if (n is 3 or 7) r.Id = $"ord-{n}";
            r.Name = n % 100 == 0 ? "ord " + n : null;
            r.Lane = n == 3 ? Lane.Backfill : Lane.Production;
        })));
        await hub.Get<FillSearchIndex>().CatchUpAsync(default);
        Assert.Equal(["ord-7", "ord-3", "run_000300", "run_000200", "run_000100"], await AllAsync(hub, RunFilter.Parse("q=ord"), 2));
        Assert.Equal(["run_000123"], await AllAsync(hub, RunFilter.Parse("q=run_000123"), 50));
    }

    [Theory, Engines]
    public async Task A_run_with_several_of_the_tags_is_listed_once(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await hub.SeedAsync(Enumerable.Range(1, 60).Select(n => SeedRuns.Row(n, r => r.TagsText = n % 2 == 0 ? "\na1\na2\na3\n" : "\na3\n")));
        foreach (var query in new[] { "tag=a1,a2,a3", "tag=/^a[0-9]$/", "tag=a*" })
            Assert.Equal(Enumerable.Range(1, 60).Reverse().Select(n => $"run_{n:D6}"), await AllAsync(hub, RunFilter.Parse(query), 7));
    }

    [Fact]
    public async Task A_token_that_was_tampered_with_or_is_of_another_list_is_refused()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.SeedAsync(Enumerable.Range(1, 10).Select(n => SeedRuns.Row(n)));
        var query = hub.Get<RunQuery>();
        var token = (await query.ListAsync(SeedRuns.Tenant, RunFilter.None, null, 2, default)).NextToken!;
        Assert.Equal(2, (await query.ListAsync(SeedRuns.Tenant, RunFilter.Parse("limit=3"), token, 2, default)).Runs.Count);
        await RefusedAsync(SeedRuns.Tenant, RunFilter.Parse("status=completed"), token);
        await RefusedAsync(SeedRuns.Tenant, RunFilter.Parse("sort=started_at"), token);
        await RefusedAsync(SeedRuns.Tenant + 1, RunFilter.None, token);
        foreach (var wrong in new[] { "x", token[1..], token + "A", token[..^1] + "\u00e9", "!!!!", new string('A', token.Length), new string('=', token.Length), Convert.ToBase64String(Encoding.UTF8.GetBytes(token)) })
            await RefusedAsync(SeedRuns.Tenant, RunFilter.None, wrong);
        for (var i = 0; i < token.Length; i++)
        {
            var changed = token[..i] + (token[i] == 'B' ? 'C' : 'B') + token[(i + 1)..];
            await RefusedAsync(SeedRuns.Tenant, RunFilter.None, changed);
        }

        async Task RefusedAsync(long tenantNo, RunFilter filter, string wrong)
        {
            var problem = await Assert.ThrowsAsync<ProblemException>(() => query.ListAsync(tenantNo, filter, wrong, 2, default));
            Assert.Equal(("query.next_token", 400), (problem.Faults[0].Path, problem.Status));
        }
    }

    [Fact]
    public async Task A_pattern_that_stands_for_too_many_tags_is_refused()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.SeedAsync(Enumerable.Range(1, 101).Select(n => SeedRuns.Row(n, r => r.TagsText = $"\nt{n}\n")));
        var problem = await Assert.ThrowsAsync<ProblemException>(() => hub.Get<RunQuery>().ListAsync(SeedRuns.Tenant, RunFilter.Parse("tag=/^t/"), null, 50, default));
        Assert.Equal("query.tag", problem.Faults[0].Path);
        Assert.Equal(11, (await AllAsync(hub, RunFilter.Parse("tag=/^t9/"), 50)).Count);
    }

    [Fact]
    public async Task Canceling_stops_the_read()
    {
        await using var hub = await TestHub.StartAsync();
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.Get<RunQuery>().ListAsync(SeedRuns.Tenant, RunFilter.None, null, 50, canceled.Token));
    }

    [Fact]
    public async Task Reads_only_the_columns_that_were_asked_for()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.SeedAsync([SeedRuns.Row(1, r => (r.Models, r.Owner) = ("\nm\n", "ana"))]);
        var query = hub.Get<RunQuery>();
        var narrow = await query.ListAsync(SeedRuns.Tenant, RunFilter.None, null, 1, RunRow.Table.Project("id", "models"), default);
        Assert.Equal(("run_000001", "\nm\n", null), (narrow.Runs[0].Id, narrow.Runs[0].Models, narrow.Runs[0].Owner));
        var all = await query.ListAsync(SeedRuns.Tenant, RunFilter.None, null, 1, RunRow.Table.All, default);
        Assert.Equal("ana", all.Runs[0].Owner);
    }

    static RunRow Arriving(Random random, int n) => SeedRuns.Row(n, r =>
    {
        r.Id = $"run_{n:D6}";
        r.SortAt = 1_700_000_000_000_000 + random.Next(500);
        r.Status = (RunStatus)random.Next(6);
        r.DurationMs = random.Next(3) == 0 ? null : random.Next(20);
    });

    static async Task<List<string>> AllAsync(TestHub hub, RunFilter filter, int limit, Func<Task>? between = null)
    {
        var (ids, token) = (new List<string>(), (string?)null);
        for (var pages = 0; pages < 200; pages++)
        {
            var page = await hub.Get<RunQuery>().ListAsync(SeedRuns.Tenant, filter, token, limit, default);
            ids.AddRange(page.Runs.Select(r => r.Id));
            if (page.NextToken is null) return ids;
            Assert.True(page.Runs.Count == limit || page.SearchedBackTo is not null, "A page is full unless it says how far it searched.");
            token = page.NextToken;
            if (between is not null && pages < 40) await between();
        }

        throw new InvalidOperationException("The list does not end.");
    }
}
