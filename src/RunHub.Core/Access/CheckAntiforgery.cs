using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using RunHub.Http;

namespace RunHub.Access;

/// <summary>
/// Every unsafe request needs an antiforgery token (form field <c>__RequestVerificationToken</c> or header
/// <see cref="Header"/>), with or without a session, unless it carries an API key (no browser adds one by itself)
/// or the endpoint says <c>DisableAntiforgery()</c>, as the one that keeps language and theme does.
/// </summary>
sealed class CheckAntiforgery(RequestDelegate next, IAntiforgery antiforgery)
{
    public const string Header = "X-CSRF-Token";

    public Task InvokeAsync(HttpContext context) =>
        IsSafe(context.Request.Method) || context.GetEndpoint() is not { } endpoint || IsErrorPage(context) || endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: false } || context.TryCaller()?.Kind == CallerKind.Key ? next(context) : CheckAsync(context);

    async Task CheckAsync(HttpContext context)
    {
        if (!await IsValidAsync(context))
            throw new ProblemException(StatusCodes.Status400BadRequest, "The antiforgery token is missing or does not fit.",
                $"Load the page again and repeat. Scripts send the token of the page in the header {Header}, or use an API key.", new Fault("header." + Header, "The token is missing, or of another session."));
        await next(context);
    }

    async Task<bool> IsValidAsync(HttpContext context)
    {
        try
        {
            return await antiforgery.IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
    }

    /// <summary>The error page is shown under the method that failed; it changes nothing.</summary>
    static bool IsErrorPage(HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>() is not null || context.Features.Get<IStatusCodeReExecuteFeature>() is not null;

    static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
