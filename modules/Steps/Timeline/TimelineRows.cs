namespace RunHub.Steps.Timeline;

/// <summary>A row of the waterfall: a step, or several siblings that are asked for when somebody wants them.</summary>
/// <param name="Node">The step; of several, the first.</param>
/// <param name="Depth">How far it is indented.</param>
/// <param name="From">Place of the first of several among its siblings.</param>
/// <param name="Count">How many siblings it stands for; 0: it is the step's own row.</param>
public readonly record struct TimelineRow(StepNode Node, int Depth, int From, int Count)
{
    /// <summary>Its parts have rows, too.</summary>
    public bool IsOpen { get; init; }
}

/// <summary>
/// Chooses the rows of a waterfall. A run of up to <see cref="All"/> steps is there whole; of a larger one the first of each list
/// of siblings, what failed with its way, and the longest of the critical path; the rest stands in rows that say how many they are.
/// </summary>
public static class TimelineRows
{
    /// <summary>Steps of a run that is shown whole.</summary>
    public const int All = 200;

    /// <summary>Rows that are added when several siblings are asked for.</summary>
    public const int Page = 100;

    const int Budget = 200, FirstOfTop = 20, FirstOfParts = 5, Important = 40, ShareThatCounts = 50, NotWorthARow = 2;

    /// <summary>The rows a waterfall begins with.</summary>
    /// <param name="tree">The steps.</param>
    /// <param name="total">Length of the axis, microseconds.</param>
    /// <param name="sought">A step that has a row whatever the others need; null: none.</param>
    public static IReadOnlyList<TimelineRow> Begin(StepTree tree, long total, StepNode? sought = null)
    {
        var rows = new List<TimelineRow>();
        var way = new HashSet<StepNode>();
        var node = sought;
        while (node is not null && way.Add(node)) node = node.Parent;
        // One that lies deeper than there are rows is not worth a page without end.
        if (way.Count > Budget) way.Clear();
        if (tree.All.Count <= All) rows.AddRange(tree.All.Select(n => new TimelineRow(n, n.Depth, 0, 0) { IsOpen = n.Beneath > 0 }));
        else new Choice(rows, tree.Failed > 0, total / ShareThatCounts, sought, way).Siblings(tree.Roots, 0, FirstOfTop);
        return rows;
    }

    /// <summary>More of the parts of a step (null: of the run).</summary>
    /// <param name="tree">The steps.</param>
    /// <param name="under">Whose parts.</param>
    /// <param name="from">Place of the first among them.</param>
    /// <param name="count">How many of them are not shown; what is too much for one answer stands in a row again.</param>
    public static IReadOnlyList<TimelineRow> More(StepTree tree, StepNode? under, int from, int count)
    {
        var (parts, depth) = under is null ? (tree.Roots, 0) : (under.Children, under.Depth + 1);
        var rows = new List<TimelineRow>();
        var last = (int)Math.Min(parts.Count, (long)from + count);
        var end = Math.Min(last, (int)Math.Min(int.MaxValue, (long)from + Page));
        for (var i = from; i < end; i++) rows.Add(new TimelineRow(parts[i], depth, 0, 0));
        if (end < last && from <= end) rows.Add(new TimelineRow(parts[end], depth, end, last - end));
        return rows;
    }

    sealed class Choice(List<TimelineRow> rows, bool anyFailed, long longEnough, StepNode? sought, HashSet<StepNode> way)
    {
        // Calls itself once for each level it opens, each of which has a row: not deeper than the budget.
        public void Siblings(IReadOnlyList<StepNode> siblings, int depth, int first)
        {
            var shown = Shown(siblings, first);
            for (var i = 0; i < siblings.Count; i++)
            {
                if (rows.Count >= Budget)
                {
                    Rest(siblings, depth, i);
                    return;
                }

                if (shown is null || shown.Contains(i))
                {
                    var open = siblings[i].Children.Count > 0 && (IsPassed(siblings[i]) || (anyFailed ? siblings[i].FailedBeneath > 0 : siblings[i].IsCritical));
                    rows.Add(new TimelineRow(siblings[i], depth, 0, 0) { IsOpen = open });
                    if (open) Siblings(siblings[i].Children, depth + 1, FirstOfParts);
                    continue;
                }

                var from = i;
                while (i + 1 < siblings.Count && !shown.Contains(i + 1)) i++;
                rows.Add(new TimelineRow(siblings[from], depth, from, i + 1 - from));
            }
        }

        // What there is no room for, but for the way to the step that is sought.
        void Rest(IReadOnlyList<StepNode> siblings, int depth, int from)
        {
            var after = new Stack<TimelineRow>();
            while (true)
            {
                var at = from;
                while (at < siblings.Count && !way.Contains(siblings[at])) at++;
                if (at > from) rows.Add(new TimelineRow(siblings[from], depth, from, at - from));
                if (at == siblings.Count) break;
                rows.Add(new TimelineRow(siblings[at], depth, 0, 0) { IsOpen = IsPassed(siblings[at]) });
                if (at + 1 < siblings.Count) after.Push(new TimelineRow(siblings[at + 1], depth, at + 1, siblings.Count - at - 1));
                if (!IsPassed(siblings[at])) break;
                (siblings, depth, from) = (siblings[at].Children, depth + 1, 0);
            }

            while (after.TryPop(out var row)) rows.Add(row);
        }

        bool IsPassed(StepNode node) => node != sought && way.Contains(node);

        // Null: all of them.
        HashSet<int>? Shown(IReadOnlyList<StepNode> siblings, int first)
        {
            if (siblings.Count <= first + Important / 2) return null;
            var important = Enumerable.Range(first, siblings.Count - first).Where(i => way.Contains(siblings[i]) || Failed(siblings[i]) || siblings[i].IsCritical && Length(siblings[i]) >= longEnough)
                .OrderByDescending(i => way.Contains(siblings[i])).ThenByDescending(i => Failed(siblings[i])).ThenByDescending(i => Length(siblings[i])).Take(Important).Order().ToList();
            var shown = Enumerable.Range(0, first).ToHashSet();
            // One or two between two that are shown are shown as well: a row that says so would take their place.
            var last = first - 1;
            foreach (var i in important)
            {
                if (i - last - 1 <= NotWorthARow) shown.UnionWith(Enumerable.Range(last + 1, i - last - 1));
                shown.Add(last = i);
            }

            if (siblings.Count - last - 1 <= NotWorthARow) shown.UnionWith(Enumerable.Range(last + 1, siblings.Count - last - 1));
            return shown;
        }

        static bool Failed(StepNode node) => node.HasFailed || node.FailedBeneath > 0;

        static long Length(StepNode node) => node.Last - node.First ?? 0;
    }
}
