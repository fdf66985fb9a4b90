using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;

namespace RunHub.Admin.Users;

/// <summary>The tenant's members: add, change, disable, remove, invite again.</summary>
[Access(Role.Admin, KeyScopes.None)]
public sealed class UsersPage(Members members, ChangeMembers change) : PageModel
{
    /// <summary>By email.</summary>
    public IReadOnlyList<Member> List { get; private set; } = [];

    /// <summary>Email of the person to add, as typed.</summary>
    [BindProperty]
    public string? Email { get; set; }

    /// <summary>Role of the person to add.</summary>
    [BindProperty]
    public Role AddRole { get; set; } = Role.Viewer;

    /// <summary>A one-time link that was just made: shown now and never again.</summary>
    public string? Link { get; private set; }

    /// <summary>Whom <see cref="Link"/> is for, or who was just added.</summary>
    public string? For { get; private set; }

    /// <summary>The list.</summary>
    public Task OnGetAsync(CancellationToken cancellationToken) => LoadAsync(cancellationToken);

    /// <summary>Adds a member.</summary>
    public Task<IActionResult> OnPostAddAsync(CancellationToken cancellationToken) => DoAsync(async caller =>
    {
        Link = UsersApi.Absolute(HttpContext, await change.AddAsync(caller, Email, AddRole, cancellationToken));
        (For, Email, AddRole) = (Email?.Trim(), null, Role.Viewer);
        ModelState.Clear();
    }, cancellationToken);

    /// <summary>Changes a role.</summary>
    public Task<IActionResult> OnPostRoleAsync(string member, Role role, CancellationToken cancellationToken) =>
        DoAsync(caller => change.ChangeAsync(caller, member, new MemberChange(Role: role), cancellationToken), cancellationToken);

    /// <summary>Disables or enables.</summary>
    public Task<IActionResult> OnPostDisabledAsync(string member, bool disabled, CancellationToken cancellationToken) =>
        DoAsync(caller => change.ChangeAsync(caller, member, new MemberChange(Disabled: disabled), cancellationToken), cancellationToken);

    /// <summary>Makes or unmakes an installation admin.</summary>
    public Task<IActionResult> OnPostInstallationAsync(string member, bool admin, CancellationToken cancellationToken) =>
        DoAsync(caller => change.ChangeAsync(caller, member, new MemberChange(InstallationAdmin: admin), cancellationToken), cancellationToken);

    /// <summary>Removes from the tenant.</summary>
    public Task<IActionResult> OnPostRemoveAsync(string member, CancellationToken cancellationToken) =>
        DoAsync(caller => change.RemoveAsync(caller, member, cancellationToken), cancellationToken);

    /// <summary>Makes a new one-time link.</summary>
    public Task<IActionResult> OnPostInviteAsync(string member, CancellationToken cancellationToken) => DoAsync(async caller =>
    {
        Link = UsersApi.Absolute(HttpContext, await change.InviteAgainAsync(caller, member, cancellationToken));
        For = member;
    }, cancellationToken);

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
        return this.PageOrPartial("_Users");
    }

    async Task LoadAsync(CancellationToken cancellationToken) => List = await members.ListAsync(HttpContext.Caller().Tenant.No, cancellationToken);
}
