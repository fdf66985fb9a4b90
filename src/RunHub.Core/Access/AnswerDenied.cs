using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.WebUtilities;
using RunHub.Http;

namespace RunHub.Access;

/// <summary>
/// What callers get who may not: a browser without a session goes to the sign-in page and comes back; one whose role is
/// not enough sees a page; htmx is told to go there; everyone else gets a problem document, 401 or 403.
/// </summary>
sealed class AnswerDenied : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded) return next(context);
        return context.TryCaller() is { } caller ? ForbidAsync(context, caller) : ChallengeAsync(context);
    }

    /// <summary>404 that says nothing.</summary>
    public static Task NotFoundAsync(HttpContext context) => ProblemAsync(context, StatusCodes.Status404NotFound, "Not found.", "There is nothing at this address.");

    static Task ChallengeAsync(HttpContext context)
    {
        var request = context.Request;
        if (IsHtmx(request))
        {
            context.Response.Headers["HX-Redirect"] = SignIn(LocalPath(request.Headers["HX-Current-URL"].ToString()));
        }
        else if (WantsPage(request))
        {
            context.Response.Redirect(SignIn(HttpMethods.IsGet(request.Method) ? request.PathBase + request.Path + request.QueryString : null));
            return Task.CompletedTask;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ProblemAsync(context, StatusCodes.Status401Unauthorized, "Who is calling?",
            Keys.KeyAuthentication.IsPresent(request) ? "The API key is unknown, expired or revoked." : "Send an API key as \"Authorization: Bearer rh_…\", or sign in.");
    }

    static Task ForbidAsync(HttpContext context, Caller caller)
    {
        var access = context.GetEndpoint()?.Metadata.GetMetadata<AccessAttribute>();
        if (!IsHtmx(context.Request) && WantsPage(context.Request)) throw new ProblemException(StatusCodes.Status403Forbidden, "Not allowed.", Reason(caller, access));
        return ProblemAsync(context, StatusCodes.Status403Forbidden, "Not allowed.", Reason(caller, access));
    }

    static string Reason(Caller caller, AccessAttribute? access) => access switch
    {
        null => "This address is open to nobody.",
        { Installation: true } => "Only the installation's admins may do this.",
        { Scope: KeyScopes.None } when caller.Kind == CallerKind.Key => "A person must do this, signed in; no API key may.",
        _ when caller.Kind == CallerKind.Key => $"This needs an API key with scope {Name(access.Scope)}; yours has {Name(caller.Scopes)}.",
        _ => $"This needs the role {Name(access.Role)} in the tenant; yours is {Name(caller.Role)}.",
    };

    static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    static string SignIn(string? returnUrl) =>
        string.IsNullOrEmpty(returnUrl) || returnUrl is "/" ? "/sign-in" : QueryHelpers.AddQueryString("/sign-in", "returnUrl", returnUrl);

    static bool IsHtmx(HttpRequest request) => request.Headers.ContainsKey("HX-Request");

    static bool WantsPage(HttpRequest request) => !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && !Keys.KeyAuthentication.IsPresent(request)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    static string? LocalPath(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.PathAndQuery : null;

    static Task ProblemAsync(HttpContext context, int status, string title, string detail)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ErrorFormat>() is { } format) return format.WriteAsync(context, new ProblemException(status, title, detail));
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { type = "about:blank", title, status, detail }, JsonSerializerOptions.Web, "application/problem+json", context.RequestAborted);
    }
}
