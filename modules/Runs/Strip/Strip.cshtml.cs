using System.Collections.Concurrent;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Stats;
using RunHub.Ui;

namespace RunHub.Runs.Strip;

/// <summary>
/// <c>/runs/strip</c>: the figures above the list, for exactly its filter, asked for when the page stands; <c>as=table</c>: the chart in
/// numbers. <c>tz</c> is how many minutes the reader's clock is ahead of UTC.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class StripPage(KeptStats stats, Shell shell, TimeProvider time) : PageModel
{
    /// <summary>The fragment.</summary>
    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        var tenant = HttpContext.Caller().Tenant;
        var filter = RunFilter.Parse(Request.Query, ["as", "tz"], time).Within(tenant.Id);
        var offset = int.TryParse(Request.Query["tz"].ToString(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var minutes) ? Math.Clamp(minutes, -14 * 60, 14 * 60) : 0;
        var found = await stats.OfAsync(tenant.No, filter, TimeSpan.FromMinutes(offset), cancellationToken);
        var html = new StripHtml(shell, filter, found, TimeSpan.FromMinutes(offset));
        return new WrittenPage(null, "runs", string.Equals(Request.Query["as"], "table", StringComparison.Ordinal) ? html.Table() : html.Whole());
    }
}

/// <summary>
/// Figures of lists for a moment: everybody who looks at the same list, and its chart and its table, share one reading.
/// </summary>
public sealed class KeptStats(ReadStats stats, TimeProvider time)
{
    const int Most = 256;
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    readonly ConcurrentDictionary<(long Tenant, string Filter, TimeSpan Offset), (RunStats Stats, long MadeAt)> kept = new();

    /// <summary>The figures of a list.</summary>
    public async ValueTask<RunStats> OfAsync(long tenantNo, RunFilter filter, TimeSpan offset, CancellationToken cancellationToken)
    {
        var key = (tenantNo, filter.RunsAlone().ToQuery(), offset);
        if (kept.TryGetValue(key, out var known) && time.GetElapsedTime(known.MadeAt) < Fresh) return known.Stats;
        var made = await stats.HandleAsync(tenantNo, filter, ReadStats.DefaultBuckets, offset, cancellationToken);
        if (kept.Count >= Most) kept.Clear();
        kept[key] = (made, time.GetTimestamp());
        return made;
    }
}
