using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Runs.Export;

namespace RunHub.Runs.List;

/// <summary><c>/runs/export/count</c>: how many runs the export menu's download will have; counted to 10,000.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ExportCountPage : PageModel
{
    /// <summary>The count, and whether there are more.</summary>
    public (int Count, bool More) Found { get; private set; }

    /// <summary>Counts.</summary>
    public async Task OnGetAsync(CancellationToken cancellationToken) =>
        Found = await ExportCount.OfAsync(HttpContext.RequestServices, HttpContext.Caller().Tenant, RunFilter.Parse(Request.Query).Within(HttpContext.Caller().Tenant.Id), cancellationToken);
}
