using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;

namespace RunHub.UnitTests.House;

/// <summary>docs/configuration.md names every setting, and none that does not exist.</summary>
public sealed partial class SettingTests
{
    // What ASP.NET Core reads by itself, and what an operator may set there is documented here too.
    static readonly string[] Foreign = ["Urls", "Kestrel:", "Logging:", "AllowedHosts", "ASPNETCORE_", "RUNHUB_MASTER_KEY"];

    static readonly string Document = Tree.Read("docs/configuration.md");

    public static TheoryData<string> Settings => [.. Bound()];

    [Theory, MemberData(nameof(Settings))]
    public void A_setting_is_documented_with_its_variable(string setting)
    {
        Assert.Contains($"`{setting}`", Document, StringComparison.Ordinal);
        Assert.Contains($"`{setting.Replace(":", "__", StringComparison.Ordinal)}`", Document, StringComparison.Ordinal);
    }

    [Fact]
    public void A_documented_setting_exists()
    {
        var known = Bound().ToHashSet(StringComparer.Ordinal);
        var written = Rows().Matches(Document).Select(m => m.Groups["name"].Value).ToList();
        Assert.NotEmpty(written);
        var dead = written.Except(known, StringComparer.Ordinal).Where(name => !Foreign.Any(f => name.StartsWith(f, StringComparison.Ordinal))).ToList();
        Tree.AssertNone(dead);
    }

    [Fact]
    public void Every_options_class_is_bound_to_a_section() => Tree.AssertNone(OptionsTypes().Keys.Except(Sections().Keys, StringComparer.Ordinal));

    static List<string> Bound()
    {
        var types = OptionsTypes();
        return [.. Sections().Where(s => types.ContainsKey(s.Key)).SelectMany(s => Properties(types[s.Key], s.Value)).Order(StringComparer.Ordinal)];
    }

    static IEnumerable<string> Properties(Type type, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.DeclaringType == type))
        {
            var name = path + ":" + property.Name;
            var isList = property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType);
            if (!isList && property.SetMethod is not { IsPublic: true }) continue;
            if (!isList)
            {
                yield return name;
                continue;
            }

            var item = property.PropertyType.GetGenericArguments()[^1];
            if (item == typeof(string)) yield return name + ":0";
            else foreach (var inner in Properties(item, name + ":0")) yield return inner;
        }
    }

    static Dictionary<string, Type> OptionsTypes() => HubHost.Modules.Select(m => m.GetType().Assembly).Append(typeof(Store.WriteLane).Assembly).Append(typeof(HubHost).Assembly)
        .SelectMany(a => a.GetTypes()).Where(t => t.IsClass && t.IsPublic && t.Name.EndsWith("Options", StringComparison.Ordinal))
        .ToDictionary(t => t.Name, StringComparer.Ordinal);

    // services.Configure<DatabaseOptions>(configuration.GetSection("Database")), or (section) in a module, whose section is its name.
    static Dictionary<string, string> Sections()
    {
        var sections = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Tree.Files(".cs").Where(f => f.StartsWith("src/", StringComparison.Ordinal) || f.StartsWith("modules/", StringComparison.Ordinal)))
        {
            foreach (Match match in Binding().Matches(Tree.Read(file)))
            {
                var section = match.Groups["section"].Value;
                sections[match.Groups["type"].Value] = section.Length > 0 ? section : file.Split('/')[1].ToLowerInvariant();
            }
        }

        return sections;
    }

    [GeneratedRegex("""Configure<(?<type>\w+Options)>\((?:\w+\.(?:Configuration\.)?GetSection\("(?<section>[\w:]+)"\)|section\))""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Binding();

    [GeneratedRegex(@"^\| `(?<name>[\w:]+)`", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Rows();
}
