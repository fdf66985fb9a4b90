using Microsoft.AspNetCore.WebUtilities;
using RunHub.Store;

namespace RunHub.Http;

/// <summary>
/// Turns whatever goes wrong under a program's address into a problem document: thrown problems, a full write lane, broken
/// requests, answers without a body (404, 405), and everything unforeseen, which is logged and answered with its trace id
/// and nothing else. Addresses of pages are left to the error page, except where the caller does not ask for HTML.
/// </summary>
sealed class AnswerProblems(RequestDelegate next, ILogger<AnswerProblems> log)
{
    const int AwaySeconds = 2;
    const string NoSuchMethod = "405 HTTP Method Not Supported";

    public async Task InvokeAsync(HttpContext context)
    {
        var forPrograms = IsForPrograms(context.Request);
        try
        {
            // Routing's own 405 has no declaration of access; whoever asks may know which methods there are.
            if (forPrograms && context.GetEndpoint() is { DisplayName: NoSuchMethod, RequestDelegate: { } answer }) await answer(context);
            else await next(context);
            if (forPrograms && context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null or 0 })
                await ProblemWriter.WriteAsync(context, Bare(context));
        }
        catch (Exception e) when (!context.Response.HasStarted && (forPrograms || !WantsPage(context.Request)))
        {
            if (e is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return;
            }

            var problem = ProblemOf(e);
            if (problem.Status == 500 || Database.IsAway(e)) log.LogError(e, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
            await ProblemWriter.WriteAsync(context, problem);
        }
    }

    /// <summary>True for addresses that programs call: errors there are problem documents whatever is asked for.</summary>
    internal static bool IsForPrograms(HttpRequest request)
    {
        var path = request.Path;
        if (path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase)
            || path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)) return true;
        // /t/{tenant}/api/…
        if (!path.StartsWithSegments("/t", StringComparison.OrdinalIgnoreCase, out var rest) || rest.Value is not { Length: > 1 } text) return false;
        var end = text.IndexOf('/', 1);
        return end > 0 && new PathString(text[end..]).StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);
    }

    static bool WantsPage(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase) || request.IsHtmx();

    static ProblemException ProblemOf(Exception e) => e switch
    {
        ProblemException problem => problem,
        // Whoever reports keeps what it has and tries again: to it a 500 would mean that the run itself is the fault.
        _ when Database.IsAway(e) => new ProblemException(503, "The database cannot be used.", "It cannot be reached, or cannot write. Try again shortly: a run under the same id is one run.") { RetryAfter = AwaySeconds },
        LaneFullException full => new ProblemException(503, "Busy.", full.Message) { RetryAfter = 1 },
        BadHttpRequestException bad => new ProblemException(bad.StatusCode, ReasonPhrases.GetReasonPhrase(bad.StatusCode) + ".", bad.StatusCode == 413 ? "The body is too large." : "The request is broken or was cut short."),
        // How a form that ends too soon announces itself.
        InvalidDataException or IOException { Source: "Microsoft.AspNetCore.WebUtilities" } => new ProblemException(400, "The request is not valid.", "The body cannot be read."),
        _ => new ProblemException(500, "Something went wrong.", "The error is in the log under this traceId."),
    };

    static ProblemException Bare(HttpContext context)
    {
        var status = context.Response.StatusCode;
        return new ProblemException(status, ReasonPhrases.GetReasonPhrase(status) + ".", status switch
        {
            404 => $"There is nothing at {context.Request.Path}.",
            405 => $"{context.Request.Method} is not possible here; these are: {context.Response.Headers.Allow}.",
            _ => null,
        });
    }
}
