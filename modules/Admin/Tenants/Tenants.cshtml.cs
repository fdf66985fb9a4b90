using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;

namespace RunHub.Admin.Tenants;

/// <summary>All tenants of the installation: create and rename.</summary>
[Access(Role.Admin, KeyScopes.None, Installation = true)]
public sealed class TenantsPage(ChangeTenants tenants) : PageModel
{
    /// <summary>By name.</summary>
    public IReadOnlyList<TenantLine> List { get; private set; } = [];

    /// <summary>Name of the tenant to create.</summary>
    [BindProperty]
    public string? Name { get; set; }

    /// <summary>Its id; empty: made from the name.</summary>
    [BindProperty]
    public string? Id { get; set; }

    /// <summary>The list.</summary>
    public Task OnGetAsync(CancellationToken cancellationToken) => LoadAsync(cancellationToken);

    /// <summary>Creates one.</summary>
    public Task<IActionResult> OnPostCreateAsync(CancellationToken cancellationToken) => DoAsync(async caller =>
    {
        await tenants.CreateAsync(caller, Name, Id, cancellationToken);
        (Name, Id) = (null, null);
        ModelState.Clear();
    }, cancellationToken);

    /// <summary>Renames one.</summary>
    public Task<IActionResult> OnPostRenameAsync(string tenant, string? newName, CancellationToken cancellationToken) =>
        DoAsync(caller => tenants.RenameAsync(caller, tenant, newName, cancellationToken), cancellationToken);

    async Task<IActionResult> DoAsync(Func<Caller, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(HttpContext.Caller());
        }
        catch (Refused refused)
        {
            refused.AddTo(ModelState);
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }

        await LoadAsync(cancellationToken);
        return this.PageOrPartial("_Tenants");
    }

    async Task LoadAsync(CancellationToken cancellationToken) => List = await tenants.ListAsync(cancellationToken);
}
