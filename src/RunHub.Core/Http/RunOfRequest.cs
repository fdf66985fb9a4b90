using RunHub.Access;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Http;

/// <summary>What an address of the API names: <c>/api/runs/{id}/…</c>.</summary>
public static class RunOfRequest
{
    /// <summary>A part of the address, such as <c>id</c>.</summary>
    public static string Route(this HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>Reads something of the run <c>{id}</c> of the caller's tenant, or of the run that a duplicate's id stands for; the session goes back before anything is answered.</summary>
    /// <exception cref="ProblemException">404: there is no such run.</exception>
    public static async Task<T> ReadRunAsync<T>(this HttpContext context, Func<SqlSession, RunRow, CancellationToken, Task<T>> read)
    {
        var id = context.Route("id");
        await using var sql = await context.RequestServices.GetRequiredService<Database>().ReadAsync(context.RequestAborted);
        var run = await RunReader.GetAsync(sql, context.Caller().Tenant.No, id, context.RequestAborted);
        return await read(sql, run, context.RequestAborted);
    }
}
