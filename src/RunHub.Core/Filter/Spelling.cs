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

    // Levenshtein, with two rows.
    static int Distance(string a, string b)
    {
        Span<int> above = stackalloc int[b.Length + 1], row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) above[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++) row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            row.CopyTo(above);
        }

        return above[b.Length];
    }
}
