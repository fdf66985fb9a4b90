using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace RunHub.Access.Sessions;

/// <summary>
/// A person's session: a cookie that carries user number, security stamp and current tenant, encrypted and signed. It
/// ends when the user's stamp changes (password, disabling, "sign out everywhere") or after two weeks without a visit.
/// </summary>
public static class Session
{
    const string User = "sub";
    const string Stamp = "stamp";
    const string TenantNo = "tenant";

    /// <summary>Starts a session, or goes on with it in another tenant.</summary>
    public static Task StartAsync(HttpContext context, Person person, Tenant tenant) =>
        context.SignInAsync(Schemes.Session, Principal(person, tenant), new AuthenticationProperties { IsPersistent = true });

    /// <summary>Ends it in this browser.</summary>
    public static Task EndAsync(HttpContext context) => context.SignOutAsync(Schemes.Session);

    /// <summary>What the cookie carries.</summary>
    public static ClaimsPrincipal Principal(Person person, Tenant tenant) => new(new ClaimsIdentity(
    [
        new Claim(User, person.No.ToString(CultureInfo.InvariantCulture)),
        new Claim(Stamp, person.Stamp),
        new Claim(TenantNo, tenant.No.ToString(CultureInfo.InvariantCulture)),
    ], Schemes.Session));

    /// <summary>How long a session lives without a visit.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    internal static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "runhub";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = Lifetime;
        options.SlidingExpiration = true;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    /// <summary>Is the person still who the cookie says; then who is calling, and from which tenant.</summary>
    static async Task ValidateAsync(CookieValidatePrincipalContext cookie)
    {
        var context = cookie.HttpContext;
        var directory = context.RequestServices.GetRequiredService<AccessDirectory>();
        if (!TryNumber(cookie.Principal, User, out var userNo)
            || await directory.PersonAsync(userNo, context.RequestAborted) is not { IsDisabled: false } person
            || !string.Equals(person.Stamp, cookie.Principal!.FindFirstValue(Stamp), StringComparison.Ordinal))
        {
            cookie.RejectPrincipal();
            await EndAsync(context);
            return;
        }

        var tenant = await CurrentTenantAsync(directory, person, cookie.Principal, context.RequestAborted);
        context.Features.Set(person);
        context.Features.Set(CallerOf(person, tenant));
        context.RequestServices.GetRequiredService<LastSeen>()
            .Mark(person.No, Times.ToMicros(context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()));
    }

    internal static Caller CallerOf(Person person, Tenant tenant) =>
        new(CallerKind.User, person.No, person.Email, tenant, person.RoleIn(tenant.No), KeyScopes.None, person.IsInstallationAdmin);

    static async ValueTask<Tenant> CurrentTenantAsync(AccessDirectory directory, Person person, ClaimsPrincipal? principal, CancellationToken cancellationToken)
    {
        if (TryNumber(principal, TenantNo, out var tenantNo) && person.RoleIn(tenantNo) != Role.None
            && await directory.TenantAsync(tenantNo, cancellationToken) is { } chosen) return chosen;
        var all = await directory.TenantsOfAsync(person, cancellationToken);
        return all.Count > 0 ? all[0] : Tenant.None;
    }

    static bool TryNumber(ClaimsPrincipal? principal, string type, out long number) =>
        long.TryParse(principal?.FindFirstValue(type), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
