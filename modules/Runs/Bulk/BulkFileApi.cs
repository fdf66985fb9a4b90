using System.Globalization;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.Http;

namespace RunHub.Runs.Bulk;

/// <summary><c>GET /api/bulk-actions/{id}/file</c>: the file that a bulk action wrote.</summary>
static class BulkFileApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/bulk-actions/{id}/file", Allow.Viewers, BulkDocs.File, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (services, id, cancellationToken) = (context.RequestServices, (string)context.Request.RouteValues["id"]!, context.RequestAborted);
        var bulk = await services.GetRequiredService<BulkActions>().FindAsync(context.Caller().Tenant.No, id, cancellationToken) ?? throw ProblemException.NotFound("bulk action", id);
        var files = services.GetRequiredService<BulkFiles>();
        var file = await files.FindAsync(bulk, cancellationToken);
        if (bulk.IsOpen) throw new ProblemException(409, "The file is not ready.", "The bulk action is still working on it, or paused.");
        if (file is null) throw bulk.Kind == "export" && bulk.Done > 0 ? new ProblemException(410, "The file has expired.", "Files are kept for some days (BulkActions:KeepFilesDays); export again.") : ProblemException.NotFound("file of the bulk action", id);
        var response = context.Response;
        var name = string.Create(CultureInfo.InvariantCulture, $"runs_{bulk.Id}.{file.Extension}");
        response.ContentType = file.ContentType;
        response.ContentLength = file.Size;
        response.Headers.CacheControl = "private, no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        await response.StartAsync(cancellationToken);
        try
        {
            await files.CopyAsync(bulk, response.Body, cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
                services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(BulkFileApi)).LogError(e, "The file of {Id} broke off", bulk.Id);
            // Half a file must not look whole.
            context.Abort();
        }
    }
}
