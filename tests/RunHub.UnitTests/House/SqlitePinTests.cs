using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.Data.Sqlite;

namespace RunHub.UnitTests.House;

/// <summary>docs/adr/0001-sqlite-engine-pin.md: Microsoft.Data.Sqlite runs on an older SQLitePCLRaw than it was compiled against.</summary>
public sealed class SqlitePinTests
{
    [Fact]
    public void Everything_taken_from_the_older_library_is_there_but_loading_extensions()
    {
        using var connection = new SqliteConnection("Data Source=:memory:"); // loads the library through Core's resolver
        connection.Open();
        var module = typeof(SqliteConnection).Module;
        using var file = new PEReader(File.OpenRead(module.Assembly.Location));
        var reader = file.GetMetadataReader();
        var (taken, missing) = (0, new List<string>());
        foreach (var handle in reader.MemberReferences.Where(h => IsFromRaw(reader, h)))
        {
            taken++;
            try
            {
                module.ResolveMember(MetadataTokens.GetToken(handle));
            }
            catch (MissingMemberException)
            {
                missing.Add(reader.GetString(reader.GetMemberReference(handle).Name));
            }
        }

        Assert.True(taken > 50, $"only {taken} members are taken from SQLitePCLRaw.core");
        Assert.Equal(["sqlite3_load_extension"], missing);
    }

    static bool IsFromRaw(MetadataReader reader, MemberReferenceHandle handle)
    {
        if (reader.GetMemberReference(handle).Parent is not { Kind: HandleKind.TypeReference } parent) return false;
        var scope = reader.GetTypeReference((TypeReferenceHandle)parent).ResolutionScope;
        return scope.Kind == HandleKind.AssemblyReference && reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) == "SQLitePCLRaw.core";
    }
}
