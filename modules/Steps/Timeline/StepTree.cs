using RunHub.Model;

namespace RunHub.Steps.Timeline;

/// <summary>A step in its place: under its parent, on the run's time axis. Times are microseconds since 1970.</summary>
public sealed class StepNode
{
    const long LongestMs = 1_000_000_000_000;
    static readonly List<StepNode> None = [];
    List<StepNode>? children;

    internal StepNode(StepRow step, long now)
    {
        Step = step;
        var duration = step.DurationMs is { } ms ? Math.Clamp(ms, 0, LongestMs) * 1000 : (long?)null;
        From = step.StartedAt ?? (step.CompletedAt is { } ended ? ended - (duration ?? 0) : null);
        To = step.CompletedAt ?? From + duration ?? (From is { } from && !step.Status.IsFinal() ? Math.Max(from, now) : From);
        HasNoEnd = step.CompletedAt is null && duration is null && step.Status.IsFinal() && From is not null;
        if (To < From) To = From;
    }

    /// <summary>The row.</summary>
    public StepRow Step { get; }

    /// <summary>The step it is part of; null: it stands at the top.</summary>
    public StepNode? Parent { get; internal set; }

    /// <summary>Its parts, by time; those without times stand where they were reported.</summary>
    public IReadOnlyList<StepNode> Children => children ?? None;

    /// <summary>How many stand above it.</summary>
    public int Depth { get; internal set; }

    /// <summary>When it began; null: nobody said.</summary>
    public long? From { get; internal set; }

    /// <summary>When it ended, or now while it is at work; null: nobody said when it began.</summary>
    public long? To { get; internal set; }

    /// <summary>Its times are those of its parts: it was reported without.</summary>
    public bool IsFromParts { get; internal set; }

    /// <summary>It began and is over, and nobody said when it ended.</summary>
    public bool HasNoEnd { get; }

    /// <summary>The earliest of itself and all beneath it.</summary>
    public long? First { get; internal set; }

    /// <summary>The latest of itself and all beneath it.</summary>
    public long? Last { get; internal set; }

    /// <summary>Steps beneath it, at any depth.</summary>
    public int Beneath { get; internal set; }

    /// <summary>Failed steps beneath it.</summary>
    public int FailedBeneath { get; internal set; }

    /// <summary>It failed.</summary>
    public bool HasFailed => Step.Status == RunStatus.Failed;

    /// <summary>It is one of the steps that determine when the run ended.</summary>
    public bool IsCritical { get; internal set; }

    /// <summary>How much of the run's time is its own on the critical path, microseconds.</summary>
    public long Critical { get; internal set; }

    /// <summary>How long nothing was at work before it began, on the critical path, microseconds.</summary>
    public long Waited { get; internal set; }

    internal List<StepNode> Own => children ??= [];

    internal void Take(List<StepNode>? sorted) => children = sorted;
}

/// <summary>A run's steps as the tree they are: whatever the parent ids say, every step stands in it once.</summary>
public sealed class StepTree
{
    StepTree(IReadOnlyList<StepNode> roots, IReadOnlyList<StepNode> all, IReadOnlyDictionary<string, StepNode> byId) => (Roots, All, ById) = (roots, all, byId);

    /// <summary>Steps without a parent that is known.</summary>
    public IReadOnlyList<StepNode> Roots { get; }

    /// <summary>All, parents before their parts.</summary>
    public IReadOnlyList<StepNode> All { get; }

    /// <summary>By id.</summary>
    public IReadOnlyDictionary<string, StepNode> ById { get; }

    /// <summary>Steps nobody gave a time, nor any of their parts.</summary>
    public int Timeless { get; private set; }

    /// <summary>Steps that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>
    /// Builds it. Ids come from outside: a step that is its own ancestor is put at the top, and a chain may be as deep as there are
    /// steps (nothing here calls itself).
    /// </summary>
    /// <param name="steps">In order of arrival.</param>
    /// <param name="now">Microseconds since 1970; where steps at work end.</param>
    public static StepTree Build(IReadOnlyList<StepRow> steps, long now)
    {
        var nodes = new List<StepNode>(steps.Count);
        var byId = new Dictionary<string, StepNode>(steps.Count, StringComparer.Ordinal);
        foreach (var step in steps)
        {
            var node = new StepNode(step, now);
            if (byId.TryAdd(step.Id, node)) nodes.Add(node);
        }

        foreach (var node in nodes)
        {
            if (node.Step.ParentStepId is not { } id || !byId.TryGetValue(id, out var parent) || parent == node) continue;
            node.Parent = parent;
            parent.Own.Add(node);
        }

        var roots = nodes.Where(n => n.Parent is null).ToList();
        var all = new List<StepNode>(nodes.Count);
        var seen = new HashSet<StepNode>(nodes.Count);
        foreach (var root in roots) Walk(root, all, seen);
        // What is left goes round in circles; each is cut once.
        foreach (var node in nodes)
        {
            if (seen.Contains(node)) continue;
            var turn = InCircle(node);
            turn.Parent!.Own.Remove(turn);
            turn.Parent = null;
            roots.Add(turn);
            Walk(turn, all, seen);
        }

        var tree = new StepTree(roots, all, byId);
        for (var i = all.Count - 1; i >= 0; i--) tree.Sum(all[i]);
        foreach (var node in all)
            if (node.Children.Count > 1) node.Take(ByTime(node.Own));
        var sorted = ByTime(roots);
        for (var i = 0; i < sorted.Count; i++) roots[i] = sorted[i];
        all.Clear();
        seen.Clear();
        foreach (var root in roots) Walk(root, all, seen);
        return tree;
    }

    // A step of the circle this one hangs on.
    static StepNode InCircle(StepNode node)
    {
        var passed = new HashSet<StepNode>();
        while (passed.Add(node)) node = node.Parent!;
        return node;
    }

    static void Walk(StepNode root, List<StepNode> all, HashSet<StepNode> seen)
    {
        var open = new Stack<StepNode>();
        open.Push(root);
        while (open.TryPop(out var node))
        {
            if (!seen.Add(node)) continue;
            node.Depth = node.Parent is null ? 0 : node.Parent.Depth + 1;
            all.Add(node);
            for (var i = node.Children.Count - 1; i >= 0; i--) open.Push(node.Children[i]);
        }
    }

    void Sum(StepNode node)
    {
        foreach (var child in node.Children)
        {
            node.Beneath += 1 + child.Beneath;
            node.FailedBeneath += child.FailedBeneath + (child.HasFailed ? 1 : 0);
            if (child.First < (node.First ?? long.MaxValue)) node.First = child.First;
            if (child.Last > (node.Last ?? long.MinValue)) node.Last = child.Last;
        }

        if (node.From is null && node.First is not null) (node.From, node.To, node.IsFromParts) = (node.First, node.Last, true);
        if (node.From < (node.First ?? long.MaxValue)) node.First = node.From;
        if (node.To > (node.Last ?? long.MinValue)) node.Last = node.To;
        if (node.From is null) Timeless++;
        if (node.HasFailed) Failed++;
    }

    // Steady: those without times stay behind the one they were reported after.
    static List<StepNode> ByTime(List<StepNode> nodes)
    {
        var (keys, last) = (new Dictionary<StepNode, long>(nodes.Count), long.MinValue);
        foreach (var node in nodes) keys[node] = last = node.First ?? last;
        return [.. nodes.OrderBy(n => keys[n])];
    }
}
