using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Resources;
using System.Text;
using Microsoft.Extensions.Localization;

namespace RunHub.Ui;

/// <summary>
/// The texts of one resource class in one language, read once. Each assembly with a face has such a class beside its
/// <c>.resx</c> files (<c>RunsTexts.resx</c>, <c>RunsTexts.es.resx</c>); English is what a missing text falls back to.
/// </summary>
public sealed class TextTable
{
    /// <summary>The languages of the interface, the first is the default.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "es"];

    static readonly ConcurrentDictionary<(Type Source, string Language), TextTable> Tables = new();
    readonly FrozenDictionary<string, string> texts;

    TextTable(Type source, string language)
    {
        var resources = new ResourceManager(source);
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var culture in new[] { CultureInfo.InvariantCulture, CultureInfo.GetCultureInfo(language) })
            foreach (DictionaryEntry entry in resources.GetResourceSet(culture, createIfNotExists: true, tryParents: false) ?? (IEnumerable)Array.Empty<DictionaryEntry>())
                all[(string)entry.Key] = (string)entry.Value!;
        texts = all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>A text; the key itself where there is none.</summary>
    public string this[string key] => texts.GetValueOrDefault(key, key);

    /// <summary>A text with its places (<c>{0}</c> to <c>{9}</c>) filled, in one pass: a value that looks like a place is not filled in turn.</summary>
    /// <param name="key">The text.</param>
    /// <param name="values">What belongs in <c>{0}</c>, <c>{1}</c> …</param>
    public string Put(string key, params ReadOnlySpan<string> values)
    {
        var text = this[key];
        var filled = new StringBuilder(text.Length + 32);
        var from = 0;
        for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0 && at + 2 < text.Length; at = text.IndexOf('{', at + 1))
        {
            var place = text[at + 1] - '0';
            if (text[at + 2] != '}' || place < 0 || place >= values.Length) continue;
            filled.Append(text, from, at - from).Append(values[place]);
            from = at + 3;
        }

        return filled.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys => texts.Keys;

    /// <summary>Is there such a text.</summary>
    public bool Has(string key) => texts.ContainsKey(key);

    /// <summary>The texts of <paramref name="source"/> in the language of the current request.</summary>
    public static TextTable Of(Type source) => Of(source, Language);

    /// <summary>The texts of <paramref name="source"/> in <paramref name="language"/>.</summary>
    public static TextTable Of(Type source, string language) => Tables.GetOrAdd((source, language), static key => new TextTable(key.Source, key.Language));

    /// <summary>Language of the current request: one of <see cref="Languages"/>.</summary>
    public static string Language => CultureInfo.CurrentUICulture.Name.StartsWith("es", StringComparison.Ordinal) ? "es" : "en";
}

/// <summary>Hands out <see cref="TextTable"/>s as <see cref="IStringLocalizer"/>s.</summary>
public sealed class TextLocalizerFactory : IStringLocalizerFactory
{
    /// <inheritdoc/>
    public IStringLocalizer Create(Type resourceSource) => new TextLocalizer(resourceSource);

    /// <inheritdoc/>
    public IStringLocalizer Create(string baseName, string location) => throw new NotSupportedException("Texts are found by their class.");

    sealed class TextLocalizer(Type source) : IStringLocalizer
    {
        public LocalizedString this[string name]
        {
            get
            {
                var table = TextTable.Of(source);
                return new LocalizedString(name, table[name], !table.Has(name));
            }
        }

        public LocalizedString this[string name, params object[] arguments]
        {
            get
            {
                var table = TextTable.Of(source);
                return new LocalizedString(name, string.Format(CultureInfo.InvariantCulture, table[name], arguments), !table.Has(name));
            }
        }

        public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures)
        {
            var table = TextTable.Of(source);
            return table.Keys.Select(key => new LocalizedString(key, table[key]));
        }
    }
}
