using RunHub.UnitTests.House;
using RunHub.Ui;

namespace RunHub.UnitTests.Ui;

/// <summary>The modules of the pages as one script.</summary>
public sealed class ScriptBundleTests
{
    [Fact]
    public void Every_module_is_in_it_and_nothing_is_left_to_be_fetched_but_libraries()
    {
        var modules = Tree.Files(".js").Where(f => f.StartsWith("wwwroot/js/", StringComparison.Ordinal)).ToDictionary(f => Path.GetFileName(f), Tree.Read, StringComparer.Ordinal);
        Assert.True(modules.Count > 20);
        var script = ScriptBundle.Of(modules, "app.js");
        foreach (var name in modules.Keys) Assert.Contains("'" + name + "': () => {", script, StringComparison.Ordinal);
        Assert.DoesNotContain("'./", script, StringComparison.Ordinal);
        Assert.DoesNotContain("\nimport ", script, StringComparison.Ordinal);
        Assert.DoesNotContain("\nexport ", script, StringComparison.Ordinal);
        Assert.Contains("import('../lib/", script, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_exported_is_what_others_need()
    {
        var script = Of(("app.js", "import './b.js';\nimport { one, two } from './a.js';\nimport('./late.js').then(m => m.run());\none(two);\n"), ("b.js", "effect();\n"), ("late.js", "export async function run() {}\n"),
            ("a.js", "// export is a word\nexport const two = 2;\nexport function one(x) { return x; }\n"));
        Assert.Contains("need('b.js');\nconst { one, two } = need('a.js');\nlater('late.js').then(m => m.run());", script, StringComparison.Ordinal);
        Assert.Contains("const two = 2;\nfunction one(x) { return x; }\nreturn { two, one };", script, StringComparison.Ordinal);
        Assert.EndsWith("need('app.js');\n", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import a from './b.js';", "not known here")]
    [InlineData("import * as a from './b.js';", "not known here")]
    [InlineData("import { a as c } from './b.js';", "not known here")]
    [InlineData("export default 1;", "not known here")]
    [InlineData("export let a = 1;", "not known here")]
    [InlineData("import './gone.js';", "not there")]
    [InlineData("import('./gone.js');", "not there")]
    [InlineData("import './app.js';", "circle")]
    public void Other_forms_missing_modules_and_circles_are_refused(string line, string why)
    {
        var e = Assert.Throws<InvalidOperationException>(() => Of(("app.js", "import './x.js';\n"), ("x.js", line + "\n"), ("b.js", "\n")));
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    static string Of(params (string Name, string Text)[] modules) => ScriptBundle.Of(modules.ToDictionary(m => m.Name, m => m.Text, StringComparer.Ordinal), "app.js");
}
