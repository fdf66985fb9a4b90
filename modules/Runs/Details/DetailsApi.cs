using RunHub.Access;
using RunHub.Http;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Runs;

/// <summary><c>GET /api/runs/{id}</c>: the run as the documents name it.</summary>
static class DetailsApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}", Allow.Viewers, RunDocs.Details, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (id, tenant) = ((string)context.Request.RouteValues["id"]!, context.Caller().Tenant);
        var (run, parts) = await ReadAsync(context, id, tenant.No);
        await context.Response.WriteJsonAsync(200, json => RunJson.Write(json, run, tenant.Id, parts, withAliases: true));
    }

    static async Task<(RunRow, RunParts)> ReadAsync(HttpContext context, string id, long tenantNo)
    {
        await using var sql = await context.RequestServices.GetRequiredService<Database>().ReadAsync(context.RequestAborted);
        var run = await RunReader.GetAsync(sql, tenantNo, id, context.RequestAborted);
        return (run, await RunPartsReader.ReadAsync(sql, run, context.RequestAborted));
    }
}
