using System.Collections.Concurrent;
using RunHub.Store;

namespace RunHub.Runs.List;

/// <summary>
/// The distinct values of an indexed column of a tenant's runs: one index seek for each, whatever the number of runs.
/// Kept for a few seconds, since every list page shows the workflow types as tabs.
/// </summary>
public sealed class DistinctValues(Database database, TimeProvider time)
{
    /// <summary>Most values answered; a menu of more is no help.</summary>
    public const int Max = 200;

    static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);
    readonly ConcurrentDictionary<(long Tenant, string Field), (DateTimeOffset At, IReadOnlyList<string> Values)> kept = new();

    /// <summary>The fields that can be asked for, by their name in the URL.</summary>
    public static IReadOnlyDictionary<string, (string Table, string Column)> Fields { get; } = new Dictionary<string, (string Table, string Column)>(StringComparer.Ordinal)
    {
        ["workflow"] = ("runs", "workflow_name"),
        ["type"] = ("runs", "type"),
        ["env"] = ("runs", "environment"),
        ["tag"] = ("run_tags", "tag"),
    };

    /// <summary>The values of a field, in code point order.</summary>
    public async ValueTask<IReadOnlyList<string>> OfAsync(long tenantNo, string field, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (kept.TryGetValue((tenantNo, field), out var entry) && now - entry.At < KeptFor) return entry.Values;
        var (table, column) = Fields[field];
        await using var sql = await database.ReadAsync(cancellationToken);
        var values = await sql.Prepare($"""
            WITH RECURSIVE found(value) AS (
              SELECT (SELECT {column} FROM {table} WHERE tenant_no = @tenant_no ORDER BY {column} LIMIT 1)
              UNION ALL
              SELECT (SELECT t.{column} FROM {table} t WHERE t.tenant_no = @tenant_no AND t.{column} > f.value ORDER BY t.{column} LIMIT 1)
              FROM found f WHERE f.value IS NOT NULL)
            SELECT value FROM found WHERE value IS NOT NULL LIMIT {Max}
            """).With(tenantNo).ListAsync(r => r.GetString(0), cancellationToken);
        kept[(tenantNo, field)] = (now, values);
        return values;
    }
}
