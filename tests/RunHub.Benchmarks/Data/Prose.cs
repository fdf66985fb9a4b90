using System.Globalization;
using System.Text;

namespace RunHub.Benchmarks.Data;

/// <summary>
/// Prose as models and people write it in prompts and answers: English or Spanish, with names, amounts and dates. The same
/// seed gives the same text. Its words repeat as words do, so that it packs like text: neither noise nor one line over and over.
/// </summary>
sealed class Prose(Random random)
{
    readonly StringBuilder text = new();

    /// <summary>Sentences of together at least <paramref name="characters"/> characters, cut at a word near there.</summary>
    public string Text(int characters, bool spanish)
    {
        var words = spanish ? Words.Spanish : Words.English;
        text.Clear();
        while (text.Length < characters)
        {
            if (text.Length > 0) text.Append(random.Next(7) == 0 ? "\n\n" : " ");
            Sentence(words);
        }

        var cut = Math.Min(characters, text.Length);
        while (cut > 0 && cut < text.Length && !char.IsWhiteSpace(text[cut])) cut--;
        return text.ToString(0, cut);
    }

    /// <summary>One of them.</summary>
    public T Pick<T>(params ReadOnlySpan<T> from) => from[random.Next(from.Length)];

    void Sentence(Words words)
    {
        var start = text.Length;
        if (random.Next(3) == 0) text.Append(Pick<string>(words.Openers)).Append(", ");
        Clause(words);
        if (random.Next(2) == 0)
        {
            text.Append(random.Next(2) == 0 ? ", " : " ").Append(Pick<string>(words.Links)).Append(' ');
            Clause(words);
        }

        text.Append('.');
        text[start] = char.ToUpperInvariant(text[start]);
    }

    void Clause(Words words)
    {
        Thing(words);
        text.Append(' ').Append(Pick<string>(words.Verbs)).Append(' ');
        Thing(words);
        switch (random.Next(6))
        {
            case 0:
                text.Append(words.NounFirst ? " de " : " from ").Append(Pick<string>(words.Places));
                break;
            case 1:
                text.Append(words.NounFirst ? " por " : " for ").Append((random.Next(100, 900_000) / 100m).ToString("N2", CultureInfo.InvariantCulture)).Append(random.Next(2) == 0 ? " EUR" : " USD");
                break;
            case 2:
                text.Append(words.NounFirst ? " el " : " on ").Append(new DateOnly(2026, 1, 1).AddDays(random.Next(320)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
        }
    }

    void Thing(Words words)
    {
        text.Append(Pick<string>(words.Determiners)).Append(' ');
        var adjective = random.Next(3) != 0 ? Pick<string>(words.Adjectives) : null;
        var noun = Pick<string>(words.Nouns);
        if (adjective is null) text.Append(noun);
        else if (words.NounFirst) text.Append(noun).Append(' ').Append(adjective);
        else text.Append(adjective).Append(' ').Append(noun);
    }
}
