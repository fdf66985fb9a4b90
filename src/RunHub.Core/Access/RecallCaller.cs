using RunHub.Store;

namespace RunHub.Access;

/// <summary>Who somebody is now: work that goes on without a request asks again, so that a lost role or a revoked key stops it.</summary>
public sealed class RecallCaller(AccessDirectory directory, Database database, TimeProvider time)
{
    /// <summary>The caller with the role or scopes of today; null when the person is gone or disabled, the key revoked or expired.</summary>
    /// <param name="tenantNo">The tenant the work is about.</param>
    /// <param name="kind">Person or key.</param>
    /// <param name="no">Number of the user or key.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Caller?> HandleAsync(long tenantNo, CallerKind kind, long no, CancellationToken cancellationToken)
    {
        if (await directory.TenantAsync(tenantNo, cancellationToken) is not { } tenant) return null;
        if (kind == CallerKind.User)
        {
            return await directory.PersonAsync(no, cancellationToken) is { IsDisabled: false } person
                ? new Caller(kind, no, person.Email, tenant, person.RoleIn(tenantNo), KeyScopes.None, person.IsInstallationAdmin)
                : null;
        }

        await using var sql = await database.ReadAsync(cancellationToken);
        var now = time.GetUtcNow().ToMicros();
        return await sql.Prepare("SELECT name, scopes, is_admin FROM api_keys WHERE key_no = @key_no AND (tenant_no = @tenant_no OR is_admin = 1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)")
            .With(no, tenantNo, now).FirstAsync(r => new Caller(kind, no, r.GetString(0), tenant, Role.None, (KeyScopes)r.GetInt64(1), r.GetInt64(2) != 0), cancellationToken);
    }
}
