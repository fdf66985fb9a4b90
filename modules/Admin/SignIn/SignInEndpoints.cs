using RunHub.Access;
using RunHub.Access.Sessions;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Admin.SignIn;

/// <summary>What has no page of its own: signing out, one-time links, the tenant switch, and addresses that name their tenant.</summary>
static class SignInEndpoints
{
    static readonly AccessAttribute AnyPerson = new(Role.Viewer, KeyScopes.None) { AnyPerson = true };

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/sign-out", SignOutAsync).Access(AnyPerson).ExcludeFromDescription();
        app.MapGet("/sign-in/once", OnceAsync).Access(Allow.Anyone).ExcludeFromDescription();
        app.MapPost("/tenant", SwitchAsync).Access(AnyPerson).ExcludeFromDescription();
        app.MapGet("/t/{tenant}/runs/{id}", EnterAsync).Access(AnyPerson).ExcludeFromDescription();
    }

    static async Task<IResult> SignOutAsync(HttpContext context, WriteLane lane, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        await lane.Run(async (scope, ct) => await scope.AuditAsync(new AuditEntry(null, "user", caller.Name, "session.ended", "user", caller.Name), ct), cancellationToken);
        await Session.EndAsync(context);
        return SeeOther("/sign-in");
    }

    static async Task<IResult> OnceAsync(HttpContext context, string? token, OneTimeSignIn links, AccessDirectory directory, SignInPerson signIn)
    {
        if (links.Redeem(token) is not { } userNo || await directory.PersonAsync(userNo, context.RequestAborted) is not { IsDisabled: false } person)
            return SeeOther("/sign-in");
        await signIn.StartAsync(context, person, "one-time link");
        return SeeOther("/runs");
    }

    static async Task<IResult> SwitchAsync(HttpContext context, AccessDirectory directory, CancellationToken cancellationToken)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
        var person = context.Person()!;
        var id = form["tenant"].ToString();
        if (await directory.TenantAsync(id, cancellationToken) is not { } tenant || person.RoleIn(tenant.No) == Role.None) throw ProblemException.NotFound("tenant", id);
        await Session.StartAsync(context, person, tenant);
        return SeeOther("/runs");
    }

    /// <summary>A run's address that works whichever tenant one is in: goes over to its tenant (only a member gets here) and to the run.</summary>
    static async Task<IResult> EnterAsync(HttpContext context, string id)
    {
        await Session.StartAsync(context, context.Person()!, context.Caller().Tenant);
        return SeeOther("/runs/" + Uri.EscapeDataString(id) + context.Request.QueryString);
    }

    static IResult SeeOther(string path) => new SeeOtherResult(path);

    sealed class SeeOtherResult(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = path;
            return Task.CompletedTask;
        }
    }
}
