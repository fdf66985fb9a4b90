using System.Runtime.CompilerServices;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Export;

/// <summary>
/// What is exported: the runs of a filter, a page at a time by position, so that no read lasts long and no run is skipped or
/// given twice while others arrive. Newest first, or oldest first where the filter says so.
/// </summary>
/// <param name="Tenant">Whose runs.</param>
/// <param name="Filter">Which.</param>
/// <param name="Include">What goes with each.</param>
sealed record ExportSource(Tenant Tenant, RunFilter Filter, ExportParts Include)
{
    /// <summary>The rows.</summary>
    /// <param name="services">Of the request.</param>
    /// <param name="columns">What to read of each.</param>
    /// <param name="first">The page that was read before the answer began.</param>
    /// <param name="cancellationToken">The receiver is gone.</param>
    public async IAsyncEnumerable<RunRow> RowsAsync(IServiceProvider services, RowProjection<RunRow> columns, RunPage first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var runs = services.GetRequiredService<RunQuery>();
        for (var page = first; ; page = await runs.ListAsync(Tenant.No, Filter, page.NextToken, RunFilter.MaxLimit, columns, cancellationToken))
        {
            foreach (var row in page.Runs) yield return row;
            if (page.NextToken is null) yield break;
        }
    }
}

/// <summary>What goes with each run.</summary>
[Flags]
enum ExportParts
{
    None = 0,

    /// <summary>Inputs, outputs, notes, stack.</summary>
    Payloads = 1,

    /// <summary>Steps with their inputs and outputs.</summary>
    Steps = 2,

    /// <summary>Lines of the log.</summary>
    Logs = 4,
}
