using System.Text.RegularExpressions;
using Npgsql;

namespace RunHub.Benchmarks.Product;

/// <summary>
/// With <c>--postgres</c> the product keeps its runs on a PostgreSQL server: each data folder has a database of its own there, named
/// after the last two parts of its path.
/// </summary>
static partial class PostgresDatabases
{
    /// <summary>Npgsql connection string of the server, as somebody who may create databases; null: the embedded engine.</summary>
    public static string? Server { get; set; }

    /// <summary>Settings that lead to a data folder's database, which is created when it is not there; none with the embedded engine.</summary>
    public static IEnumerable<(string Name, string Value)> Settings(string data)
    {
        if (Server is null) return [];
        var name = NameOf(data);
        using (var server = Open())
            if (!Exists(server, name)) Execute(server, $"CREATE DATABASE {name}");
        return [("Database__Provider", "PostgreSql"), ("Database__ConnectionString", new NpgsqlConnectionStringBuilder(Server) { Database = name, MaxPoolSize = 40 }.ToString())];
    }

    /// <summary>Makes a folder's database a copy of another folder's, which nobody uses.</summary>
    public static void Copy(string from, string to)
    {
        if (Server is null) return;
        NpgsqlConnection.ClearAllPools();
        using var server = Open();
        Execute(server, $"DROP DATABASE IF EXISTS {NameOf(to)} WITH (FORCE)");
        Execute(server, $"CREATE DATABASE {NameOf(to)} TEMPLATE {NameOf(from)}");
    }

    /// <summary>Drops a folder's database.</summary>
    public static void Drop(string folder)
    {
        if (Server is null) return;
        NpgsqlConnection.ClearAllPools();
        using var server = Open();
        Execute(server, $"DROP DATABASE IF EXISTS {NameOf(folder)} WITH (FORCE)");
    }

    /// <summary>Drops the databases of all folders below one.</summary>
    public static void DropBelow(string folder)
    {
        if (Server is null) return;
        NpgsqlConnection.ClearAllPools();
        using var server = Open();
        foreach (var name in Names(server, Prefix(folder))) Execute(server, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    static string Prefix(string folder) => "bench_" + Plain().Replace(Path.GetFileName(Path.GetFullPath(folder)).ToLowerInvariant(), "_") + "_";

    static string NameOf(string data) => Prefix(Path.GetDirectoryName(Path.GetFullPath(data))!) + Plain().Replace(Path.GetFileName(data).ToLowerInvariant(), "_");

    static NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(Server);
        connection.Open();
        return connection;
    }

    static bool Exists(NpgsqlConnection server, string name) => Names(server, name).Contains(name, StringComparer.Ordinal);

    static List<string> Names(NpgsqlConnection server, string prefix)
    {
        using var command = new NpgsqlCommand("SELECT datname FROM pg_database WHERE starts_with(datname, @prefix)", server);
        command.Parameters.AddWithValue("prefix", prefix);
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read()) names.Add(reader.GetString(0));
        return names;
    }

    static void Execute(NpgsqlConnection server, string sql)
    {
        using var command = new NpgsqlCommand(sql, server) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }

    [GeneratedRegex("[^a-z0-9]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Plain();
}
