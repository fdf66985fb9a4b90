using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store;

/// <summary>A set of migrations that runs at start: Core's own, and one per module that has tables.</summary>
/// <param name="Name">Shown in the log.</param>
/// <param name="ContextType">The DbContext the migrations are attributed to.</param>
/// <param name="MigrationIds">All ids in order, so that nothing of EF is touched when none is pending.</param>
public sealed record MigrationSet(string Name, Type ContextType, IReadOnlyList<string> MigrationIds);

/// <summary>
/// Brings the database to this version before anything else runs. Each migration is one transaction. Asking what is
/// pending costs one plain query, so that a start with nothing to do does not build an EF model. A migration lock left
/// behind by a killed process is dropped on SQLite, where the data folder's lock file proves that nobody else runs.
/// </summary>
public sealed class Migrator(Database database, IEnumerable<MigrationSet> sets, IServiceProvider services, ILogger<Migrator> log)
{
    /// <summary>True once nothing is pending.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Runs what is pending, in the order the sets were registered.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        database.CreateSqliteFile();
        var applied = await AppliedAsync(cancellationToken);
        foreach (var set in sets)
        {
            var pending = set.MigrationIds.Where(id => !applied.Contains(id)).ToList();
            if (pending.Count == 0) continue;
            if (database.IsSqlite) await DropStaleLockAsync(cancellationToken);
            log.LogInformation("Migrating {Set}: {Migrations}", set.Name, string.Join(", ", pending));
            await using var scope = services.CreateAsyncScope();
            var context = (DbContext)scope.ServiceProvider.GetRequiredService(set.ContextType);
            await context.Database.MigrateAsync(cancellationToken);
        }

        IsDone = true;
    }

    /// <summary>Ids of all migrations in an assembly that belong to <typeparamref name="TContext"/>, in order.</summary>
    public static IReadOnlyList<string> IdsOf<TContext>() where TContext : DbContext => typeof(TContext).Assembly.GetTypes()
        .Where(t => t.GetCustomAttributes(typeof(DbContextAttribute), false) is [DbContextAttribute a] && a.ContextType == typeof(TContext))
        .Select(t => ((MigrationAttribute)t.GetCustomAttributes(typeof(MigrationAttribute), false)[0]).Id)
        .Order(StringComparer.Ordinal).ToList();

    async Task<HashSet<string>> AppliedAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var exists = await session.Prepare(database.IsSqlite
            ? "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsHistory'"
            : "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = '__EFMigrationsHistory' AND n.nspname = ANY (current_schemas(false))")
            .ScalarAsync<long>(cancellationToken);
        if (exists == 0) return [];
        var ids = await session.Prepare("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"").ListAsync(r => r.GetString(0), cancellationToken);
        return ids.ToHashSet(StringComparer.Ordinal);
    }

    async Task DropStaleLockAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(cancellationToken);
        await session.Prepare("DROP TABLE IF EXISTS \"__EFMigrationsLock\"").ExecuteAsync(cancellationToken);
    }
}
