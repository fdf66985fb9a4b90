using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;

namespace RunHub.Pages;

/// <summary>
/// <c>/account</c>: switching the tenant and signing out. Menus load it when they open (<c>?part=tenants</c>, <c>?part=end</c>), so that
/// no other page has to carry an antiforgery token; without script it is a page.
/// </summary>
[Access(Role.Viewer, KeyScopes.None, AnyPerson = true)]
public sealed class AccountPage(AccessDirectory directory) : PageModel
{
    /// <summary>Where this person may go.</summary>
    public IReadOnlyList<Tenant> Tenants { get; private set; } = [];

    /// <summary>The page, or a part of a menu.</summary>
    public async Task<IActionResult> OnGetAsync(string? part, CancellationToken cancellationToken)
    {
        if (HttpContext.Person() is { } person) Tenants = await directory.TenantsOfAsync(person, cancellationToken);
        Response.VaryByHtmx();
        if (!Request.IsHtmx()) return Page();
        return part == "tenants" ? Partial("_TenantChoice", this) : Partial("_SignOut", this);
    }
}
