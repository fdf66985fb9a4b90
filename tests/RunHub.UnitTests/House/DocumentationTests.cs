using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace RunHub.UnitTests.House;

/// <summary>Public contracts say what they are: every public type and member carries a summary.</summary>
public sealed class DocumentationTests
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void The_contract_for_plugins_is_documented() => Tree.AssertNone(Undocumented(typeof(RunBatch).Assembly));

    [Fact]
    public void The_client_is_documented() => Tree.AssertNone(Undocumented(typeof(Client.RunHubClient).Assembly));

    [Fact]
    public void Cores_public_contracts_are_documented() => Tree.AssertNone(Undocumented(typeof(Store.WriteLane).Assembly));

    static List<string> Undocumented(Assembly assembly)
    {
        var docs = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member").ToLookup(m => Key(m.Attribute("name")!.Value), StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var type in assembly.GetExportedTypes().Where(IsWritten))
        {
            var name = type.FullName!.Replace('+', '.');
            var own = docs["T:" + name].ToList();
            if (!own.Exists(IsSaid)) missing.Add(name);
            var parameters = own.SelectMany(m => m.Elements("param")).Select(p => p.Attribute("name")!.Value).ToHashSet(StringComparer.Ordinal);
            foreach (var member in type.GetMembers(Declared).Where(m => IsWritten(m, type)))
            {
                if (member is PropertyInfo && parameters.Contains(member.Name)) continue;
                var key = (member switch { FieldInfo => "F:", PropertyInfo => "P:", EventInfo => "E:", _ => "M:" }) + name + "." + member.Name;
                if (!docs[key].Any(IsSaid)) missing.Add(key);
            }
        }

        return missing;
    }

    // M:Ns.Type.Name``1(System.Int32) → M:Ns.Type.Name
    static string Key(string id) => id.Split('(')[0].Split("``")[0];

    static bool IsSaid(XElement member) => member.Element("inheritdoc") is not null || member.Element("summary") is { } summary && summary.Value.Trim().Length > 0 || member.Element("summary")?.HasElements == true;

    // Views are compiled to public classes; nobody calls them.
    static bool IsWritten(Type type) => !type.IsDefined(typeof(CompilerGeneratedAttribute)) && type.Namespace?.StartsWith("RunHub", StringComparison.Ordinal) == true;

    static bool IsWritten(MemberInfo member, Type type)
    {
        if (member.IsDefined(typeof(CompilerGeneratedAttribute)) || member.Name.Contains('<', StringComparison.Ordinal)) return false;
        return member switch
        {
            ConstructorInfo or Type => false,
            // What a record writes by itself, and what a base class has said.
            MethodInfo method => !method.IsSpecialName && method.GetBaseDefinition().DeclaringType == type && method.Name is not ("Deconstruct" or "PrintMembers") && !method.Name.Contains('.', StringComparison.Ordinal),
            PropertyInfo property => property.GetMethod?.GetBaseDefinition().DeclaringType == type && property.Name != "EqualityContract" && !property.Name.Contains('.', StringComparison.Ordinal),
            FieldInfo field => field.Name != "value__",
            _ => true,
        };
    }
}
