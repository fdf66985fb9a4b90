using Npgsql;

namespace RunHub.Testing;

/// <summary>A fresh database of either engine, gone when disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    readonly string name = "t_" + Guid.NewGuid().ToString("N");

    TestDatabase(string engine) => Engine = engine;

    /// <summary>Connection string of the server from <c>tests/postgres.sh</c>, or null.</summary>
    public static string? PostgresServer => Environment.GetEnvironmentVariable("RUNHUB_TEST_POSTGRES") is { Length: > 0 } value ? value : null;

    /// <summary><c>Sqlite</c> or <c>PostgreSql</c>.</summary>
    public string Engine { get; }

    /// <summary>The data folder.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("runhub-test-").FullName;

    /// <summary>Settings that point RunHub at this database.</summary>
    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Data:Folder"] = Folder,
        ["Database:Provider"] = Engine,
        ["Database:ConnectionString"] = Engine == "PostgreSql" ? new NpgsqlConnectionStringBuilder(PostgresServer) { Database = name }.ToString() : "",
    };

    /// <summary>Creates an empty one.</summary>
    public static async Task<TestDatabase> CreateAsync(string engine)
    {
        var database = new TestDatabase(engine);
        if (engine == "PostgreSql") await AdminAsync($"CREATE DATABASE {database.name}");
        return database;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Engine == "PostgreSql") await AdminAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // A hub that failed to start is torn down while its background work ends; a file may appear meanwhile.
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(Folder, recursive: true);
                return;
            }
            catch (IOException) when (tries < 20)
            {
                await Task.Delay(50);
            }
        }
    }

    static async Task AdminAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(PostgresServer + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
