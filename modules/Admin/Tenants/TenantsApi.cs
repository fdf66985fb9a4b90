using RunHub.Http;
using RunHub.Access;

namespace RunHub.Admin.Tenants;

/// <summary><c>/api/admin/tenants</c>: for the installation's admins.</summary>
static class TenantsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/tenants", ListAsync).Access(Allow.Installation).WithSummary("All tenants");
        api.MapPost("/tenants", CreateAsync).Access(Allow.Installation).WithSummary("Creates a tenant");
        api.MapPatch("/tenants/{id}", RenameAsync).Access(Allow.Installation).WithSummary("Renames a tenant");
    }

    static async Task<IResult> ListAsync(ChangeTenants tenants, CancellationToken cancellationToken) => ApiJson.Write(new
    {
        tenants = (await tenants.ListAsync(cancellationToken)).Select(t => new { t.Id, t.Name, created_at = Times.ToIso(t.CreatedAt), t.Members }),
    });

    static async Task<IResult> CreateAsync(HttpContext context, ChangeTenants tenants, CancellationToken cancellationToken)
    {
        var body = await ApiJson.ReadAsync<CreateBody>(context);
        var tenant = await tenants.CreateAsync(context.Caller(), body.Name, body.Id, cancellationToken);
        return ApiJson.Write(new { tenant = new { tenant.Id, tenant.Name } }, StatusCodes.Status201Created);
    }

    static async Task<IResult> RenameAsync(HttpContext context, string id, ChangeTenants tenants, CancellationToken cancellationToken)
    {
        var body = await ApiJson.ReadAsync<RenameBody>(context);
        var tenant = await tenants.RenameAsync(context.Caller(), id, body.Name, cancellationToken);
        return ApiJson.Write(new { tenant = new { tenant.Id, tenant.Name } });
    }

    sealed record CreateBody(string Name, string? Id = null);

    sealed record RenameBody(string Name);
}
