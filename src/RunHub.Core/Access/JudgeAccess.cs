using Microsoft.AspNetCore.Authorization;

namespace RunHub.Access;

/// <summary>Judges <see cref="AccessAttribute"/> declarations.</summary>
sealed class JudgeAccess : AuthorizationHandler<AccessAttribute>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessAttribute requirement)
    {
        if (requirement.IsPublic || context.Resource is HttpContext http && http.TryCaller()?.May(requirement) == true) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

/// <summary>What an endpoint without a declaration requires: that there be no endpoint at all (the answer is then 404).</summary>
sealed class Undeclared : AuthorizationHandler<Undeclared>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, Undeclared requirement)
    {
        if (context.Resource is HttpContext http && http.GetEndpoint() is null) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
