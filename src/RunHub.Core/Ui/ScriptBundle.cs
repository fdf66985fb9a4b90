using System.Text;
using System.Text.RegularExpressions;

namespace RunHub.Ui;

/// <summary>
/// Makes one script of modules that import one another, so that a browser asks once instead of once for each, round after round. A module
/// becomes a function that is called when it is needed first: at the start, or by <c>import('./x.js')</c>. Known are the forms that are
/// used here: <c>import './x.js'</c>, <c>import { a, b } from './x.js'</c>, and <c>export</c> before a function or a constant.
/// </summary>
public static partial class ScriptBundle
{
    /// <summary>The script.</summary>
    /// <param name="modules">Name of the file, such as <c>app.js</c>, and its text.</param>
    /// <param name="first">The module that begins.</param>
    /// <exception cref="InvalidOperationException">A module imports or exports in another form, what is not there, or in a circle.</exception>
    public static string Of(IReadOnlyDictionary<string, string> modules, string first)
    {
        var script = new StringBuilder("const made = {};\nconst need = name => made[name] ??= make[name]();\nconst later = async name => need(name);\nconst make = {\n");
        foreach (var (name, text) in modules.OrderBy(m => m.Key, StringComparer.Ordinal)) script.Append('\'').Append(name).Append("': () => {\n").Append(Function(name, text, modules)).Append("},\n");
        RefuseCircles(first, modules, []);
        return script.Append("};\nneed('").Append(first).Append("');\n").ToString();
    }

    static string Function(string name, string text, IReadOnlyDictionary<string, string> modules)
    {
        foreach (Match import in AnyImport().Matches(text))
            if (!modules.ContainsKey(import.Groups["file"].Value)) throw new InvalidOperationException($"{name} imports {import.Groups["file"].Value}, which is not there.");
        var exported = Export().Matches(text).Select(m => m.Groups["name"].Value);
        text = Import().Replace(text, "const {${names}} = need('${file}');");
        text = Effect().Replace(text, "need('${file}');");
        text = Late().Replace(text, "later('${file}')");
        text = Export().Replace(text, "${what}${name}");
        return Left().Match(text) is { Success: true } other
            ? throw new InvalidOperationException($"{name} says \"{other.Value.Trim()}\", a form of import or export that is not known here.")
            : text.TrimEnd() + "\nreturn { " + string.Join(", ", exported) + " };\n";
    }

    static void RefuseCircles(string name, IReadOnlyDictionary<string, string> modules, List<string> way)
    {
        if (way.Contains(name)) throw new InvalidOperationException("Modules import each other in a circle: " + string.Join(", ", way.Append(name)) + ".");
        way.Add(name);
        foreach (Match import in AnyImport().Matches(modules[name])) RefuseCircles(import.Groups["file"].Value, modules, way);
        way.RemoveAt(way.Count - 1);
    }

    [GeneratedRegex(@"^import \{(?<names>[\w, ]+)\} from '\./(?<file>[\w-]+\.js)';", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Import();

    [GeneratedRegex(@"^import '\./(?<file>[\w-]+\.js)';", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Effect();

    [GeneratedRegex(@"\bimport\('\./(?<file>[\w-]+\.js)'\)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Late();

    [GeneratedRegex(@"(^import [^'\n]*|\bimport\()'\./(?<file>[^'\n]+)'", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex AnyImport();

    [GeneratedRegex(@"^export (?<what>(async )?function |const )(?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Export();

    [GeneratedRegex(@"^\s*(import|export)\b(?!\().*$|\bimport\('\./.*$|\bas\b[^'""\n]*\} = need\(.*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Left();
}
