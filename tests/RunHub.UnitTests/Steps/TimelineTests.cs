using Microsoft.AspNetCore.Http;
using RunHub.Model;
using RunHub.Steps.Table;
using RunHub.Steps.Timeline;
using RunHub.Steps.View;
using RunHub.Store.Events;
using RunHub.Store.Rollups;

namespace RunHub.UnitTests.Steps;

public sealed class TimelineTests
{
    [Fact]
    public void A_small_run_is_there_whole()
    {
        var tree = Tree([.. Enumerable.Range(0, TimelineRows.All).Select(i => Step(i, i % 3 == 0 ? null : i - 1))]);
        Assert.Equal(tree.All, TimelineRows.Begin(tree, 10_000_000).Select(r => r.Node));
    }

    [Fact]
    public void Of_many_the_first_are_shown_and_what_failed_with_its_way_the_rest_is_counted()
    {
        var steps = Enumerable.Range(0, 10_000).Select(i => Step(i, i < 100 ? null : i % 100)).ToList();
        steps[9_999].Status = RunStatus.Failed;
        var tree = Tree(steps);
        var rows = TimelineRows.Begin(tree, 10_000_000);
        Assert.InRange(rows.Count, 20, 250);
        Assert.Contains(rows, r => r.Count == 0 && r.Node.Step.Id == "s9999");
        Assert.Contains(rows, r => r is { Count: 0, IsOpen: true } && r.Node.Step.Id == "s99");
        Assert.Equal(10_000, rows.Sum(r => r.Count == 0 ? 1 + (r.IsOpen ? 0 : r.Node.Beneath) : Siblings(tree, r).Sum(n => 1 + n.Beneath)));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(9_998)]
    [InlineData(42)]
    public void A_step_that_is_sought_has_a_row_with_its_way_and_the_rest_is_still_counted(int sought)
    {
        var tree = Tree([.. Enumerable.Range(0, 10_000).Select(i => Step(i, i < 300 ? null : i % 300))]);
        var node = tree.ById["s" + sought.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        var rows = TimelineRows.Begin(tree, 10_000_000, node);
        Assert.InRange(rows.Count, 20, 260);
        Assert.Single(rows, r => r.Count == 0 && r.Node == node);
        if (node.Parent is { } parent) Assert.Single(rows, r => r is { Count: 0, IsOpen: true } && r.Node == parent);
        Assert.Equal(10_000, rows.Sum(r => r.Count == 0 ? 1 + (r.IsOpen ? 0 : r.Node.Beneath) : Siblings(tree, r).Sum(n => 1 + n.Beneath)));
    }

    [Fact]
    public void What_is_asked_for_afterwards_completes_the_siblings_without_a_repetition()
    {
        var tree = Tree([.. Enumerable.Range(0, 5_000).Select(i => Step(i, null))]);
        var shown = new List<StepNode>();
        var open = new Stack<TimelineRow>(TimelineRows.Begin(tree, 10_000_000).Reverse());
        while (open.TryPop(out var row))
        {
            if (row.Count == 0) shown.Add(row.Node);
            else foreach (var more in TimelineRows.More(tree, null, row.From, row.Count).Reverse()) open.Push(more);
        }

        Assert.Equal(tree.Roots, shown);
    }

    [Fact]
    public void A_chain_ten_thousand_deep_ends_where_there_is_no_room()
    {
        var tree = Tree([.. Enumerable.Range(0, 10_000).Select(i => Step(i, i == 0 ? null : i - 1))]);
        Assert.InRange(TimelineRows.Begin(tree, 10_000_000).Count, 100, 450);
        Assert.InRange(TimelineRows.Begin(tree, 10_000_000, tree.ById["s9999"]).Count, 100, 450);
        Assert.Equal("s5001", Assert.Single(TimelineRows.More(tree, tree.ById["s5000"], 0, int.MaxValue)).Node.Step.Id);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(3, 0)]
    public void Places_that_are_not_there_have_no_rows(int from, int count) => Assert.Empty(TimelineRows.More(Tree([Step(0, null), Step(1, null)]), null, from, count));

    [Fact]
    public void States_follow_the_run_s_times_and_its_events()
    {
        var run = new RunRow { Status = RunStatus.Completed, CreatedAt = 0, StartedAt = 100, CompletedAt = 1000 };
        Assert.Equal([(RunStatus.Queued, 0, 100), (RunStatus.Running, 100, 400), (RunStatus.WaitingHuman, 400, 900), (RunStatus.Running, 900, 1000)],
            States(run, (EventType.RunStarted, 120), (EventType.RunWaitingHuman, 400), (EventType.RunStarted, 900), (EventType.RunCompleted, 1005)));
        // Reported afterwards: what the hub heard of it says nothing about when it was.
        Assert.Equal([(RunStatus.Queued, 0, 100), (RunStatus.Running, 100, 1000)], States(run, (EventType.RunWaitingHuman, 5000), (EventType.RunCompleted, 5001)));
        Assert.Equal([(RunStatus.Queued, 0L, 2000L)], States(new RunRow { Status = RunStatus.Queued }));
        Assert.Equal([(RunStatus.Running, 100, 300), (RunStatus.WaitingHuman, 300, 2000)], States(new RunRow { Status = RunStatus.WaitingHuman, CreatedAt = 500, StartedAt = 100 }, (EventType.RunWaitingHuman, 300)));
        Assert.Equal([(RunStatus.Running, 100, 3100)], States(new RunRow { Status = RunStatus.Failed, CreatedAt = 500, StartedAt = 100, DurationMs = 3 }));
        Assert.Empty(States(new RunRow { Status = RunStatus.Failed, CreatedAt = 500 }));
    }

    [Fact]
    public void Figures_become_bars_and_many_share_one()
    {
        Assert.Equal([100, 50, 3, 0], UsageBars.Of([400, 200, 1, 0]).Heights);
        var many = UsageBars.Of([.. Enumerable.Repeat(5L, 10_000)]);
        Assert.Equal((84, 120), (many.Each, many.Heights.Count));
    }

    [Fact]
    public void The_table_sorts_filters_and_finds()
    {
        StepRow[] steps =
        [
            new() { Id = "1", Name = "beta", NodeId = "n1", DurationMs = 5, Status = RunStatus.Completed }, new() { Id = "2", Name = "Alpha", DurationMs = null, Status = RunStatus.Failed, ErrorMessage = "x" },
            new() { Id = "3", Name = "gamma", Label = "the beta of it", DurationMs = 50, Status = RunStatus.Completed }, new() { Id = "4", Name = "delta", DurationMs = 5, Status = RunStatus.Failed },
        ];
        Assert.Equal("1234", Ids(""));
        Assert.Equal("3142", Ids("sort=-duration"));
        Assert.Equal("1432", Ids("sort=duration"));
        Assert.Equal("2431", Ids("sort=name"));
        Assert.Equal("24", Ids("failed=true"));
        Assert.Equal("13", Ids("find=BETA"));
        Assert.Equal("1234", Ids("sort=nonsense&from=-1"));
        Assert.Equal("&sort=-duration&failed=true&find=a%26b", TableAsk.Of(Query("sort=-duration&failed=true&find=a%26b&from=200")).ToQuery());

        string Ids(string query) => string.Concat(TableAsk.Of(Query(query)).Choose(new AllSteps(steps, new Dictionary<string, Usual>(), false)).Select(s => s.Id));
    }

    [Fact]
    public void In_a_table_of_many_what_failed_comes_first()
    {
        var steps = Enumerable.Range(0, 300).Select(i => Step(i, null)).ToList();
        steps[250].Status = steps[270].Status = RunStatus.Failed;
        var chosen = TableAsk.Of(Query("")).Choose(new AllSteps(steps, new Dictionary<string, Usual>(), false));
        Assert.Equal(["s250", "s270", "s0", "s1"], chosen.Take(4).Select(s => s.Id));
    }

    static IEnumerable<StepNode> Siblings(StepTree tree, TimelineRow row) => (row.Node.Parent?.Children ?? tree.Roots).Skip(row.From).Take(row.Count);

    static IEnumerable<(RunStatus, long, long)> States(RunRow run, params (EventType, long)[] events) => RunStates.Of(run, events, 2000).Select(s => (s.Status, s.From, s.To));

    static StepTree Tree(List<StepRow> steps)
    {
        var tree = StepTree.Build(steps, 0);
        CriticalPath.Find(tree, null, null);
        return tree;
    }

    static StepRow Step(int i, int? parent) => new() { Id = "s" + i, Name = "s" + i, ParentStepId = parent is { } p ? "s" + p : null, Status = RunStatus.Completed, StartedAt = i * 1000L, DurationMs = 1, Ord = i };

    static QueryCollection Query(string query) => new(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));
}
