using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Access.Keys;
using RunHub.Access.People;
using RunHub.Access.Sessions;
using RunHub.Store;

namespace RunHub.Testing;

/// <summary>Callers of every kind.</summary>
public sealed partial class TestHub
{
    /// <summary>All scopes but the installation.</summary>
    public const KeyScopes AllScopes = KeyScopes.Ingest | KeyScopes.Read | KeyScopes.Operate | KeyScopes.Admin;
    static readonly Actor Test = new("system", "test");
    int people;

    /// <summary>The tenant with this public id, created when absent.</summary>
    public async Task<Tenant> TenantAsync(string id = "acme")
    {
        var directory = Get<AccessDirectory>();
        if (await directory.TenantAsync(id, default) is { } known) return known;
        var tenant = await Get<WriteLane>().Run<Tenant>(async (scope, ct) => await AccessWriter.InsertTenantAsync(scope, Test, id, id, ct), default);
        directory.ForgetTenants();
        return tenant;
    }

    /// <summary>A caller without key or session; redirects are not followed.</summary>
    public HttpClient Anonymous() => NewClient();

    /// <summary>A caller with a new API key.</summary>
    public async Task<HttpClient> KeyAsync(KeyScopes scopes = AllScopes, string tenant = "acme", bool installationAdmin = false)
    {
        var client = NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await KeyTextAsync(scopes, tenant, installationAdmin));
        return client;
    }

    /// <summary>The text of a new API key.</summary>
    public async Task<string> KeyTextAsync(KeyScopes scopes = AllScopes, string tenant = "acme", bool installationAdmin = false)
    {
        var text = KeyText.Create();
        var no = (await TenantAsync(tenant)).No;
        await Get<WriteLane>().Run<long>(async (scope, ct) =>
            await AccessWriter.InsertKeyAsync(scope, Test, new NewKey(no, "test key", text, scopes, null, installationAdmin), ct), default);
        Get<KeyCache>().Forget();
        return text;
    }

    /// <summary>
    /// A person with a session in a browser that sends the page's antiforgery token in the header with every request.
    /// Remove <c>X-CSRF-Token</c> from the default headers to be the forged one.
    /// </summary>
    public async Task<HttpClient> SignInAsync(Role role = Role.Viewer, string tenant = "acme", bool installationAdmin = false)
    {
        var email = string.Create(CultureInfo.InvariantCulture, $"{role.ToString().ToLowerInvariant()}{Interlocked.Increment(ref people)}@example.com");
        var home = await TenantAsync(tenant);
        var person = await PersonAsync(email, role, home, password: null, installationAdmin);
        return Browser(person, home);
    }

    /// <summary>A user, with a role unless it is <see cref="Role.None"/>.</summary>
    public async Task<Person> PersonAsync(string email, Role role, Tenant tenant, string? password = null, bool installationAdmin = false)
    {
        var hash = password is null ? null : Passwords.Hash(password);
        var no = await Get<WriteLane>().Run<long>(async (scope, ct) =>
        {
            var userNo = await AccessWriter.InsertUserAsync(scope, Test, new NewUser(email, email.Split('@')[0], hash, installationAdmin), ct);
            if (role != Role.None) await AccessWriter.SetRoleAsync(scope, Test, userNo, email, tenant.No, role, ct);
            return userNo;
        }, default);
        return (await Get<AccessDirectory>().PersonAsync(no, default))!;
    }

    /// <summary>A browser in which <paramref name="person"/> is signed in.</summary>
    public HttpClient Browser(Person person, Tenant tenant)
    {
        using var scope = Services.CreateScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, User = Session.Principal(person, tenant) };
        var tokens = Get<IAntiforgery>().GetTokens(context);
        var client = NewClient(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["runhub"] = Cookie(person, tenant),
            ["runhub-csrf"] = tokens.CookieToken!,
        });
        client.DefaultRequestHeaders.Add(tokens.HeaderName!, tokens.RequestToken);
        return client;
    }

    /// <summary>The value of the session cookie <c>runhub</c> of <paramref name="person"/>.</summary>
    public string Cookie(Person person, Tenant tenant)
    {
        var options = Get<IOptionsMonitor<CookieAuthenticationOptions>>().Get(Schemes.Session);
        var now = Get<TimeProvider>().GetUtcNow();
        var properties = new AuthenticationProperties { IssuedUtc = now, ExpiresUtc = now + options.ExpireTimeSpan };
        return options.TicketDataFormat.Protect(new AuthenticationTicket(Session.Principal(person, tenant), properties, Schemes.Session));
    }

    /// <summary>
    /// Posts a form as a browser would: gets <paramref name="page"/>, takes its antiforgery field, posts it with
    /// <paramref name="fields"/> to <paramref name="action"/> (default: the page itself).
    /// </summary>
    public static async Task<HttpResponseMessage> PostFormAsync(HttpClient client, string page, Dictionary<string, string> fields, string? action = null)
    {
        var html = await client.GetStringAsync(page);
        var field = Regex.Match(html, "name=\"__RequestVerificationToken\"[^>]*value=\"(?<token>[^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.True(field.Success, $"{page} has no antiforgery field.");
        using var content = new FormUrlEncodedContent(new Dictionary<string, string>(fields, StringComparer.Ordinal) { ["__RequestVerificationToken"] = field.Groups["token"].Value });
        return await client.PostAsync(action ?? page, content);
    }

    HttpClient NewClient(Dictionary<string, string>? cookies = null)
    {
        var jar = new System.Net.CookieContainer();
        foreach (var (name, value) in cookies ?? []) jar.Add(Address, new System.Net.Cookie(name, value));
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true, CookieContainer = jar }) { BaseAddress = Address };
    }
}
