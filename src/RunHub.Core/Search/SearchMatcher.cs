namespace RunHub.Search;

/// <summary>A piece of a run's text with the words that were asked for.</summary>
/// <param name="Kind">Where it stands.</param>
/// <param name="Text">The piece, plain text.</param>
/// <param name="Marks">Where the words are in <paramref name="Text"/>: offset and length in UTF-16 units, in order, not overlapping.</param>
public sealed record SearchSnippet(SearchKind Kind, string Text, IReadOnlyList<(int Start, int Length)> Marks);

/// <summary>
/// Asks a document what the index would be asked, finds the words in it and weighs them. Not thread-safe.
/// </summary>
sealed class SearchMatcher(SearchText question)
{
    const int SnippetLength = 160;
    const int Before = 50;

    // What a word is worth where it stands, in the order of SearchKind.
    static readonly double[] Weights = [8, 5, 5, 3, 3, 1.5, 1.5, 1];

    readonly List<(int Start, int Length, int Folded, int FoldedLength)> words = [];
    readonly System.Buffers.ArrayBufferWriter<char> folded = new(1024);

    /// <summary>Is all of it there.</summary>
    public bool Has(SearchDocument document)
    {
        if (!question.HasWords) return false;
        var missing = question.Terms.ToList();
        foreach (var (_, text) in document.Sections)
        {
            Cut(text);
            missing.RemoveAll(term => Next(term, 0) >= 0);
            if (missing.Count == 0) return true;
        }

        return false;
    }

    /// <summary>How well it matches; only to compare with others of the same question.</summary>
    public double Score(SearchDocument document)
    {
        var score = 0.0;
        foreach (var (kind, text) in document.Sections)
        {
            Cut(text);
            foreach (var term in question.Terms)
            {
                var (count, whole) = (0, false);
                for (var at = Next(term, 0); at >= 0 && count < 8; at = Next(term, at + 1))
                {
                    count++;
                    whole |= words[at + term.Words.Length - 1].FoldedLength == term.Last.Length;
                }

                if (count > 0) score += Weights[(int)kind] * (count / (count + 0.5)) * (whole ? 1 : 0.8);
            }
        }

        return score;
    }

    /// <summary>The sections with hits, the best first, each around its densest place.</summary>
    public List<SearchSnippet> Snippets(SearchDocument document, int max)
    {
        var found = new List<(double Score, SearchSnippet Snippet)>();
        foreach (var (kind, text) in document.Sections)
        {
            Cut(text);
            var marks = new List<(int Start, int Length)>();
            var terms = 0;
            foreach (var term in question.Terms)
            {
                var before = marks.Count;
                for (var at = Next(term, 0); at >= 0 && marks.Count < before + 100; at = Next(term, at + 1))
                {
                    var last = words[at + term.Words.Length - 1];
                    marks.Add((words[at].Start, last.Start + last.Length - words[at].Start));
                }

                // A phrase tells more than a word.
                if (marks.Count > before) terms += term.Words.Length;
            }

            if (terms > 0) found.Add((terms * 10 + Weights[(int)kind], Cut(kind, text, [.. marks.Order()])));
        }

        return [.. found.OrderByDescending(f => f.Score).Take(max).Select(f => f.Snippet)];
    }

    static SearchSnippet Cut(SearchKind kind, string text, List<(int Start, int Length)> marks)
    {
        // The window that holds most marks.
        var (best, most) = (0, 0);
        for (var i = 0; i < marks.Count; i++)
        {
            var count = 1;
            while (i + count < marks.Count && marks[i + count].Start + marks[i + count].Length <= marks[i].Start + SnippetLength - Before) count++;
            if (count > most) (best, most) = (i, count);
        }

        var from = text.Length <= SnippetLength ? 0 : Math.Max(0, Math.Min(marks[best].Start - Before, text.Length - SnippetLength));
        if (from > 0) from = Boundary(text, from, marks[best].Start);
        var to = Math.Min(text.Length, Math.Max(from + SnippetLength, Math.Min(text.Length, marks[best].Start + Math.Min(marks[best].Length, SnippetLength))));
        if (to < text.Length && char.IsLowSurrogate(text[to])) to--;
        var head = from > 0 ? "…" : "";
        var shown = new List<(int, int)>();
        var end = from;
        foreach (var (start, length) in marks)
        {
            if (start < end || start + length > to) continue;
            shown.Add((start - from + head.Length, length));
            end = start + length;
        }

        return new SearchSnippet(kind, head + text[from..to] + (to < text.Length ? "…" : ""), shown);
    }

    // Begins behind a space where one is near.
    static int Boundary(string text, int from, int limit)
    {
        var space = text.IndexOf(' ', from, Math.Min(20, limit - from));
        if (space >= 0) return space + 1;
        return char.IsLowSurrogate(text[from]) ? from + 1 : from;
    }

    void Cut(string text)
    {
        words.Clear();
        folded.ResetWrittenCount();
        var reader = new SearchWords(text);
        while (true)
        {
            var length = reader.Next(folded.GetSpan(SearchWords.MaxLength));
            if (length == 0) return;
            words.Add((reader.Start, reader.Length, folded.WrittenCount, length));
            folded.Advance(length);
        }
    }

    /// <summary>Index of the first word of the next place where the term stands; -1: none.</summary>
    int Next(SearchTerm term, int from)
    {
        for (var i = from; i <= words.Count - term.Words.Length; i++)
        {
            var j = 0;
            while (j < term.Words.Length && Is(words[i + j], term.Words[j], term.IsPrefix && j == term.Words.Length - 1)) j++;
            if (j == term.Words.Length) return i;
        }

        return -1;
    }

    bool Is((int Start, int Length, int Folded, int FoldedLength) word, string wanted, bool prefix)
    {
        var text = folded.WrittenSpan.Slice(word.Folded, word.FoldedLength);
        return prefix ? text.StartsWith(wanted, StringComparison.Ordinal) : text.SequenceEqual(wanted);
    }
}
