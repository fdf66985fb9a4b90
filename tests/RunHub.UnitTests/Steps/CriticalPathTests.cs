using RunHub.Model;
using RunHub.Steps.Timeline;

namespace RunHub.UnitTests.Steps;

public sealed class CriticalPathTests
{
    [Fact]
    public void Steps_one_after_the_other_are_the_path_and_the_gaps_between_them_are_waiting()
    {
        var (tree, path) = Find(Step("a", 0, 1000), Step("b", 1500, 1000), Step("c", 2500, 500));
        Assert.Equal((3000, 500, 2500), In(path));
        Assert.Equal(["a", "b", "c"], OnPath(tree));
        Assert.Equal([0, 500, 0], tree.All.Select(n => n.Waited / 1000));
    }

    [Fact]
    public void Of_steps_side_by_side_the_one_that_ends_last_counts()
    {
        var (tree, path) = Find(Step("fetch", 0, 100), Step("short", 100, 300), Step("long", 100, 900), Step("middle", 100, 500), Step("join", 1000, 50));
        Assert.Equal(["fetch", "long", "join"], OnPath(tree));
        Assert.Equal((1050, 0, 1050), In(path));
    }

    [Fact]
    public void Within_a_step_its_parts_are_looked_at_and_the_rest_is_its_own()
    {
        var (tree, path) = Find(Step("agent", 0, 1000), Step("plan", 100, 200, "agent"), Step("call", 400, 500, "agent"), Step("beside", 400, 100, "agent"));
        Assert.Equal(["agent", "plan", "call"], OnPath(tree));
        Assert.Equal((1000, 0, 1000), In(path));
        // Before plan, between plan and call, after call.
        Assert.Equal(300, tree.ById["agent"].Critical / 1000);
        Assert.Equal(200, tree.ById["plan"].Critical / 1000);
        Assert.Equal(500, tree.ById["call"].Critical / 1000);
    }

    [Fact]
    public void Parts_that_outlive_their_step_lead_to_the_end()
    {
        var (tree, path) = Find(Step("spawn", 0, 100), Step("job", 50, 950, "spawn"));
        Assert.Equal((1000, 0, 1000), In(path));
        Assert.Equal(["spawn", "job"], OnPath(tree));
        Assert.Equal((50, 950), (tree.ById["spawn"].Critical / 1000, tree.ById["job"].Critical / 1000));
    }

    [Fact]
    public void Where_a_step_began_while_another_was_at_work_the_time_before_is_that_ones()
    {
        var (tree, path) = Find(Step("stream", 0, 5000), Step("writer", 3000, 7000));
        Assert.Equal((10_000, 0, 10_000), In(path));
        Assert.Equal((3000, 7000), (tree.ById["stream"].Critical / 1000, tree.ById["writer"].Critical / 1000));
    }

    [Fact]
    public void A_worker_that_takes_a_moment_follows_on_its_own_predecessor()
    {
        // Two workers; what ended last followed on "a2" after a millisecond, while "b2" was still at work.
        var (tree, _) = Find(Step("a1", 0, 2000), Step("b1", 0, 3000), Step("a2", 2000, 2000), Step("b2", 3001, 3000), Step("a3", 4001, 3000));
        Assert.Equal(["a1", "a2", "a3"], OnPath(tree));
    }

    [Fact]
    public void Steps_that_overlap_a_little_are_a_chain_all_the_same()
    {
        var (tree, path) = Find([.. Enumerable.Range(0, 100).Select(i => Step("s" + i, i * 900, 925))]);
        Assert.Equal((99 * 900 + 925, 0, 99 * 900 + 925), In(path));
        Assert.Equal(100, OnPath(tree).Count());
    }

    [Fact]
    public void Waiting_for_a_person_is_waiting_though_a_step_says_so()
    {
        var (tree, path) = Find(Step("draft", 0, 1000), Step("approve", 1000, 8000, status: RunStatus.WaitingHuman), Step("send", 9000, 1000));
        Assert.Equal((10_000, 8000, 2000), In(path));
        Assert.Contains("approve", OnPath(tree));
    }

    [Fact]
    public void The_run_s_own_times_are_the_ends_of_the_axis()
    {
        var tree = StepTree.Build([Step("a", 1000, 1000)], 0);
        var path = CriticalPath.Find(tree, At(0), At(5000))!;
        Assert.Equal((5000, 4000, 1000), In(path));
        Assert.Equal(1000, tree.ById["a"].Waited / 1000);
    }

    [Fact]
    public void A_step_at_work_ends_now()
    {
        var running = Step("a", 0, null, status: RunStatus.Running);
        var tree = StepTree.Build([running], At(700));
        Assert.Equal((700, 0, 700), In(CriticalPath.Find(tree, null, null)!));
    }

