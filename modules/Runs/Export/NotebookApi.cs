using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.Export;

/// <summary><c>GET /api/runs/{id}/notebook</c>: one run as a Jupyter notebook.</summary>
static class NotebookApi
{
    static readonly ApiDoc Doc = new("Get a run as a Jupyter notebook")
    {
        Tag = "Runs",
        Description = """
            The run with its steps, inputs and outputs as an `.ipynb` file (nbformat 4.5) that opens in Jupyter: the data stands in a cell, the cells after it need nothing
            but Python's standard library. A payload of more than 256 KiB is replaced by its size and address; beyond 8 MiB steps are left out, and the notebook says how many.
            """,
        Answers = [new(200, "The notebook, as an attachment.", "Any", Notebook.ContentType), new(404, "There is no such run in this tenant.", "Problem")],
    };

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/notebook", Allow.Viewers, Doc, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (id, tenant) = ((string)context.Request.RouteValues["id"]!, context.Caller().Tenant);
        var data = new NotebookData(tenant.Id, ExportParts.Payloads | ExportParts.Steps);
        var run = await ReadAsync(context, id, tenant, data);
        var response = context.Response;
        response.ContentType = Notebook.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{Path.ChangeExtension(RunFileName.Of(id, Times.FromMicros(run.StartedAt ?? run.CreatedAt)), ".ipynb")}\"";
        Notebook.Write(response.BodyWriter, TextTable.Of(typeof(RunsTexts)), run.WorkflowName + " · " + run.Id, data, "/runs/" + Uri.EscapeDataString(run.Id), context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    static async Task<RunRow> ReadAsync(HttpContext context, string id, Tenant tenant, NotebookData data)
    {
        await using var sql = await context.RequestServices.GetRequiredService<Database>().ReadAsync(context.RequestAborted);
        var run = await RunReader.GetAsync(sql, tenant.No, id, context.RequestAborted);
        return await data.AddAsync(sql, run.RunNo, context.RequestAborted) ? run : throw ProblemException.NotFound("run", id);
    }
}
