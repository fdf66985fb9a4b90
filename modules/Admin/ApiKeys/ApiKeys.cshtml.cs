using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;

namespace RunHub.Admin.ApiKeys;

/// <summary>The tenant's API keys: make (shown once), list, revoke.</summary>
[Access(Role.Admin, KeyScopes.None)]
public sealed class ApiKeysPage(ChangeKeys keys, TimeProvider time) : PageModel
{
    /// <summary>Choices of expiry in days; 0: never.</summary>
    public static IReadOnlyList<int> Days { get; } = [30, 90, 365, 0];

    /// <summary>Newest first, revoked last.</summary>
    public IReadOnlyList<ApiKeyRow> List { get; private set; } = [];

    /// <summary>Name of the key to make.</summary>
    [BindProperty]
    public string? Name { get; set; }

    /// <summary>Its scopes.</summary>
    [BindProperty]
    public List<KeyScopes> Scopes { get; set; } = [KeyScopes.Ingest];

    /// <summary>One of <see cref="Days"/>.</summary>
    [BindProperty]
    public int ExpiresIn { get; set; } = 365;

    /// <summary>Administers the installation; offered to its admins.</summary>
    [BindProperty]
    public bool InstallationAdmin { get; set; }

    /// <summary>Text of the key that was just made: shown now and never again.</summary>
    public string? NewKey { get; private set; }

    /// <summary>Now, µs since 1970.</summary>
    public long Now => time.GetUtcNow().ToMicros();

    /// <summary>The list.</summary>
    public Task OnGetAsync(CancellationToken cancellationToken) => LoadAsync(cancellationToken);

    /// <summary>Makes a key.</summary>
    public Task<IActionResult> OnPostCreateAsync(CancellationToken cancellationToken) => DoAsync(async caller =>
    {
        var expires = Days.Contains(ExpiresIn) && ExpiresIn > 0 ? time.GetUtcNow().AddDays(ExpiresIn) : (DateTimeOffset?)null;
        var scopes = Scopes.Aggregate(KeyScopes.None, (all, one) => all | one);
        NewKey = (await keys.CreateAsync(caller, new KeyRequest(Name, scopes, expires, InstallationAdmin), cancellationToken)).Text;
        (Name, Scopes, ExpiresIn, InstallationAdmin) = (null, [KeyScopes.Ingest], 365, false);
        ModelState.Clear();
    }, cancellationToken);

    /// <summary>Revokes a key.</summary>
    public Task<IActionResult> OnPostRevokeAsync(long no, CancellationToken cancellationToken) =>
        DoAsync(caller => keys.RevokeAsync(caller, no, cancellationToken), cancellationToken);

    /// <summary>When a key ceases, for the list.</summary>
    public string StateOf(ApiKeyRow key) => key.RevokedAt is not null ? "revoked" : key.ExpiresAt <= Now ? "expired" : "active";

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
        return this.PageOrPartial("_ApiKeys");
    }

    async Task LoadAsync(CancellationToken cancellationToken) => List = await keys.ListAsync(HttpContext.Caller().Tenant.No, cancellationToken);
}
