using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary><c>/runs/{id}/panel</c>: the same content for the slide-over.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class PanelPage(ReadRun readRun, Shell shell) : PageModel
{
    /// <summary>The run.</summary>
    public RunView View { get; private set; } = null!;

    /// <summary>The fragment.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string? tab, CancellationToken cancellationToken)
    {
        View = await readRun.HandleAsync(HttpContext, id, tab, inPanel: true, cancellationToken);
        return View.Tab is null ? new WrittenPage(null, "runs", new RunHtml(shell, View).Whole()) : Page();
    }
}
