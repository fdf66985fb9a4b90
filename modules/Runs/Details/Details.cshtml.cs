using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;

namespace RunHub.Runs.Details;

/// <summary><c>/runs/{id}</c>: a run's own page.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class DetailsPage(ReadRun readRun) : PageModel
{
    /// <summary>The run.</summary>
    public RunView View { get; private set; } = null!;

    /// <summary>The page; a tab's content alone when its script asks.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string? tab, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        if (Request.IsHtmx() && await readRun.TabAsync(HttpContext.Caller(), id, tab, cancellationToken) is { } content) return Partial("_RunTab", content);
        View = await readRun.HandleAsync(HttpContext, id, tab, inPanel: false, cancellationToken);
        return Page();
    }
}
