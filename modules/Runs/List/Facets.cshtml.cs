using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;

namespace RunHub.Runs.List;

/// <summary><c>/runs/facets</c>: fields whose values can be chosen with their counts, for the menu with the filter form; each asks for its values when it is opened.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class FacetsPage : PageModel
{
    /// <summary>The filter the links start from.</summary>
    public RunFilter Filter { get; private set; } = RunFilter.None;

    /// <summary>The fields.</summary>
    public void OnGet() => Filter = RunFilter.Parse(Request.Query).Within(HttpContext.Caller().Tenant.Id);
}
