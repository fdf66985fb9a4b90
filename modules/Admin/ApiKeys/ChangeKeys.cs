using Microsoft.EntityFrameworkCore;
using RunHub.Access;
using RunHub.Access.Keys;
using RunHub.Access.People;
using RunHub.Store;

namespace RunHub.Admin.ApiKeys;

/// <summary>A key to make.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Scopes">One at least.</param>
/// <param name="ExpiresAt">In the future, or never.</param>
/// <param name="IsInstallationAdmin">Only the installation's admins may ask for it; needs the scope admin.</param>
public sealed record KeyRequest(string? Name, KeyScopes Scopes, DateTimeOffset? ExpiresAt, bool IsInstallationAdmin);

/// <summary>Making, listing and revoking the API keys of the caller's tenant.</summary>
public sealed class ChangeKeys(IDbContextFactory<HubDbContext> contexts, WriteLane lane, KeyCache cache, TimeProvider time)
{
    /// <summary>Keys by age, the newest first; revoked ones last.</summary>
    public async Task<List<ApiKeyRow>> ListAsync(long tenantNo, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ApiKeys.AsNoTracking().Where(k => k.TenantNo == tenantNo)
            .OrderBy(k => k.RevokedAt != null).ThenByDescending(k => k.KeyNo).ToListAsync(cancellationToken);
    }

    /// <summary>Makes a key; its text is in the answer and nowhere else.</summary>
    /// <exception cref="Refused">Name, scopes or expiry will not do.</exception>
    public async Task<(ApiKeyRow Key, string Text)> CreateAsync(Caller caller, KeyRequest request, CancellationToken cancellationToken)
    {
        var name = request.Name?.Trim() ?? "";
        if (name.Length is 0 or > Limits.Name || name.Any(char.IsControl)) throw new Refused(400, "name", "NameNeeded");
        if (request.Scopes == KeyScopes.None) throw new Refused(400, "scopes", "ScopesNeeded");
        if (request.ExpiresAt <= time.GetUtcNow()) throw new Refused(400, "expires_at", "ExpiryPast");
        if (request.IsInstallationAdmin && !caller.IsInstallationAdmin) throw new Refused(409, "installation_admin", "OnlyInstallationAdmins");
        if (request.IsInstallationAdmin && !request.Scopes.HasFlag(KeyScopes.Admin)) throw new Refused(400, "scopes", "InstallationNeedsAdmin");
        var text = KeyText.Create();
        var no = await lane.Run<long>(async (scope, ct) => await AccessWriter.InsertKeyAsync(scope, Actor.Of(caller),
            new NewKey(caller.Tenant.No, name, text, request.Scopes, request.ExpiresAt?.ToMicros(), request.IsInstallationAdmin), ct), cancellationToken);
        cache.Forget();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return (await db.ApiKeys.AsNoTracking().SingleAsync(k => k.KeyNo == no, cancellationToken), text);
    }

    /// <summary>Revokes a key, at once and for good.</summary>
    /// <exception cref="Refused">There is no such key in this tenant; or it is the installation's and the caller is not its admin.</exception>
    public async Task RevokeAsync(Caller caller, long keyNo, CancellationToken cancellationToken)
    {
        await lane.Run(async (scope, ct) =>
        {
            var key = await scope.Sql.Prepare("SELECT prefix, name, is_admin, revoked_at FROM api_keys WHERE key_no = @key_no AND tenant_no = @tenant_no").With(keyNo, caller.Tenant.No)
                .FirstAsync(r => new Found(r.GetString(0), r.GetString(1), r.GetInt64(2) != 0, !r.IsDBNull(3)), ct)
                ?? throw new Refused(404, "", "NoSuchKey");
            if (key.IsRevoked) return;
            if (key.IsInstallationAdmin && !caller.IsInstallationAdmin) throw new Refused(409, "", "OnlyInstallationAdmins");
            await scope.Sql.Prepare("UPDATE api_keys SET revoked_at = @revoked_at WHERE key_no = @key_no").With(scope.Now, keyNo).ExecuteAsync(ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "api_key.revoked", "api_key", key.Prefix, new { key.Name }), ct);
        }, cancellationToken);
        cache.Forget();
    }

    sealed record Found(string Prefix, string Name, bool IsInstallationAdmin, bool IsRevoked);
}
