using RunHub.Access;
using RunHub.Http;

namespace RunHub.Admin.ApiKeys;

/// <summary><c>/api/admin/api-keys</c>: keys of the caller's tenant.</summary>
static class ApiKeysApi
{
    static readonly KeyScopes[] All = [KeyScopes.Ingest, KeyScopes.Read, KeyScopes.Operate, KeyScopes.Admin];

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api-keys", ListAsync).Access(Allow.Admins).WithSummary("Keys of the tenant, without their text");
        api.MapPost("/api-keys", CreateAsync).Access(Allow.Admins).WithSummary("Makes a key; its text is in the answer, once");
        api.MapDelete("/api-keys/{no:long}", RevokeAsync).Access(Allow.Admins).WithSummary("Revokes a key, at once");
    }

    /// <summary>Names of scopes, in order.</summary>
    public static IEnumerable<string> Names(KeyScopes scopes) => All.Where(s => scopes.HasFlag(s)).Select(ApiJson.Lower);

    static async Task<IResult> ListAsync(HttpContext context, ChangeKeys keys, CancellationToken cancellationToken) =>
        ApiJson.Write(new { api_keys = (await keys.ListAsync(context.Caller().Tenant.No, cancellationToken)).Select(Show) });

    static async Task<IResult> CreateAsync(HttpContext context, ChangeKeys keys, CancellationToken cancellationToken)
    {
        var body = await ApiJson.ReadAsync<CreateBody>(context);
        var scopes = (body.Scopes ?? []).Aggregate(KeyScopes.None, (all, name) => all | All.FirstOrDefault(s => string.Equals(ApiJson.Lower(s), name, StringComparison.Ordinal)) switch
        {
            KeyScopes.None => throw ProblemException.Invalid("$.scopes", "A scope is ingest, read, operate or admin."),
            var scope => scope,
        });
        var (key, text) = await keys.CreateAsync(context.Caller(), new KeyRequest(body.Name, scopes, body.ExpiresAt, body.InstallationAdmin ?? false), cancellationToken);
        return ApiJson.Write(new { key = text, api_key = Show(key) }, StatusCodes.Status201Created);
    }

    static async Task<IResult> RevokeAsync(HttpContext context, long no, ChangeKeys keys, CancellationToken cancellationToken)
    {
        await keys.RevokeAsync(context.Caller(), no, cancellationToken);
        return Results.NoContent();
    }

    static object Show(ApiKeyRow key) => new
    {
        no = key.KeyNo,
        key.Name,
        key.Prefix,
        scopes = Names(key.Scopes),
        installation_admin = key.IsAdmin,
        created_by = key.CreatedBy,
        created_at = Times.ToIso(key.CreatedAt),
        expires_at = ApiJson.Time(key.ExpiresAt),
        last_used_at = ApiJson.Time(key.LastUsedAt),
        revoked_at = ApiJson.Time(key.RevokedAt),
    };

    sealed record CreateBody(string Name, List<string>? Scopes = null, DateTimeOffset? ExpiresAt = null, bool? InstallationAdmin = null);
}
