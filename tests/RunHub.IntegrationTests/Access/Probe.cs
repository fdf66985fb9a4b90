using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Access;
using RunHub.Modules;

namespace RunHub.IntegrationTests.Access;

/// <summary>Endpoints that do nothing but answer, one per kind of declaration.</summary>
sealed class Probe : IModule
{
    public string Name => "probe";

    public void AddServices(IServiceCollection services, IConfiguration section) { }

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/probe/me", (HttpContext http) => Say(http.Caller())).Access(new AccessAttribute(Role.Viewer, KeyScopes.Read | KeyScopes.Ingest));
        app.MapGet("/t/{tenant}/probe", (HttpContext http) => Say(http.Caller())).Access(Allow.Viewers);
        app.MapPost("/probe/act", () => "done").Access(Allow.Operators);
        app.MapPost("/api/probe/act", () => "done").Access(Allow.Operators);
        app.MapGet("/probe/admins", () => "in").Access(Allow.Admins);
        app.MapGet("/probe/installation", () => "in").Access(Allow.Installation);
        app.MapGet("/probe/undeclared", () => "in");
        app.MapGet("/probe/anyone", () => "in").Access(Allow.Anyone);
    }

    static string Say(Caller c) => $"{c.Kind} {c.Name} in {c.Tenant.Id} as {c.Role} with {c.Scopes}{(c.IsInstallationAdmin ? " of the installation" : "")}";
}
