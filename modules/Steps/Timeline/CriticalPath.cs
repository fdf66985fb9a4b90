using RunHub.Model;

namespace RunHub.Steps.Timeline;

/// <summary>A stretch of the critical path.</summary>
/// <param name="Node">Who was at work; null: nobody, the run waited.</param>
/// <param name="From">Microseconds since 1970.</param>
/// <param name="To">Microseconds since 1970.</param>
public readonly record struct CriticalStretch(StepNode? Node, long From, long To);

/// <summary>
/// The chain of steps that determines when a run ended, found backwards: from the end to the step that ended last, to its beginning, to
/// what ended last before that, and the same among the parts of each. Where a step began while another was at work that nothing
/// else leads to, the time before belongs to that other one. What nobody was at work on, or what was spent on a person's decision,
/// is waiting.
/// </summary>
public sealed class CriticalPath
{
    CriticalPath(long from, long to, IReadOnlyList<CriticalStretch> stretches) => (From, To, Stretches) = (from, to, stretches);

    /// <summary>Where the axis begins, microseconds since 1970.</summary>
    public long From { get; }

    /// <summary>Where it ends.</summary>
    public long To { get; }

    /// <summary>Without gap from the beginning to the end, in order of time.</summary>
    public IReadOnlyList<CriticalStretch> Stretches { get; }

    /// <summary>Time nobody was at work, microseconds.</summary>
    public long Waiting { get; private set; }

    /// <summary>All of it, microseconds.</summary>
    public long Total => To - From;

    /// <summary>Time of the steps on the path, microseconds.</summary>
    public long Working => Total - Waiting;

    /// <summary>Finds it and marks the steps on it; null: no step has a time.</summary>
    /// <param name="tree">The steps.</param>
    /// <param name="startedAt">When the run began; null: with its first step.</param>
    /// <param name="endedAt">When it ended, or now; null: with its last step.</param>
    public static CriticalPath? Find(StepTree tree, long? startedAt, long? endedAt)
    {
        var timed = tree.Roots.Where(r => r.First is not null).ToList();
        if (timed.Count == 0) return null;
        var from = timed.Min(r => r.First!.Value);
        if (startedAt < from) from = startedAt.Value;
        var to = timed.Max(r => r.Last!.Value);
        if (endedAt > to) to = endedAt.Value;
        var path = new CriticalPath(from, to, Walk(timed, from, to));
        path.Mark();
        return path;
    }

    static List<CriticalStretch> Walk(List<StepNode> roots, long from, long to)
    {
        // Who follows on whom: schedulers take a moment.
        var near = Math.Min(20_000, (to - from) / 100);
        var stretches = new List<CriticalStretch>();
        var open = new Stack<Level>();
        open.Push(new Level(null, roots, from, to));
        while (open.TryPeek(out var level))
        {
            if (level.Next(near) is { } step)
            {
                level.Rest(stretches, step.To);
                level.At = step.Node.First!.Value;
                open.Push(new Level(step.Node, step.Node.Children, step.Node.First.Value, step.To));
                continue;
            }

            level.Rest(stretches, level.Begin);
            open.Pop();
        }

        stretches.Reverse();
        return stretches;
    }

    void Mark()
    {
        StepNode? before = null;
        long waited = 0;
        foreach (var (node, from, to) in Stretches)
        {
            if (node is null)
            {
                waited += to - from;
                Waiting += to - from;
                continue;
            }

            for (var up = node; up is { IsCritical: false }; up = up.Parent) up.IsCritical = true;
            node.Critical += to - from;
            if (IsWaiting(node)) Waiting += to - from;
            if (node != before) node.Waited += waited;
            (before, waited) = (node, 0);
        }
    }

    static bool IsWaiting(StepNode node) => node.Step.Status is RunStatus.WaitingHuman or RunStatus.Queued;

    /// <summary>The parts of one step, looked at from the end to the beginning.</summary>
    sealed class Level(StepNode? node, IReadOnlyList<StepNode> parts, long begin, long end)
    {
        readonly List<StepNode> byEnd = [.. parts.Where(p => p.First is not null).OrderByDescending(p => p.Last).ThenBy(p => p.First)];
        StepNode? atWork;
        int next;

        /// <summary>Where it begins.</summary>
        public long Begin { get; } = begin;

        /// <summary>How far back it has come.</summary>
        public long At { get; set; } = end;

        /// <summary>The part that leads to <see cref="At"/>, and until when; null: none does.</summary>
        public (StepNode Node, long To)? Next(long near)
        {
            // What ends later was at work here, if it had begun; the one that began first reaches back farthest.
            for (; next < byEnd.Count && byEnd[next].Last > At; next++)
                if (atWork is null || byEnd[next].First < atWork.First) atWork = byEnd[next];
            var beside = atWork?.First < At ? atWork : null;
            if (next < byEnd.Count && (beside is null || At - byEnd[next].Last <= near))
            {
                var before = byEnd[next++];
                return (before, before.Last!.Value);
            }

            return beside is null ? null : (beside, At);
        }

        /// <summary>What lies between <see cref="At"/> and an earlier time is the step's own, as far as it was at work, else waiting.</summary>
        public void Rest(List<CriticalStretch> stretches, long downTo)
        {
            if (node is null)
            {
                Add(stretches, null, downTo, At);
            }
            else
            {
                var (from, to) = (Math.Clamp(node.From ?? downTo, downTo, At), Math.Clamp(node.To ?? downTo, downTo, At));
                Add(stretches, null, to, At);
                // A step on the path without a moment of its own is on it all the same.
                if (to > from || node.Children.Count == 0) stretches.Add(new(node, from, to));
                Add(stretches, null, downTo, from);
            }

            At = downTo;
        }

        static void Add(List<CriticalStretch> stretches, StepNode? node, long from, long to)
        {
            if (to > from) stretches.Add(new(node, from, to));
        }
    }
}
