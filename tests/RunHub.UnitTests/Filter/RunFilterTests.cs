using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;

namespace RunHub.UnitTests.Filter;

public sealed class RunFilterTests
{
    static readonly FixedClock Clock = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Nothing_said_is_the_default_view()
    {
        var filter = Parse("");
        Assert.Equal("", filter.ToQuery());
        Assert.Equal([Lane.Production], filter.Lanes);
        Assert.Equal(RunStatuses.All, filter.Statuses);
        Assert.Equal((RunSort.Default, 50, true, true), (filter.Sort, filter.Limit, filter.IsEmpty, filter.IsLive));
    }

    [Fact]
    public void Columns_travel_with_the_filter_and_are_no_part_of_which_runs()
    {
        var filter = Parse("status=failed&columns=id,tokens&sort=duration&next_token=x");
        Assert.Equal("columns=id,tokens&sort=duration".Split('&').Order(StringComparer.Ordinal), filter.Without("status").ToQuery().Split('&').Order(StringComparer.Ordinal));
        Assert.Equal("id,tokens", filter.With("env", "prod").Columns);
        Assert.Equal("id,tokens", filter.SortedBy(RunSort.Default).Columns);
        Assert.Equal("x", filter.WithColumns(null).NextToken);
        Assert.Equal("status=failed", filter.RunsAlone().ToQuery());
    }

    [Theory]
    [InlineData("status=completed,failed")]
    [InlineData("status=SUCCESS&status=error", "status=completed,failed")]
    [InlineData("status=paused,pending,cancelled", "status=waiting_human,queued,canceled")]
    [InlineData("env=prod&workflow=inv*", "workflow=inv*&env=prod")]
    [InlineData("workflow=&status= &q=", "")]
    [InlineData("workflow=a%5C,b,c", @"workflow=a%5C,b,c")]
    [InlineData("workflow=a,a,%20a%20", "workflow=a")]
    [InlineData("tag=/eu%7Bus/", "tag=/eu%7Bus/")]
    [InlineData("tag=/a%7B1,2%7D/,b", "tag=/a%7B1,2%7D/,b")]
    [InlineData("lane=production,backfill", "lane=all")]
    [InlineData("sort=-started", "")]
    [InlineData("sort=duration_ms&limit=50", "sort=duration")]
    [InlineData("from=24h&to=2026-11-20t10:00z", "from=24h&to=2026-11-20T10:00Z")]
    [InlineData("from=2026-11-20T10:00:00+02:00", "from=2026-11-20T10:00:00%2B02:00")]
    [InlineData("resolved=1&hitl=NONE", "hitl=none&resolved=true")]
    [InlineData("q=+run_1*&tenant=acme", "q=run_1&tenant=acme")]
    [InlineData("next_token=x&limit=7", "limit=7")]
    [InlineData("columns=id,tokens&status=failed", "status=failed&columns=id,tokens")]
    [InlineData("columns=&columns=%20", "")]
    public void Prints_the_canonical_query_and_reads_it_back(string query, string? canonical = null)
    {
        var filter = Parse(query);
        Assert.Equal(canonical ?? query, filter.ToQuery());
        Assert.Equal(filter, RunFilter.Parse(filter.ToQuery(), Clock));
    }

