using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using RunHub.Access;

namespace RunHub.IntegrationTests.Access;

/// <summary>Every endpoint × every kind of caller answers as its declaration says.</summary>
public sealed class MatrixTests
{
    [Fact]
    public async Task Every_endpoint_declares_once_who_may_call_it()
    {
        await using var hub = await TestHub.StartAsync();
        var endpoints = await EndpointsAsync(hub);
        Assert.True(endpoints.Count > 20, "Where are the endpoints?");
        Assert.Empty(endpoints.Where(e => e.Declarations != 1).Select(e => $"{e.Method} {e.Path} has {e.Declarations} declarations of access"));
    }

    [Fact]
    public async Task An_endpoint_without_a_declaration_is_found_and_open_to_nobody()
    {
        await using var hub = await TestHub.StartAsync(extra: new Probe());
        Assert.Contains(await EndpointsAsync(hub), e => e is { Path: "/probe/undeclared", Declarations: 0 });
        Assert.Equal(HttpStatusCode.Unauthorized, (await hub.Anonymous().GetAsync("/probe/undeclared")).StatusCode);
        using var everything = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        Assert.Equal(HttpStatusCode.Forbidden, (await everything.GetAsync("/probe/undeclared")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await everything.GetAsync("/probe/nowhere")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Anonymous().GetAsync("/probe/nowhere")).StatusCode);
    }

    [Theory, Engines]
    public async Task Every_endpoint_lets_in_whom_it_says_and_nobody_else(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        var callers = await CallersAsync(hub);
        var wrong = new List<string>();
        foreach (var endpoint in (await EndpointsAsync(hub)).Where(e => e.Declarations == 1))
        {
            foreach (var caller in callers)
            {
                using var client = caller.Client();
                using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), endpoint.Path);
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                var said = (int)answer.StatusCode;
                var right = Expected(caller, endpoint) switch
                {
                    // A signed link is its own admission: this one is not signed, whoever comes with it.
                    Answer.In when endpoint.Path.StartsWith("/files/", StringComparison.Ordinal) => said == 403,
                    Answer.In => said is not (401 or 403) && said < 500,
                    Answer.Denied => said is 401 or 403,
                    _ => said == 404,
                };
                if (!right) wrong.Add($"{endpoint.Method} {endpoint.Path} by {caller.Name}: {Expected(caller, endpoint)} was expected, {said} came");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    static Answer Expected(Kind caller, Declared endpoint)
    {
        var access = endpoint.Access!;
        if (endpoint.InTenantPath && caller is { Home: not "acme", IsInstallation: false, IsAnonymous: false }) return Answer.NotThere;
        var isOpen = access is { Role: Role.None, Scope: KeyScopes.None, Installation: false, AnyPerson: false };
        if (isOpen) return Answer.In;
        if (caller.IsAnonymous || access.Installation && !caller.IsInstallation) return Answer.Denied;
        if (caller.Scopes is { } scopes)
            return access.Scope != KeyScopes.None && ((scopes & KeyScopes.Admin) != KeyScopes.None || (scopes & access.Scope) != KeyScopes.None) ? Answer.In : Answer.Denied;
        var rank = caller.IsInstallation ? 3 : (int)caller.Role;
        return access.AnyPerson || access.Role != Role.None && rank >= (int)access.Role ? Answer.In : Answer.Denied;
    }

    static async Task<List<Kind>> CallersAsync(TestHub hub)
    {
        var acme = await hub.TenantAsync();
        var other = await hub.TenantAsync("other");
        List<Kind> callers = [new("nobody", hub.Anonymous, "acme") { IsAnonymous = true }];
        foreach (var role in (Role[])[Role.None, Role.Viewer, Role.Operator, Role.Admin])
        {
            var person = await hub.PersonAsync($"{role}@example.com".ToLowerInvariant(), role, acme);
            callers.Add(new($"a person with role {role}", () => hub.Browser(person, acme), role == Role.None ? "" : "acme") { Role = role });
        }

        var stranger = await hub.PersonAsync("stranger@example.com", Role.Admin, other);
        callers.Add(new("the admin of another tenant", () => hub.Browser(stranger, other), "other") { Role = Role.Admin });
        callers.Add(new("that admin with a cookie that says acme", () => hub.Browser(stranger, acme), "other") { Role = Role.Admin });
        var boss = await hub.PersonAsync("boss@example.com", Role.None, acme, installationAdmin: true);
        callers.Add(new("an installation admin", () => hub.Browser(boss, acme), "acme") { IsInstallation = true });
        foreach (var scope in (KeyScopes[])[KeyScopes.Ingest, KeyScopes.Read, KeyScopes.Operate, KeyScopes.Admin, KeyScopes.Ingest | KeyScopes.Read])
        {
            var text = await hub.KeyTextAsync(scope);
            callers.Add(new($"a key with {scope}", () => WithKey(hub, text), "acme") { Scopes = scope });
        }

        var foreign = await hub.KeyTextAsync(KeyScopes.Admin, "other");
        callers.Add(new("an admin key of another tenant", () => WithKey(hub, foreign), "other") { Scopes = KeyScopes.Admin });
        var installation = await hub.KeyTextAsync(KeyScopes.Admin, "other", installationAdmin: true);
        callers.Add(new("an installation key", () => WithKey(hub, installation), "other") { Scopes = KeyScopes.Admin, IsInstallation = true });
        return callers;
    }

    static HttpClient WithKey(TestHub hub, string text)
    {
        var client = hub.Anonymous();
        client.DefaultRequestHeaders.Add("X-Api-Key", text);
        return client;
    }

    static async Task<List<Declared>> EndpointsAsync(TestHub hub)
    {
        var found = new List<Declared>();
        foreach (var endpoint in hub.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var metadata = endpoint.Metadata;
            var methods = metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
            if (metadata.GetMetadata<PageActionDescriptor>() is { } page)
            {
                var compiled = await hub.Get<PageLoader>().LoadAsync(page, metadata);
                metadata = compiled.Endpoint?.Metadata ?? metadata; // null: it was compiled before
                methods = ["GET", "POST"];
            }

            var declarations = metadata.GetOrderedMetadata<AccessAttribute>();
            foreach (var method in methods.Count == 0 ? ["GET"] : methods)
                found.Add(new Declared(method, PathOf(endpoint.RoutePattern), declarations.Count > 0 ? declarations[^1] : null, declarations.Count));
        }

        return found;
    }

    static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart { Name: "tenant" } => "acme",
        RoutePatternParameterPart parameter => parameter.ParameterPolicies.Any(p => p.Content is "long" or "int") ? 987654.ToString(CultureInfo.InvariantCulture) : "x",
        _ => "",
    }))));

    enum Answer
    {
        In,
        Denied,
        NotThere,
    }

    sealed record Declared(string Method, string Path, AccessAttribute? Access, int Declarations)
    {
        public bool InTenantPath => Path.StartsWith("/t/", StringComparison.Ordinal);
    }

    /// <summary>A kind of caller; <see cref="Home"/> is the tenant they have a role in.</summary>
    sealed record Kind(string Name, Func<HttpClient> Client, string Home)
    {
        public bool IsAnonymous { get; init; }

        public bool IsInstallation { get; init; }

        public Role Role { get; init; }

        public KeyScopes? Scopes { get; init; }
    }
}
