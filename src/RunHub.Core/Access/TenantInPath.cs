namespace RunHub.Access;

/// <summary>
/// <c>/t/{tenant}/…</c>: the request is about that tenant, if the caller has a role there; otherwise the tenant does not
/// exist, so that nothing tells one tenant about another.
/// </summary>
sealed class TenantInPath(RequestDelegate next, AccessDirectory directory)
{
    public Task InvokeAsync(HttpContext context) => context.Request.Path.Value is ['/', 't', '/', ..] && context.TryCaller() is { } caller
        ? ResolveAsync(context, caller)
        : next(context);

    async Task ResolveAsync(HttpContext context, Caller caller)
    {
        if (context.Request.RouteValues.TryGetValue("tenant", out var value) && value is string id)
        {
            var tenant = await directory.TenantAsync(id, context.RequestAborted);
            var known = tenant is null ? null : context.Person() is { } person ? Sessions.Session.CallerOf(person, tenant)
                : caller.IsInstallationAdmin || caller.Tenant.No == tenant.No ? caller with { Tenant = tenant } : null;
            if (known is null or { Kind: CallerKind.User, Role: Role.None })
            {
                await AnswerDenied.NotFoundAsync(context);
                return;
            }

            context.Features.Set(known);
        }

        await next(context);
    }
}