    [Fact]
    public void Steps_without_times_take_those_of_their_parts_or_stay_where_they_were_reported()
    {
        var ended = Step("ended", null, null);
        ended.CompletedAt = At(4000);
        var (tree, path) = Find(Step("before", 2000, 1000), Step("none", null, null), Step("group", null, null), Step("part", 0, 500, "group"), ended);
        Assert.Equal(["group", "part", "before", "none", "ended"], tree.All.Select(n => n.Step.Id));
        Assert.Equal((true, 500), (tree.ById["group"].IsFromParts, (tree.ById["group"].To - tree.ById["group"].From) / 1000));
        Assert.Null(tree.ById["none"].From);
        Assert.Equal(1, tree.Timeless);
        Assert.Equal(4000, path!.Total / 1000);
        Assert.Null(CriticalPath.Find(StepTree.Build([Step("x", null, 5)], 0), null, null));
    }

    [Fact]
    public void An_end_before_the_beginning_has_no_length_and_one_that_is_not_known_is_said()
    {
        var odd = Step("odd", 1000, null);
        odd.CompletedAt = At(400);
        var tree = StepTree.Build([odd, Step("open", 2000, null)], 0);
        Assert.Equal(tree.ById["odd"].From, tree.ById["odd"].To);
        Assert.True(tree.ById["open"].HasNoEnd);
        Assert.False(tree.ById["odd"].HasNoEnd);
    }

    [Fact]
    public void Steps_that_are_their_own_ancestors_stand_in_the_tree_once()
    {
        var (tree, path) = Find(Step("self", 0, 10, "self"), Step("a", 10, 10, "c"), Step("b", 20, 10, "a"), Step("c", 30, 10, "b"), Step("tail", 40, 10, "a"), Step("lost", 50, 10, "nobody"));
        Assert.Equal(6, tree.All.Count);
        Assert.Equal(6, tree.All.Distinct().Count());
        Assert.Equal(60, path!.Total / 1000);
        // The tail hangs where it says; one of the circle is at the top.
        Assert.Equal("a", tree.ById["tail"].Parent!.Step.Id);
        Assert.Single(tree.Roots, r => r.Step.Id is "a" or "b" or "c");
        Assert.Equal(tree.All.Count, tree.Roots.Sum(r => 1 + r.Beneath));
    }

    [Fact]
    public void A_chain_ten_thousand_deep_and_ten_thousand_side_by_side_are_found()
    {
        const int Many = 10_000;
        var deep = StepTree.Build([.. Enumerable.Range(0, Many).Select(i => Step("s" + i, i, 2L * Many - 2 * i, i == 0 ? null : "s" + (i - 1)))], 0);
        var path = CriticalPath.Find(deep, null, null)!;
        Assert.Equal(Many, deep.All.Count(n => n.IsCritical));
        Assert.Equal((2L * Many, 0, 2L * Many), In(path));
        Assert.Equal(Many - 1, deep.Roots.Single().Beneath);

        var wide = StepTree.Build([.. Enumerable.Range(0, Many).Select(i => Step("s" + i, i, 1))], 0);
        Assert.Equal((Many, 0, Many), In(CriticalPath.Find(wide, null, null)!));
        Assert.Equal(Many, wide.All.Count(n => n.IsCritical));

        var same = StepTree.Build([.. Enumerable.Range(0, Many).Select(i => Step("s" + i, 0, 1 + i % 7))], 0);
        Assert.Equal((7, 0, 7), In(CriticalPath.Find(same, null, null)!));
    }

    [Fact]
    public void Its_stretches_leave_no_gap_whatever_the_steps()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var steps = Enumerable.Range(0, 1 + random.Next(40)).Select(i => Step("s" + i, random.Next(10) == 0 ? null : random.Next(5000), random.Next(8) == 0 ? null : random.Next(2000), random.Next(2) == 0 ? null : "s" + random.Next(45))).ToList();
            var tree = StepTree.Build(steps, At(6000));
            Assert.Equal(steps.Count, tree.All.Count);
            if (CriticalPath.Find(tree, random.Next(2) == 0 ? At(random.Next(3000)) : null, null) is not { } path) continue;
            var at = path.From;
            foreach (var stretch in path.Stretches)
            {
                Assert.True(stretch.From == at && stretch.To >= stretch.From, $"seed {seed}");
                at = stretch.To;
            }

            Assert.Equal(path.To, at);
            Assert.Equal(path.Total, path.Working + path.Waiting);
            Assert.Equal(path.Working, tree.All.Sum(n => n.Critical));
        }
    }

    static (StepTree Tree, CriticalPath Path) Find(params StepRow[] steps)
    {
        var tree = StepTree.Build(steps, 0);
        return (tree, CriticalPath.Find(tree, null, null)!);
    }

    static IEnumerable<string> OnPath(StepTree tree) => tree.All.Where(n => n.IsCritical).Select(n => n.Step.Id);

    // Milliseconds.
    static (long Total, long Waiting, long Working) In(CriticalPath path) => (path.Total / 1000, path.Waiting / 1000, path.Working / 1000);

    static long At(long ms) => 1_700_000_000_000_000 + ms * 1000;

    static StepRow Step(string id, long? from, long? ms, string? parent = null, RunStatus status = RunStatus.Completed) =>
        new() { Id = id, Name = id, ParentStepId = parent, Status = status, StartedAt = from is { } f ? At(f) : null, DurationMs = ms };
}
