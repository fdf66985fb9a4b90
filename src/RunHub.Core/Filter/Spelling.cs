namespace RunHub.Filter;

/// <summary>"Did you mean".</summary>
public static class Spelling
{
    /// <summary>The word nearest to <paramref name="word"/>, at most two edits (one for short words) away; null: none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > 40) return null;
        var (best, distance) = ((string?)null, word.Length < 4 ? 2 : 3);
        foreach (var candidate in known)
        {
            if (Math.Abs(candidate.Length - word.Length) >= distance || Distance(word, candidate) is var d && d >= distance) continue;
            (best, distance) = (candidate, Distance(word, candidate));
        }

        return best;
    }

    /// <summary><c> Did you mean x?</c> with a space before it, or nothing.</summary>
    internal static string Hint(string word, IEnumerable<string> known) => Nearest(word.ToLowerInvariant(), known) is { } near ? $" Did you mean {near}?" : "";

    // Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
