using RunHub.Admin;
using RunHub.Ui;

namespace RunHub.UnitTests;

public sealed class TextsTests
{
    [Theory]
    [InlineData(typeof(UiTexts))]
    [InlineData(typeof(AdminTexts))]
    [InlineData(typeof(RunHub.Logs.LogsTexts))]
    [InlineData(typeof(RunHub.Traces.TracesTexts))]
    public void Every_text_is_there_in_every_language_with_the_same_places(Type source)
    {
        var sets = TextTable.Languages.Select(language => Own(source, language)).ToList();
        Assert.NotEmpty(sets[0]);
        foreach (var set in sets) Assert.Equal(sets[0].Keys.Order(StringComparer.Ordinal), set.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, text) in sets[0])
            foreach (var set in sets) Assert.True(Places(text) == Places(set[key]), $"{key}: \"{text}\" and \"{set[key]}\" have different places.");
    }

    // Without fallback: what TextTable would paper over with English is what this test is for.
    static Dictionary<string, string> Own(Type source, string language)
    {
        var culture = language == TextTable.Languages[0] ? System.Globalization.CultureInfo.InvariantCulture : System.Globalization.CultureInfo.GetCultureInfo(language);
        var set = new System.Resources.ResourceManager(source).GetResourceSet(culture, createIfNotExists: true, tryParents: false);
        Assert.NotNull(set);
        return set.Cast<System.Collections.DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!, StringComparer.Ordinal);
    }

    static string Places(string text) => string.Concat(Enumerable.Range(0, 5).Where(i => text.Contains($"{{{i}", StringComparison.Ordinal)));
}
