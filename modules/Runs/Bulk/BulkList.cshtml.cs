using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Bulk;

namespace RunHub.Runs.Bulk;

/// <summary><c>/bulk</c>: the tenant's bulk actions, newest first.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class BulkListPage(BulkActions actions) : PageModel
{
    const int PageSize = 50;

    /// <summary>A page of them.</summary>
    public IReadOnlyList<BulkAction> List { get; private set; } = [];

    /// <summary>Where the next page begins; null: this is the last.</summary>
    public string? Next { get; private set; }

    /// <summary>Reads the page.</summary>
    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var before = Request.Query["next_token"].ToString();
        var found = await actions.ListAsync(HttpContext.Caller().Tenant.No, before.Length == 0 ? null : before, PageSize + 1, cancellationToken);
        List = [.. found.Take(PageSize)];
        Next = found.Count > PageSize ? List[^1].Id : null;
    }
}