    [Theory]
    [InlineData("status=done", "query.status", "waiting_human")]
    [InlineData("from=soon", "query.from", "ISO 8601")]
    [InlineData("to=2026-13-01", "query.to", "ISO 8601")]
    [InlineData("limit=201", "query.limit", "1 to 200")]
    [InlineData("limit=-1", "query.limit", "1 to 200")]
    [InlineData("sort=cost", "query.sort", "duration")]
    [InlineData("lane=fast", "query.lane", "backfill")]
    [InlineData("resolved=maybe", "query.resolved", "neither")]
    [InlineData("resolved=true&resolved=false", "query.resolved", "one value")]
    [InlineData("hitl=maybe", "query.hitl", "requested")]
    [InlineData("error_class=odd", "query.error_class", "policy_denied")]
    [InlineData("trigger=cron", "query.trigger", "schedule")]
    [InlineData("stauts=failed", "query.stauts", "Did you mean status?")]
    [InlineData("environment=prod", "query.environment", "Did you mean env?")]
    [InlineData("cursor=x", "query.cursor", "Did you mean next_token?")]
    [InlineData("zzzzzzzz=1", "query.zzzzzzzz", "There is no such parameter")]
    [InlineData("next_token=a&page=b", "query.page", "another name")]
    [InlineData("workflow=a%00b", "query.workflow", "control character")]
    [InlineData("tag=/(/", "query.tag", "not a regular expression")]
    [InlineData("tag=/(?=a)b/", "query.tag", "not supported")]
    [InlineData(@"tag=/(?<x>a)\k<x>/", "query.tag", "not supported")]
    public void Says_what_is_wrong_and_where(string query, string path, string part)
    {
        var problem = Assert.Throws<ProblemException>(() => Parse(query));
        Assert.Equal(400, problem.Status);
        var fault = Assert.Single(problem.Faults);
        Assert.Equal(path, fault.Path);
        Assert.Contains(part, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_all_that_is_wrong_at_once()
    {
        var problem = Assert.Throws<ProblemException>(() => Parse("status=done&limit=x&colour=red&from=soon"));
        Assert.Equal(["query.colour", "query.from", "query.limit", "query.status"], problem.Faults.Select(f => f.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Takes_fifty_values_of_a_field_and_no_more()
    {
        Assert.Equal(50, Parse("workflow=" + string.Join(',', Enumerable.Range(0, 50))).Conditions[0].Values.Count);
        Assert.Throws<ProblemException>(() => Parse("workflow=" + string.Join(',', Enumerable.Range(0, 51))));
        Assert.Throws<ProblemException>(() => Parse("workflow=" + new string('a', 257)));
        Assert.Throws<ProblemException>(() => Parse("tag=/" + new string('a', 201) + "/"));
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|aa|a?)+b")]
    [InlineData("^(((a{1,99}){1,99}){1,99}){1,99}b$")]
    [InlineData("(.*a){60}b")]
    public void A_regex_bomb_is_answered_or_refused_at_once(string pattern)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        try
        {
            var filter = RunFilter.None.WithText("tag", $"/{pattern}/");
            Assert.False(filter.IsLive);
            Assert.False(filter.Matches(Summary(r => r.TagsText = "\n" + new string('a', 127) + "!\n")));
        }
        catch (Exception e) when (e is System.Text.RegularExpressions.RegexMatchTimeoutException or ProblemException)
        {
            // Refused.
        }

        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 2);
    }

    [Fact]
    public void Parameters_of_the_caller_are_let_through()
    {
        Assert.Equal("status=failed", RunFilter.Parse(Query("status=failed&open=run_1&handler=Table"), ["open", "handler"]).ToQuery());
        var problem = Assert.Throws<ProblemException>(() => RunFilter.Parse(Query("opne=run_1"), ["open"]));
        Assert.Contains("open?", problem.Faults[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("from=24h", -24)]
    [InlineData("from=7d", -168)]
    [InlineData("from=90m", -1.5)]
    [InlineData("from=2026-11-20", -12)]
    [InlineData("from=2026-11-20T10:00:00", -2)]
    [InlineData("from=2026-11-20T10:00:00%2B02:00", -4)]
    public void From_is_included(string query, double hours)
    {
        var (filter, at) = (Parse(query), Clock.GetUtcNow().AddHours(hours).ToMicros());
        Assert.True(filter.Matches(Summary(r => r.SortAt = at)));
        Assert.False(filter.Matches(Summary(r => r.SortAt = at - 1)));
    }

    [Theory]
    [InlineData("to=24h", -24)]
    [InlineData("to=2026-11-19", -12)]
    [InlineData("to=2026-11-20T10:00Z", -2)]
    public void To_is_not_included_but_a_bare_date_means_the_whole_day(string query, double hours)
    {
        var (filter, at) = (Parse(query), Clock.GetUtcNow().AddHours(hours).ToMicros());
        Assert.False(filter.Matches(Summary(r => r.SortAt = at)));
        Assert.True(filter.Matches(Summary(r => r.SortAt = at - 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("workflow=a")]
    public void Backfill_is_hidden(string query) => Assert.Equal([Lane.Production], Parse(query).Lanes);

    [Theory]
    [InlineData("lane=all")]
    [InlineData("batch=b")]
    [InlineData("parent=p")]
    [InlineData("trace=t")]
    [InlineData("q=run_1")]
    public void Backfill_is_shown_where_it_was_asked_for(string query) => Assert.Equal([Lane.Production, Lane.Backfill], Parse(query).Lanes);

    [Fact]
    public void A_batch_within_a_lane_that_was_named_stays_in_it() => Assert.Equal([Lane.Production], Parse("batch=b&lane=production").Lanes);

    [Fact]
    public void Chips_carry_the_query_that_is_left_without_them()
    {
        var chips = Parse("status=failed,running&tag=/a/&sort=status&limit=10&from=7d").Chips();
        Assert.Equal(
        [
            new("status", "failed", "status=running&from=7d&tag=/a/&sort=status&limit=10", true),
            new("status", "running", "status=failed&from=7d&tag=/a/&sort=status&limit=10", true),
            new("from", "7d", "status=failed,running&tag=/a/&sort=status&limit=10", true),
            new("tag", "/a/", "status=failed,running&from=7d&sort=status&limit=10", false),
        ], chips);
    }

    [Fact]
    public void Values_are_set_added_and_taken_away()
    {
        var filter = RunFilter.None.With("status", "failed").With("workflow", "a,b", "c*");
        Assert.Equal(@"status=failed&workflow=a%5C,b,c%5C*", filter.ToQuery());
        Assert.True(filter.Has("workflow", "a,b"));
        Assert.True(filter.Has("workflow", "c*"));
        Assert.Equal(@"a\,b,c\*", filter.Text("workflow"));
        Assert.Equal("status=failed,running", filter.Without("workflow").WithAlso("status", "running").ToQuery());
        Assert.Equal("status=failed&workflow=a%5C,b", filter.Without("workflow", "c*").ToQuery());
        Assert.Equal("status=failed", filter.With("workflow").ToQuery());
        Assert.Equal("status=failed&workflow=x*", filter.WithText("workflow", "x*").ToQuery());
        Assert.Equal("from=7d", RunFilter.None.With("from", "24h").WithAlso("from", "7d").ToQuery());
        Assert.Equal("sort=-duration", RunFilter.None.SortedBy(new(RunSortBy.Duration, Descending: true)).ToQuery());
    }

    static RunFilter Parse(string query) => RunFilter.Parse(Query(query), time: Clock);

    static QueryCollection Query(string query) => new(QueryHelpers.ParseQuery(query));

    static RunSummary Summary(Action<RunRow> change)
    {
        var row = new RunRow { Id = "run_1", WorkflowName = "w", Type = "t", Environment = "prod" };
        change(row);
        return RunSummary.From(row);
    }
}

/// <summary>A clock that stands.</summary>
sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
