using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Plugins;
using RunHub.Store;

namespace RunHub.Runs.Leads;

/// <summary>What a lead's runs come to, over the newest <see cref="LeadPage.MaxCounted"/> of them.</summary>
/// <param name="ByStatus">How many of each status, the most frequent first.</param>
/// <param name="Count">How many.</param>
/// <param name="IsCapped">There are more.</param>
/// <param name="FirstAt">Start of the earliest, microseconds since 1970.</param>
/// <param name="LastAt">Start of the latest.</param>
/// <param name="Tokens">Tokens used; null: none said.</param>
/// <param name="CostNano">Nano-dollars; null: none said.</param>
public sealed record LeadFigures(IReadOnlyList<(RunStatus Status, long Count)> ByStatus, long Count, bool IsCapped, long FirstAt, long LastAt, long? Tokens, long? CostNano);

/// <summary><c>/leads/{id}</c>: everything that was done for a lead, in all lanes.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class LeadPage(Database database, RunQuery query, WorkflowTypes types) : PageModel
{
    /// <summary>Runs that figures are made of.</summary>
    public const int MaxCounted = 10_000;

    /// <summary>Runs that are shown.</summary>
    public const int Shown = 50;

    static readonly RowProjection<RunRow> Columns = RunRow.Table.Project(
        "run_no", "id", "type", "workflow_name", "workflow_version", "environment", "status", "lane", "sort_at", "started_at", "duration_ms", "error_message", "failed_node");

    /// <summary>The lead.</summary>
    public string Lead { get; private set; } = "";

    /// <summary>Its newest runs.</summary>
    public IReadOnlyList<RunRow> Runs { get; private set; } = [];

    /// <summary>Figures; null: it has no run.</summary>
    public LeadFigures? Figures { get; private set; }

    /// <summary>Where adapters say the lead is at home: name of the workflow type and address.</summary>
    public IReadOnlyList<(string Name, string Url)> Homes { get; private set; } = [];

    /// <summary>All its runs in the list.</summary>
    public string ListUrl => "/runs?" + RunFilter.None.With("lead", Lead).With("lane", "all").ToQuery();

    /// <summary>Its page.</summary>
    public static string UrlOf(string lead) => "/leads/" + Uri.EscapeDataString(lead);

    // A route value keeps %2F and no longer tells it from %252F; what was asked for does.
    static string? Written(HttpContext context)
    {
        const string Segment = "/leads/";
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.Split('?')[0];
        return path.IndexOf(Segment, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? Uri.UnescapeDataString(path[(at + Segment.Length)..]) : null;
    }

    /// <summary>The page.</summary>
    public async Task OnGetAsync(string id, CancellationToken cancellationToken)
    {
        Lead = Written(HttpContext) ?? id;
        if (Lead.Length > Limits.Name) return;
        var tenant = HttpContext.Caller().Tenant.No;
        Runs = (await query.ListAsync(tenant, RunFilter.None.With("lead", Lead).With("lane", "all"), null, Shown, Columns, cancellationToken)).Runs;
        if (Runs.Count == 0) return;
        await using var sql = await database.ReadAsync(cancellationToken);
        // As fractions: what adds up to more than a number holds is shown as the largest there is.
        var rows = await sql.Prepare("""
            SELECT status, count(*), min(sort_at), max(sort_at), sum(CAST(tokens AS DOUBLE PRECISION)), sum(CAST(cost_nano AS DOUBLE PRECISION)) FROM (
              SELECT status, sort_at, tokens, cost_nano FROM runs WHERE tenant_no = @tenant_no AND lead_id = @lead_id ORDER BY sort_at DESC, run_no DESC LIMIT @limit) newest
            GROUP BY status
            """).With(tenant, Lead, (long)MaxCounted).ListAsync(r => (Status: (RunStatus)r.GetInt64(0), Count: r.GetInt64(1), First: r.GetInt64(2), Last: r.GetInt64(3), Tokens: r.Double(4), Cost: r.Double(5)), cancellationToken);
        var count = rows.Sum(r => r.Count);
        Figures = new LeadFigures([.. rows.OrderByDescending(r => r.Count).Select(r => (r.Status, r.Count))], count, count >= MaxCounted, rows.Min(r => r.First), rows.Max(r => r.Last),
            rows.Any(r => r.Tokens is not null) ? (long)rows.Sum(r => r.Tokens ?? 0) : null, rows.Any(r => r.Cost is not null) ? (long)rows.Sum(r => r.Cost ?? 0) : null);
        Homes = [.. Runs.Select(r => r.Type).Distinct(StringComparer.Ordinal).Select(types.Find).Where(t => t?.Info.LeadUrl is not null)
            .Select(t => (t!.Info.DisplayName, t.Info.LeadUrl!.Replace("{lead_id}", Uri.EscapeDataString(Lead), StringComparison.Ordinal)))];
    }
}
