using RunHub.Access;
using RunHub.Http;
using RunHub.Plugins;
using RunHub.RunDetail;
using RunHub.Store;

namespace RunHub.Runs;

/// <summary><c>GET /api/runs/{id}/download</c>: the run as a file in its own format, else as a RunDetail document.</summary>
static class DownloadApi
{
    static readonly ApiDoc Doc = new("Download a run")
    {
        Tag = "Runs",
        Description = """
            The run in the format its workflow type came in, else as a RunDetail document: `results` keyed by node, statuses
            `success` and `cancelled`. A RunDetail document that came to `/api/ingest/{type}` comes back the same. The file is
            named like `run_8f2a_2025-01-25.json`.
            """,
        Answers = [new(200, "The document, as an attachment.", "Any"), new(404, "There is no such run in this tenant.", "Problem")],
    };

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/download", Allow.Viewers, Doc, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (id, tenant) = ((string)context.Request.RouteValues["id"]!, context.Caller().Tenant);
        var stored = await ReadAsync(context, id, tenant);
        var type = await context.RequestServices.GetRequiredService<WorkflowTypes>().FindAsync(stored.Run.Type!, context.RequestAborted);
        var document = (type is null ? null : await type.MapBackAsync(stored, context.RequestAborted)) ?? RunDetailFormat.Write(stored);
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{RunFileName.Of(stored.Run.Id!, stored.Run.StartedAt ?? stored.Run.CreatedAt!.Value)}\"";
        await context.Response.WriteJsonAsync(200, document.Utf8);
    }

    static async Task<StoredRun> ReadAsync(HttpContext context, string id, Tenant tenant)
    {
        await using var sql = await context.RequestServices.GetRequiredService<Database>().ReadAsync(context.RequestAborted);
        var row = await RunReader.GetAsync(sql, tenant.No, id, context.RequestAborted);
        return await StoredRuns.ReadAsync(sql, row, tenant.Id, context.RequestAborted);
    }
}
