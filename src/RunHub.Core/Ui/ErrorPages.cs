using Microsoft.AspNetCore.Diagnostics;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Ui;

/// <summary>Shows <c>/error</c> in the layout wherever a page fails or is not there; programs get problem documents instead.</summary>
public static class ErrorPages
{
    /// <summary>Puts it into the pipeline: outside of everything that may fail.</summary>
    public static IApplicationBuilder UseErrorPages(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/error",
            StatusCodeSelector = static e => e is ProblemException problem ? problem.Status : e is LaneFullException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
            // What the caller did wrong is no news for the operator's log.
            SuppressDiagnosticsCallback = static context => context.Exception is ProblemException { Status: < 500 },
        });
        app.UseStatusCodePagesWithReExecute("/error");
        return app.Use(static (context, next) =>
        {
            if (IsForPrograms(context.Request.Path) && context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;
            return next(context);
        });
    }

    static bool IsForPrograms(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.Ordinal) || path.StartsWithSegments("/assets", StringComparison.Ordinal) || path.StartsWithSegments("/health", StringComparison.Ordinal)
        || path.StartsWithSegments("/openapi", StringComparison.Ordinal) || path.StartsWithSegments("/v1", StringComparison.Ordinal);
}
