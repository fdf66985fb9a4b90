using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RunHub.UnitTests.House;

/// <summary>Everything a person reads stands in resources, in every language.</summary>
public sealed partial class TextTests
{
    /// <summary>Words that are names or code, the same in every language.</summary>
    static readonly string[] Names = ["RunHub", "curl", "Authorization", "Bearer", "Content", "POST", "api", "runs", "application", "json", "Type", "http", "openapi", "English", "Español"];

    [Fact]
    public void Every_language_has_the_same_texts()
    {
        var files = Tree.Files(".resx").Where(f => !f.EndsWith(".es.resx", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var english = Read(file);
            var spanish = Read(Path.ChangeExtension(file, ".es.resx"));
            Assert.Empty(english.Keys.Except(spanish.Keys, StringComparer.Ordinal).Concat(spanish.Keys.Except(english.Keys, StringComparer.Ordinal)).Select(k => $"{file}: {k} is in one language only"));
            Assert.Empty(english.Where(t => !Holes(t.Value).SequenceEqual(Holes(spanish[t.Key]), StringComparer.Ordinal)).Select(t => $"{file}: {t.Key} has other placeholders in Spanish"));
            Assert.Empty(english.Concat(spanish).Where(t => string.IsNullOrWhiteSpace(t.Value)).Select(t => $"{file}: {t.Key} is empty"));
        }
    }

    [Fact]
    public void Views_have_no_words_of_their_own()
    {
        var found = new List<string>();
        foreach (var file in Tree.Files(".cshtml"))
        {
            var text = Comment().Replace(Tree.Read(file), "");
            text = PreBlock().Replace(CodeBlock().Replace(text, ""), "");
            foreach (Match match in TextNode().Matches(text))
            {
                var words = Word().Matches(Expression().Replace(Branch().Replace(match.Groups["text"].Value, " "), " ")).Select(w => w.Value).Where(w => !Names.Contains(w, StringComparer.Ordinal)).ToList();
                if (words.Count > 0) found.Add($"{file}: {string.Join(' ', words)}");
            }
        }

        Tree.AssertNone(found);
    }

    [Fact]
    public void Every_text_that_is_asked_for_exists()
    {
        // A project's own texts, and the interface's, which every view may use.
        var known = Tree.Files(".resx").Where(f => !f.EndsWith(".es.resx", StringComparison.Ordinal)).ToLookup(Project, f => Read(f).Keys, StringComparer.Ordinal);
        var shared = known["src/RunHub.Core"].SelectMany(k => k).ToHashSet(StringComparer.Ordinal);
        var (asked, missing) = (0, new List<string>());
        foreach (var file in Tree.Files(".cshtml", ".cs").Where(f => f.StartsWith("modules/", StringComparison.Ordinal) || f.StartsWith("src/RunHub", StringComparison.Ordinal)))
        {
            var own = known[Project(file)].SelectMany(k => k).Concat(shared).ToHashSet(StringComparer.Ordinal);
            foreach (Match match in Asked().Matches(Tree.Read(file)))
            {
                asked++;
                var key = match.Groups["key"].Value;
                var isThere = match.Groups["more"].Success ? own.Any(k => k.StartsWith(key, StringComparison.Ordinal)) : own.Contains(key);
                if (!isThere) missing.Add($"{file}: {match.Value}");
            }
        }

        Assert.True(asked > 100, $"Only {asked} were found: the pattern no longer fits.");
        Tree.AssertNone(missing);
    }

    static string Project(string file) => string.Join('/', file.Split('/').Take(2));

    // t["Key"], T["Key", …], texts["Key"]; with + behind it the key begins so.
    [GeneratedRegex(@"\b(?:t|T|U|texts|Texts)\[""(?<key>\w+)""(?<more>\s*\+)?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asked();

    static Dictionary<string, string> Read(string file) =>
        XDocument.Parse(Tree.Read(file)).Root!.Elements("data").ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value, StringComparer.Ordinal);

    static IEnumerable<string> Holes(string text) => Hole().Matches(text).Select(m => m.Value).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{[0-9a-z_]+\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hole();

    [GeneratedRegex(@"@\*.*?\*@", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"@(?:functions\s*)?\{\n.*?\n\}", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("<pre.*?</pre>", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PreBlock();

    // Text on one line between a tag that closes and one that opens; lines of code have no tag before them.
    [GeneratedRegex(@"(?<=[a-z""/]>)(?<text>[^<>\n]+)(?=<)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TextNode();

    // @if (…) { before a tag on the same line.
    [GeneratedRegex(@"(?:@if|@foreach|else)\b.*\{", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Branch();

    // @x.y["z"](…), @(…) and { code } beside them.
    [GeneratedRegex("@\\((?:[^()\"]|\"[^\"]*\"|\\((?:[^()\"]|\"[^\"]*\")*\\))*\\)|@[\\w.!?]+(?:\\[[^\\]]*\\]|\\((?:[^()\"]|\"[^\"]*\"|\\((?:[^()]|\\([^()]*\\))*\\))*\\)|\\.\\w+)*|\\{[^}]*\\}?|\\}[^{]*\\{?|&\\w+;|\\?\\?|else", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\p{L}{3,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
