using System.Text;

namespace RunHub.Search;

/// <summary>
/// A question in words: all of them must be there (anywhere in the run), text in quotes as a phrase, and the last word may be the
/// beginning of one. What is glued together without a space (<c>invoice_98421.pdf</c>) is a phrase too. Whatever else
/// stands in the text (operators, brackets, emoji) only separates words.
/// </summary>
public sealed class SearchText
{
    SearchText(string text, IReadOnlyList<SearchTerm> terms) => (Text, Terms) = (text, terms);

    /// <summary>As it was given.</summary>
    public string Text { get; }

    /// <summary>False: there is no letter and no digit in it, so no text can match.</summary>
    public bool HasWords => Terms.Count > 0;

    internal IReadOnlyList<SearchTerm> Terms { get; }

    /// <summary>Reads a question; there is none that cannot be read.</summary>
    public static SearchText Parse(string text)
    {
        var terms = new List<SearchTerm>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var quoted = text[i] == '"';
            var from = quoted ? ++i : i;
            while (i < text.Length && (quoted ? text[i] != '"' : !char.IsWhiteSpace(text[i]) && text[i] != '"')) i++;
            var piece = text.AsSpan(from, i - from);
            if (quoted) i++;
            var words = Words(piece);
            if (words.Length == 0) continue;
            var last = i >= text.Length || text.AsSpan(i).IsWhiteSpace();
            terms.Add(new SearchTerm(words, !quoted && (last || piece[^1] == '*') && EndsInWord(piece)));
        }

        return new SearchText(text, [.. terms.DistinctBy(t => t.ToString(), StringComparer.Ordinal)]);
    }

    /// <summary>The same question with the last word whole.</summary>
    internal SearchText Whole() => new(Text, [.. Terms.Select(t => t with { IsPrefix = false })]);

    /// <summary>For PostgreSQL, as <c>tsquery</c>.</summary>
    internal string ToVectorQuery()
    {
        var query = new StringBuilder();
        foreach (var term in Terms)
        {
            if (query.Length > 0) query.Append(" & ");
            term.AppendTo(query);
        }

        return query.ToString();
    }

    /// <summary>The last word may go on.</summary>
    internal bool HasPrefix => Terms.Any(t => t.IsPrefix);

    /// <summary>For PostgreSQL, its words wherever they stand, with or without the one that may go on; empty: there are no others.</summary>
    internal string ToWordsQuery(bool withPrefix) =>
        string.Join(" & ", Terms.SelectMany(t => t.Words.Select((w, i) => (Word: w, IsPrefix: t.IsPrefix && i == t.Words.Length - 1))).Where(w => withPrefix || !w.IsPrefix).Select(w => w.IsPrefix ? $"'{w.Word}':*" : $"'{w.Word}'"));

    static string[] Words(ReadOnlySpan<char> piece)
    {
        var words = new List<string>();
        Span<char> word = stackalloc char[SearchWords.MaxLength];
        var reader = new SearchWords(piece);
        while (reader.Next(word) is var length and > 0) words.Add(word[..length].ToString());
        return [.. words];
    }

    // "invoice." is the whole word; "invoice" and "invoice*" may go on.
    static bool EndsInWord(ReadOnlySpan<char> piece) => piece.TrimEnd('*') is [.., var c] && (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || c >= 0x300);

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>One thing that must be there: a word, or several in a row.</summary>
/// <param name="Words">Folded words.</param>
/// <param name="IsPrefix">The last of them is the beginning of a word.</param>
sealed record SearchTerm(string[] Words, bool IsPrefix)
{
    public string Last => Words[^1];

    public override string ToString() => string.Join(' ', Words) + (IsPrefix ? "*" : "");

    /// <summary>For PostgreSQL: <c>'a' &lt;-&gt; 'b':*</c>. Words are letters and digits alone, so quotes are all they need.</summary>
    public void AppendTo(StringBuilder query)
    {
        query.Append('(');
        for (var i = 0; i < Words.Length; i++) query.Append(i > 0 ? " <-> '" : "'").Append(Words[i]).Append('\'');
        query.Append(IsPrefix ? ":*)" : ")");
    }
}
