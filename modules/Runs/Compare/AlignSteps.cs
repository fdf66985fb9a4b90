using RunHub.Model;

namespace RunHub.Runs.Compare;

/// <summary>A step and its like in the other run.</summary>
/// <param name="Run">In the run that is looked at; null: it has none.</param>
/// <param name="Other">In the run it is compared with; null: it had none.</param>
/// <param name="Moved">Both have it, but not in the same order among the others.</param>
public readonly record struct AlignedSteps<T>(T? Run, T? Other, bool Moved) where T : class;

/// <summary>
/// Puts the steps of two runs beside each other: as many as possible in the order both have (longest common subsequence of their
/// keys, the earlier of repeated ones first), then what is left over with the same key as moved, the rest alone.
/// </summary>
public static class AlignSteps
{
    /// <summary>What makes two steps the same: the node, else the name.</summary>
    public static string KeyOf(StepRow step) => step.NodeId ?? step.Name;

    /// <summary>Aligns two lists; time and memory grow with the product of their lengths.</summary>
    /// <param name="run">Of the run that is looked at.</param>
    /// <param name="other">Of the run it is compared with.</param>
    /// <param name="key">What makes two the same.</param>
    /// <returns>Each of both lists once, in order.</returns>
    public static List<AlignedSteps<T>> Of<T>(IReadOnlyList<T> run, IReadOnlyList<T> other, Func<T, string> key) where T : class
    {
        var (a, b) = (run.Select(key).ToArray(), other.Select(key).ToArray());
        var rows = InOrder(run, other, a, b);
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i] is not { Run: { } only, Other: null }) continue;
            var at = rows.FindIndex(r => r is { Run: null, Other: { } o } && string.Equals(key(o), key(only), StringComparison.Ordinal));
            if (at < 0) continue;
            rows[i] = new(only, rows[at].Other, Moved: true);
            rows.RemoveAt(at);
            if (at < i) i--;
        }

        return rows;
    }

    static List<AlignedSteps<T>> InOrder<T>(IReadOnlyList<T> run, IReadOnlyList<T> other, string[] a, string[] b) where T : class
    {
        // longest[i, j]: how many of a[i..] and b[j..] can stand beside each other.
        var longest = new short[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
            for (var j = b.Length - 1; j >= 0; j--)
                longest[i, j] = a[i] == b[j] ? (short)(longest[i + 1, j + 1] + 1) : Math.Max(longest[i + 1, j], longest[i, j + 1]);
        var rows = new List<AlignedSteps<T>>(Math.Max(a.Length, b.Length));
        var (x, y) = (0, 0);
        while (x < a.Length || y < b.Length)
        {
            if (x < a.Length && y < b.Length && a[x] == b[y]) rows.Add(new(run[x++], other[y++], Moved: false));
            else if (y < b.Length && (x == a.Length || longest[x, y + 1] >= longest[x + 1, y])) rows.Add(new(null, other[y++], Moved: false));
            else rows.Add(new(run[x++], null, Moved: false));
        }

        return rows;
    }
}
