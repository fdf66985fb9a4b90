using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;

namespace RunHub.Runs.List;

/// <summary>The run list.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ListPage : PageModel
{
    /// <summary>Get.</summary>
    public void OnGet() { }
}
