using Microsoft.Extensions.Hosting;

namespace RunHub.Store;

/// <summary>
/// PostgreSQL plans a statement by what it knows of a table's size, and keeps the plan. What it planned while a table was empty may
/// read a whole index for each report, until the table is counted (ADR 17). Its own autovacuum does that once a minute at best and
/// may be set to come later or never, so tables that have grown by half are counted here.
/// </summary>
public sealed class FreshStatistics(Database database, ILogger<FreshStatistics> log, TimeProvider time) : BackgroundService
{
    /// <summary>How often it is looked which tables have grown.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>Rows that must have changed before a table is counted again.</summary>
    public const int Least = 500;

    /// <summary>Counts the tables that have grown, or changed, by half since they were counted last.</summary>
    /// <returns>Their names; none on the embedded engine, whose statements name their way themselves.</returns>
    public async Task<IReadOnlyList<string>> HandleAsync(CancellationToken cancellationToken)
    {
        if (database.IsSqlite) return [];
        await using var sql = await database.ReadAsync(cancellationToken);
        var grown = await sql.Prepare($"""
            SELECT quote_ident(s.relname) FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
            WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze > {Least} AND s.n_mod_since_analyze > c.reltuples / 2
            ORDER BY s.relname
            """).ListAsync(r => r.GetString(0), cancellationToken);
        // Another node may be at it: then it is done.
        foreach (var table in grown) await sql.Prepare("ANALYZE (SKIP_LOCKED) " + table).ExecuteAsync(cancellationToken);
        return grown;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database.IsSqlite) return;
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await HandleAsync(stoppingToken);
            }
            catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException)
            {
                log.LogWarning(e, "Tables that have grown could not be counted; it is tried again");
            }
        }
    }
}
