using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;

namespace RunHub.Runs.Details;

/// <summary><c>/runs/{id}</c>: a run's own page.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class DetailsPage(ReadRun readRun) : PageModel
{
    /// <summary>The run.</summary>
    public RunView View { get; private set; } = null!;

    /// <summary>The page.</summary>
    public async Task OnGetAsync(string id, CancellationToken cancellationToken) =>
        View = await readRun.HandleAsync(HttpContext.Caller(), id, inPanel: false, cancellationToken);
}
