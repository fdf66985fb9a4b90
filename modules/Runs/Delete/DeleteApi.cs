using RunHub.Access;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Runs;

/// <summary><c>DELETE /api/runs/{id}</c>: the run and every trace of it.</summary>
static class DeleteApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("DELETE", "/api/runs/{id}", Allow.Admins, RunDocs.Delete, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        var report = await context.RequestServices.GetRequiredService<DeleteRuns>().HandleAsync(context.Caller(), [id], context.RequestAborted);
        if (report.Deleted.Count == 0) throw ProblemException.NotFound("run", id);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
