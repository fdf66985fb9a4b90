using System.Reflection;
using System.Xml.Linq;
using Microsoft.AspNetCore.Razor.Hosting;

namespace RunHub.UnitTests.House;

public sealed class ReferenceTests
{
    public static TheoryData<string> Modules => [.. Tree.Files(".csproj").Where(f => f.StartsWith("modules/", StringComparison.Ordinal))];

    public static TheoryData<string> Plugins => [.. Tree.Files(".csproj").Where(f => f.StartsWith("plugins/", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Modules))]
    public void A_module_references_no_other_module(string project) =>
        Assert.DoesNotContain(References(project), r => r.Contains("modules/", StringComparison.Ordinal));

    [Fact]
    public void No_module_assembly_refers_to_another()
    {
        var assemblies = HubHost.Modules.Select(m => m.GetType().Assembly).ToList();
        var names = assemblies.Select(a => a.GetName().Name).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(HubHost.Modules.Count, names.Count);
        foreach (var assembly in assemblies)
            Assert.DoesNotContain(assembly.GetReferencedAssemblies(), r => names.Contains(r.Name) || r.Name == "runhub");
    }

    [Fact]
    public void Every_module_folder_is_a_line_in_the_host() =>
        Assert.Equal(Tree.Files(".csproj").Where(f => f.StartsWith("modules/", StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            HubHost.Modules.Select(m => m.GetType().Assembly.GetName().Name).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Plugins))]
    public void A_plugin_references_nothing_but_the_contract(string project)
    {
        Assert.Equal(["src/RunHub.Abstractions/RunHub.Abstractions.csproj"], References(project).Concat(References("plugins/Directory.Build.props")).Distinct(StringComparer.Ordinal));
        Assert.Empty(Xml(project).Descendants("PackageReference"));
        Assert.Empty(Xml(project).Descendants("FrameworkReference"));
    }

    [Theory]
    [InlineData("src/RunHub.Abstractions/RunHub.Abstractions.csproj")]
    [InlineData("src/RunHub.Client/RunHub.Client.csproj")]
    public void The_contract_and_the_client_depend_on_nothing(string project)
    {
        Assert.Empty(References(project));
        Assert.Empty(Xml(project).Descendants("PackageReference"));
        Assert.Empty(Xml(project).Descendants("FrameworkReference"));
    }

    [Fact]
    public void Core_refers_to_no_module_and_not_to_the_host() =>
        Assert.DoesNotContain(typeof(Store.WriteLane).Assembly.GetReferencedAssemblies(),
            r => r.Name == "runhub" || HubHost.Modules.Any(m => m.GetType().Assembly.GetName().Name == r.Name));

    [Fact]
    public void No_two_views_are_on_one_path()
    {
        var views = HubHost.Modules.Select(m => m.GetType().Assembly).Append(typeof(Store.WriteLane).Assembly).Append(typeof(HubHost).Assembly)
            .SelectMany(a => a.GetCustomAttributes<RazorCompiledItemAttribute>().Select(v => (Path: v.Identifier.ToUpperInvariant(), Assembly: a.GetName().Name)))
            // Imports are not addressed by path.
            .Where(v => !v.Path.EndsWith("/_VIEWIMPORTS.CSHTML", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(views);
        Tree.AssertNone(views.GroupBy(v => v.Path, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"{g.Key} in {string.Join(" and ", g.Select(v => v.Assembly))}"));
    }

    static List<string> References(string project) => [.. Xml(project).Descendants("ProjectReference")
        .Select(r => r.Attribute("Include")!.Value.Replace("$(RepoRoot)", "", StringComparison.Ordinal).Replace('\\', '/').Replace("../", "", StringComparison.Ordinal))];

    static XDocument Xml(string project) => XDocument.Parse(Tree.Read(project));
}
