using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;

namespace RunHub.Pages;

/// <summary>What a person sees when a page cannot be shown; the pipeline comes here by itself.</summary>
[Access(Role.None, KeyScopes.None)]
public sealed class ErrorPage : PageModel
{
    /// <summary>HTTP status.</summary>
    public int Status { get; private set; } = StatusCodes.Status404NotFound;

    /// <summary>Which words are used: 400, 403, 404, 500 or 503.</summary>
    public string Kind => Status switch { 400 or 422 => "400", 401 or 403 => "403", 404 => "404", 429 or 503 => "503", _ => Status >= 500 ? "500" : "400" };

    /// <summary>What is wrong with the request.</summary>
    public IReadOnlyList<Fault> Faults { get; private set; } = [];

    /// <summary>Stands in the log, too.</summary>
    public string Reference => Activity.Current?.Id ?? HttpContext.TraceIdentifier;

    /// <summary>The page that failed.</summary>
    public string Address { get; private set; } = "/";

    /// <summary>Trying again may help.</summary>
    public bool CanRetry => Status >= 500 && HttpMethods.IsGet(HttpContext.Request.Method);

    /// <summary>Any method fails here.</summary>
    public void OnGet() => Read();

    /// <inheritdoc cref="OnGet"/>
    public void OnPost() => Read();

    void Read()
    {
        if (HttpContext.Features.Get<IExceptionHandlerPathFeature>() is { } failed)
        {
            Status = Response.StatusCode;
            Faults = (failed.Error as ProblemException)?.Faults ?? [];
            Address = failed.Path;
        }
        else if (HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is { } status)
        {
            Status = Response.StatusCode;
            Address = status.OriginalPath + status.OriginalQueryString;
        }

        Response.StatusCode = Status;
    }
}
