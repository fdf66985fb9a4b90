using RunHub.Filter;

namespace RunHub.UnitTests.Filter;

public sealed class QueryLineTests
{
    static readonly FixedClock Clock = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("", "")]
    [InlineData("status:failed workflow:invoice* duration:>2s -env:dev tag:prod started:>2026-11-01 \"text\"", "q=%22text%22&status=failed&workflow=invoice*&from=2026-11-01&tag=prod&duration=%3E2s&-env=dev")]
    [InlineData("status:failed,canceled STATUS:running", "status=failed,canceled,running")]
    [InlineData("timeout  payment:* provider", "q=timeout%20provider", false)]
    [InlineData("workflow:\"a b\",c,\"x,y\"*", "workflow=a%20b,c,x%5C,y*")]
    [InlineData("workflow:\"say \\\"hi\\\" \\\\ \"", "workflow=say%20%22hi%22%20%5C%5C%5C%20")]
    [InlineData("tag:/^a b$/,plain -tag:old", "tag=/%5Ea%20b%24/,plain&-tag=old")]
    [InlineData("started:24h", "from=24h")]
    [InlineData("started:today", "from=today")]
    [InlineData("started:<2026-11-05", "to=2026-11-05T00:00Z")]
    [InlineData("started:<=2026-11-05", "to=2026-11-05")]
    [InlineData("started:2026-11-01..2026-11-05", "from=2026-11-01&to=2026-11-05")]
    [InlineData("started:2026-11-05", "from=2026-11-05&to=2026-11-05")]
    [InlineData("cost:0.01..0.1 tokens:>=1k", "cost=0.01..0.1&tokens=%3E%3D1k")]
    [InlineData("http://host/x 12:30", "q=http://host/x%2012:30")]
    [InlineData(@"foo\:bar \-x", "q=foo:bar%20-x")]
    [InlineData("- 😀", "q=-%20%F0%9F%98%80")]
    public void Reads_as_the_same_filter_as_the_address(string line, string query, bool valid = true)
    {
        var read = QueryLine.Parse(line, Clock.GetUtcNow());
        Assert.Equal(valid, read.Faults.Count == 0);
        if (valid) Assert.Equal(query, RunFilter.Parse("query=" + Uri.EscapeDataString(line), Clock).ToQuery());
    }

    [Theory]
    [InlineData("staus:failed", 0, 5, "unknown", "status")]
    [InlineData("a wrkflow:x", 2, 7, "unknown", "workflow")]
    [InlineData("-environment:dev", 0, 12, "unknown", "env")]
    [InlineData("erp:invoice#98421", 0, 3, "unknown", null)]
    [InlineData("search:run_1", 0, 12, "text", null)]
    [InlineData("id: run_1", 0, 3, "text", null)]
    [InlineData("-id:run_1", 0, 9, "text", null)]
    [InlineData("from:2026-11-02 to:2026-11-01T10:00Z", 19, 17, "range", null)]
    [InlineData("started:2026-11-05..2026-11-03", 8, 22, "range", null)]
    [InlineData("status:failed,faild", 14, 5, "value", "failed")]
    [InlineData("resolved:maybe", 9, 5, "value", null)]
    [InlineData("duration:>2", 9, 2, "value", null)]
    [InlineData("duration:5s..1s", 9, 6, "value", null)]
    [InlineData("started:soon", 8, 4, "value", null)]
    [InlineData("status:", 0, 7, "empty", null)]
    [InlineData("tag:/a(/", 4, 4, "value", null)]
    [InlineData("tag:/abc", 4, 4, "quote", null)]
    [InlineData("x \"open", 2, 5, "quote", null)]
    [InlineData("workflow:\"open", 9, 5, "quote", null)]
    [InlineData("-word", 0, 5, "exclude", null)]
    [InlineData("-lane:all", 6, 3, "exclude", null)]
    [InlineData("-tag:/x/", 5, 3, "exclude", null)]
    [InlineData("duration:>1s duration:<2s", 13, 12, "single", null)]
    [InlineData("status:fail*", 7, 5, "star", null)]
    public void Says_what_is_wrong_where_and_what_was_meant(string line, int start, int length, string kind, string? meant)
    {
        var fault = Assert.Single(QueryLine.Parse(line, Clock.GetUtcNow()).Faults);
        Assert.Equal((start, length, kind, meant), (fault.Start, fault.Length, fault.Kind, fault.Meant));
        var problem = Assert.Throws<Http.ProblemException>(() => RunFilter.Parse("query=" + Uri.EscapeDataString(line), Clock));
        Assert.Contains(problem.Faults, f => f.Path == "query.query" && f.Reason.StartsWith($"At character {start + 1}:", StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_told_at_once() => Assert.Equal(3, QueryLine.Parse("staus:x -lane:all duration:long", Clock.GetUtcNow()).Faults.Count);

    [Fact]
    public void A_field_in_the_line_and_beside_it_is_refused() =>
        Assert.Throws<Http.ProblemException>(() => RunFilter.Parse("query=status:failed&status=completed", Clock));

    [Fact]
    public void A_very_long_line_is_refused_in_plain_words() => Assert.Equal("long", Assert.Single(QueryLine.Parse(new string('x', 10_000), Clock.GetUtcNow()).Faults).Kind);
}
