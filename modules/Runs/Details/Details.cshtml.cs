using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary><c>/runs/{id}</c>: a run's own page.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class DetailsPage(ReadRun readRun, Shell shell) : PageModel
{
    /// <summary>The run.</summary>
    public RunView View { get; private set; } = null!;

    /// <summary>The page; a tab's content alone when its script asks.</summary>
    // Route and query are read here: model binding costs more than finding the run.
    public async Task<IActionResult> OnGetAsync()
    {
        var (id, tab, cancellationToken) = ((string)RouteData.Values["id"]!, Request.Query["tab"].ToString(), HttpContext.RequestAborted);
        Response.VaryByHtmx();
        if (Request.IsHtmx() && await readRun.TabAsync(HttpContext.Caller(), id, tab, cancellationToken) is { } content) return Partial("_RunTab", content);
        View = await readRun.HandleAsync(HttpContext, id, tab, inPanel: false, cancellationToken);
        return View.Tab is null ? new WrittenPage(View.Title, "runs", new RunHtml(shell, View).Whole()) : Page();
    }
}
