using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;

namespace RunHub.Runs.Details;

/// <summary><c>/runs/{id}/panel</c>: the same content for the slide-over.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class PanelPage(ReadRun readRun) : PageModel
{
    /// <summary>The run.</summary>
    public RunView View { get; private set; } = null!;

    /// <summary>The fragment.</summary>
    public async Task OnGetAsync(string id, string? tab, CancellationToken cancellationToken) =>
        View = await readRun.HandleAsync(HttpContext, id, tab, inPanel: true, cancellationToken);
}
