using System.Security.Cryptography;
using RunHub.Access.Keys;
using RunHub.Store;

namespace RunHub.Access.People;

/// <summary>
/// The inserts behind tenants, users and keys, each with its audit row; used inside a piece of work of the write lane by
/// whoever creates several things at once (set-up, bootstrap, demo). Pages and API go through the verbs beside it.
/// </summary>
public static class AccessWriter
{
    /// <summary>Inserts a tenant.</summary>
    public static async Task<Tenant> InsertTenantAsync(WriteScope scope, Actor actor, string id, string name, CancellationToken cancellationToken)
    {
        var no = await scope.Sql.Prepare("INSERT INTO tenants (id, name, created_at) VALUES (@id, @name, @created_at) RETURNING tenant_no")
            .With(id, name, scope.Now).ScalarAsync<long>(cancellationToken);
        await scope.AuditAsync(new AuditEntry(no, actor.Kind, actor.Name, "tenant.created", "tenant", id, new { name }), cancellationToken);
        return new Tenant(no, id, name);
    }

    /// <summary>Inserts a user; without a password the first sign-in is by invitation.</summary>
    public static async Task<long> InsertUserAsync(WriteScope scope, Actor actor, NewUser user, CancellationToken cancellationToken)
    {
        var no = await scope.Sql.Prepare("""
            INSERT INTO users (email, name, password_hash, is_admin, stamp, created_at)
            VALUES (@email, @name, @password_hash, @is_admin, @stamp, @created_at) RETURNING user_no
            """)
            .With(user.Email, user.Name, user.PasswordHash, user.IsInstallationAdmin ? 1 : 0, NewStamp(), scope.Now).ScalarAsync<long>(cancellationToken);
        await scope.AuditAsync(new AuditEntry(null, actor.Kind, actor.Name, "user.created", "user", user.Email, new { user.IsInstallationAdmin }), cancellationToken);
        return no;
    }

    /// <summary>Gives a user a role in a tenant, or another one.</summary>
    public static async Task SetRoleAsync(WriteScope scope, Actor actor, long userNo, string email, long tenantNo, Role role, CancellationToken cancellationToken)
    {
        await scope.Sql.Prepare("""
            INSERT INTO memberships (user_no, tenant_no, role) VALUES (@user_no, @tenant_no, @role)
            ON CONFLICT (user_no, tenant_no) DO UPDATE SET role = excluded.role
            """)
            .With(userNo, tenantNo, (long)role).ExecuteAsync(cancellationToken);
        await scope.AuditAsync(new AuditEntry(tenantNo, actor.Kind, actor.Name, "membership.set", "user", email, new { role = role.ToString().ToLowerInvariant() }), cancellationToken);
    }

    /// <summary>Inserts a key. Its text is never stored.</summary>
    public static async Task<long> InsertKeyAsync(WriteScope scope, Actor actor, NewKey key, CancellationToken cancellationToken)
    {
        var no = await scope.Sql.Prepare("""
            INSERT INTO api_keys (tenant_no, name, prefix, hash, scopes, is_admin, created_by, created_at, expires_at)
            VALUES (@tenant_no, @name, @prefix, @hash, @scopes, @is_admin, @created_by, @created_at, @expires_at) RETURNING key_no
            """)
            .With(key.TenantNo, key.Name, KeyText.Prefix(key.Text), KeyText.Hash(key.Text), (long)key.Scopes, key.IsInstallationAdmin ? 1 : 0, actor.Name, scope.Now, key.ExpiresAt)
            .ScalarAsync<long>(cancellationToken);
        await scope.AuditAsync(new AuditEntry(key.TenantNo, actor.Kind, actor.Name, "api_key.created", "api_key", KeyText.Prefix(key.Text),
            new { key.Name, scopes = key.Scopes.ToString().ToLowerInvariant(), key.IsInstallationAdmin }), cancellationToken);
        return no;
    }

    /// <summary>A fresh security stamp: ends all sessions and invitations that carry the old one.</summary>
    public static string NewStamp() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}

/// <summary>A user to create.</summary>
/// <param name="Email">Normalized.</param>
/// <param name="Name">Name for people.</param>
/// <param name="PasswordHash">Null: none yet.</param>
/// <param name="IsInstallationAdmin">Administers the installation.</param>
public sealed record NewUser(string Email, string Name, string? PasswordHash, bool IsInstallationAdmin = false);

/// <summary>A key to create.</summary>
/// <param name="TenantNo">Its tenant.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Text">The key itself, see <see cref="KeyText.Create"/>.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="ExpiresAt">µs since 1970, or never.</param>
/// <param name="IsInstallationAdmin">Administers the installation.</param>
public sealed record NewKey(long TenantNo, string Name, string Text, KeyScopes Scopes, long? ExpiresAt = null, bool IsInstallationAdmin = false);
