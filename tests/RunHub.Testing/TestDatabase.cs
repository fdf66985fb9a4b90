using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using RunHub.Store;

namespace RunHub.Testing;

/// <summary>A fresh database of either engine, gone when disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    static readonly Lazy<Task<TestDatabase>> SqliteModel = new(() => ModelAsync("Sqlite"));
    static readonly Lazy<Task<TestDatabase>> PostgresModel = new(() => ModelAsync("PostgreSql"));
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

    /// <summary>Creates one with today's tables and no rows, without a key: a copy of one that is migrated once for all tests of this process.</summary>
    public static async Task<TestDatabase> CreateMigratedAsync(string engine)
    {
        var database = new TestDatabase(engine);
        if (engine == "PostgreSql") await AdminAsync($"CREATE DATABASE {database.name} TEMPLATE {(await PostgresModel.Value).name}");
        else foreach (var file in Directory.GetFiles((await SqliteModel.Value).Folder, "runhub.db*")) File.Copy(file, Path.Combine(database.Folder, Path.GetFileName(file)));
        return database;
    }

    static async Task<TestDatabase> ModelAsync(string engine)
    {
        var model = await CreateAsync(engine);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(model.Folder, recursive: true);
        await using (var app = HubHost.Build(HubHost.Modules, [], builder =>
        {
            builder.Configuration.AddInMemoryCollection(model.Settings);
            builder.Logging.ClearProviders();
        }))
        {
            await app.Services.GetRequiredService<Migrator>().RunAsync(default);
        }

        // Whoever copies it must be alone with it.
        if (engine == "PostgreSql") NpgsqlConnection.ClearAllPools();
        else Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        return model;
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
