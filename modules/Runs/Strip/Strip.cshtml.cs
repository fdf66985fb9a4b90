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
/// numbers. <c>tz</c> is how many minutes the reader's clock is ahead of UTC; where it is not said, what the browser keeps of it (a cookie), so that
/// the address of the figures is known with the page and they can be asked for with everything else it needs.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class StripPage(KeptStats stats, Shell shell, TimeProvider time) : PageModel
{
    /// <summary>The cookie.</summary>
    public const string Cookie = "tz";

    /// <summary>Minutes this browser's clock is ahead of UTC, as it said last; null: it has not.</summary>
    public static int? Kept(HttpRequest request) => Minutes(request.Cookies[Cookie]);

    /// <summary>The fragment.</summary>
    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        var tenant = HttpContext.Caller().Tenant;
        var filter = RunFilter.Parse(Request.Query, ["as", "tz"], time).Within(tenant.Id);
        var offset = Minutes(Request.Query["tz"]) ?? Kept(Request) ?? 0;
        var found = await stats.OfAsync(tenant.No, filter, TimeSpan.FromMinutes(offset), cancellationToken);
        var html = new StripHtml(shell, filter, found, TimeSpan.FromMinutes(offset));
        return new WrittenPage(null, "runs", string.Equals(Request.Query["as"], "table", StringComparison.Ordinal) ? html.Table() : html.Whole());
    }

    static int? Minutes(string? text) =>
        int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var minutes) ? Math.Clamp(minutes, -14 * 60, 14 * 60) : null;
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
