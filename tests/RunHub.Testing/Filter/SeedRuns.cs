using RunHub.Model;
using RunHub.Store;

namespace RunHub.Testing;

/// <summary>Writes run rows as they are, with their tags, past ingest.</summary>
public static class SeedRuns
{
    /// <summary>Number of the tenant.</summary>
    public const long Tenant = 7;

    /// <summary>The <paramref name="n"/>th run, one a second.</summary>
    public static RunRow Row(long n, Action<RunRow>? change = null)
    {
        var row = new RunRow
        {
            RunNo = Tenant << 40 | n, TenantNo = Tenant, Id = $"run_{n:D6}", Type = "crafter", WorkflowName = "invoices", Environment = "prod",
            Status = RunStatus.Completed, SortAt = 1_700_000_000_000_000 + n * 1_000_000, CreatedAt = 1_700_000_000_000_000 + n * 1_000_000,
        };
        change?.Invoke(row);
        return row;
    }

    /// <summary>Writes the rows.</summary>
    public static Task SeedAsync(this TestHub hub, IEnumerable<RunRow> rows) => hub.Get<WriteLane>().Run(async (scope, ct) =>
    {
        foreach (var row in rows)
        {
            await RunRow.Table.InsertAsync(scope.Sql, row, ct);
            foreach (var tag in row.TagsText?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [])
            {
                await scope.Sql.Prepare("INSERT INTO run_tags (tenant_no, tag, sort_at, run_no) VALUES (@tenant_no, @tag, @sort_at, @run_no)")
                    .With(row.TenantNo, tag, row.SortAt, row.RunNo).ExecuteAsync(ct);
            }
        }
    }, default);
}
