using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace RunHub.Benchmarks.Product;

/// <summary>
/// How many bytes of an SQLite file belong to which table or index, exactly: the pointer map that files with auto-vacuum
/// carry names every page's parent, so each page is followed up to its root. (The library has no dbstat.)
/// </summary>
static class DiskUse
{
    const byte Root = 1;
    const byte Free = 2;

    /// <summary>Bytes by table, its indexes added to it; free pages, the map and the head are under "".</summary>
    /// <param name="file">A database nobody has open, its log folded in.</param>
    public static Dictionary<string, long> ByTable(string file)
    {
        using var stream = File.OpenRead(file);
        Span<byte> head = stackalloc byte[100];
        stream.ReadExactly(head);
        var pageSize = BinaryPrimitives.ReadUInt16BigEndian(head[16..]) is 1 ? 65_536 : BinaryPrimitives.ReadUInt16BigEndian(head[16..]);
        if (BinaryPrimitives.ReadUInt32BigEndian(head[52..]) == 0) throw new InvalidOperationException($"{file} has no pointer map: it was made without auto-vacuum.");
        var pages = (int)(stream.Length / pageSize);
        var parents = new int[pages + 1];
        ReadMap(stream, pageSize, parents);
        var roots = Roots(file);
        var bytes = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var page = 1; page <= pages; page++)
        {
            var at = page;
            while (at > 1 && parents[at] > 0) at = parents[at];
            var name = roots.GetValueOrDefault(at, "");
            bytes[name] = bytes.GetValueOrDefault(name) + pageSize;
        }

        return bytes;
    }

    /// <summary>Parent of each page; 0 for roots, free pages and the map's own.</summary>
    static void ReadMap(FileStream stream, int pageSize, int[] parents)
    {
        var perMap = pageSize / 5;
        var map = new byte[pageSize];
        for (var mapPage = 2; mapPage < parents.Length; mapPage += perMap + 1)
        {
            stream.Position = (long)(mapPage - 1) * pageSize;
            stream.ReadExactly(map);
            for (var i = 0; i < perMap && mapPage + 1 + i < parents.Length; i++)
            {
                var type = map[i * 5];
                parents[mapPage + 1 + i] = type is Root or Free ? 0 : (int)BinaryPrimitives.ReadUInt32BigEndian(map.AsSpan(i * 5 + 1));
            }
        }
    }

    static Dictionary<int, string> Roots(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT rootpage, tbl_name FROM sqlite_master WHERE rootpage > 0";
        using var reader = command.ExecuteReader();
        var roots = new Dictionary<int, string> { [1] = "sqlite_master" };
        while (reader.Read()) roots[reader.GetInt32(0)] = reader.GetString(1);
        return roots;
    }
}
