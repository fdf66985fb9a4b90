using System.Globalization;

namespace RunHub.Search;

/// <summary>
/// Cuts text into words the same way everywhere: while indexing on either engine, while reading a question, and while marking hits.
/// A word is a row of letters and digits; case and accents do not count (<c>Año</c> is <c>ano</c>). Done here and not by
/// the engines, because theirs differ, and because one needs the very words again to take a text out of SQLite's index.
/// </summary>
ref struct SearchWords(ReadOnlySpan<char> text)
{
    /// <summary>A change of how words are cut or folded; an index made by another version is made anew.</summary>
    public const int Version = 1;

    /// <summary>Characters of a word that count; the rest of a longer one is passed over.</summary>
    public const int MaxLength = 64;

    const int Latin = 0xC0;
    const int Additional = 0x1E00;

    // Base letters of Latin-1, Extended-A and Extended Additional. Not asked of the framework: it runs without culture data.
    const string LatinLetters = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    const string AdditionalLetters = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyas    aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy      ";

    readonly ReadOnlySpan<char> text = text;
    int at;

    /// <summary>Where the word begins in the text.</summary>
    public int Start { get; private set; }

    /// <summary>How long it is there.</summary>
    public int Length { get; private set; }

    /// <summary>To the next word: writes it folded into <paramref name="word"/>, which has <see cref="MaxLength"/> characters, and answers how many; 0: no more.</summary>
    public int Next(scoped Span<char> word)
    {
        while (at < text.Length && Fold(text, at, out var width) is '\0' or '\u0001') at += width;
        if (at >= text.Length) return 0;
        Start = at;
        var length = 0;
        while (at < text.Length)
        {
            // Most text is this.
            while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
            {
                var c = text[at++];
                if (length < MaxLength) word[length++] = c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
            }

            if (at >= text.Length) break;
            var folded = Fold(text, at, out var width);
            if (folded == '\0') break;
            if (folded != '\u0001' && length + width <= MaxLength)
            {
                word[length++] = folded;
                if (width == 2) word[length++] = text[at + 1];
            }

            at += width;
        }

        Length = at - Start;
        return length;
    }

    // The folded letter; 0 for what separates words, 1 for marks that belong to the letter before and do not count.
    static char Fold(ReadOnlySpan<char> text, int at, out int width)
    {
        var c = text[at];
        width = 1;
        if (c < 128) return char.IsAsciiLetterOrDigit(c) ? (char)(c is >= 'A' and <= 'Z' ? c | 0x20 : c) : '\0';
        if (c is >= (char)Latin and < (char)0x180 && LatinLetters[c - Latin] is not ' ' and var latin) return latin;
        if (c is >= (char)Additional and < (char)0x1F00 && AdditionalLetters[c - Additional] is not ' ' and var more) return more;
        if (char.IsSurrogate(c))
        {
            if (!char.IsHighSurrogate(c) || at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1])) return '\0';
            width = 2;
            return IsWord(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[at + 1]))) ? c : '\0';
        }

        var category = CharUnicodeInfo.GetUnicodeCategory(c);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark) return '\u0001';
        return IsWord(category) ? char.ToLowerInvariant(c) : '\0';
    }

    static bool IsWord(UnicodeCategory category) => category is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
