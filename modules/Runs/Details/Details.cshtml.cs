using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary><c>/runs/{id}</c>: a run's own page. With its steps it is written by hand; another tab is a view.</summary>
[Access(Role.Viewer, KeyScopes.Read), WritesItself<DetailsPage>]
public sealed class DetailsPage(ReadRun readRun, Shell shell) : PageModel, IWrittenPage
{
    /// <summary>The run.</summary>
    public RunView View { get; private set; } = null!;

    /// <inheritdoc/>
    public static async ValueTask<WrittenPage?> WriteAsync(HttpContext context)
    {
        if (context.Request.IsHtmx() || context.Request.Query.ContainsKey("tab")) return null;
        context.Response.VaryByHtmx();
        var services = context.RequestServices;
        var view = await services.GetRequiredService<ReadRun>().HandleAsync(context, (string)context.Request.RouteValues["id"]!, null, inPanel: false, context.RequestAborted);
        // A page of its own for each run: a duplicate's id only leads there, below.
        return IsAt(view, context) ? Written(view, services.GetRequiredService<Shell>()) : null;
    }

    /// <summary>The page with a tab; a tab's content alone when its script asks.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string? tab, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        if (Request.IsHtmx() && await readRun.TabAsync(HttpContext.Caller(), id, tab, cancellationToken) is { } content) return Partial("_RunTab", content);
        View = await readRun.HandleAsync(HttpContext, id, tab, inPanel: false, cancellationToken);
        if (!IsAt(View, HttpContext)) return LocalRedirect(View.Url + Request.QueryString);
        return View.Tab is null ? Written(View, shell) : Page();
    }

    static bool IsAt(RunView view, HttpContext context) => string.Equals(view.Run.Id, (string?)context.Request.RouteValues["id"], StringComparison.Ordinal);

    static WrittenPage Written(RunView view, Shell shell) => new(view.Title, "runs", new RunHtml(shell, view).Whole());
}
