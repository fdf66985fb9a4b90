using RunHub.Access.Keys;
using RunHub.Access.People;
using RunHub.Store;

namespace RunHub.Access.FirstStart;

/// <summary>What an empty installation begins with.</summary>
/// <param name="TenantName">Name of the first tenant; its id is made from it.</param>
/// <param name="Email">Normalized email of the installation's admin; null: no user yet, only a key.</param>
/// <param name="Name">Name of that person.</param>
/// <param name="PasswordHash">See <see cref="Passwords.Hash"/>.</param>
/// <param name="ApiKey">Text of the installation's key, or null.</param>
public sealed record FirstThings(string TenantName, string? Email, string? Name, string? PasswordHash, string? ApiKey);

/// <summary>Creates the first tenant, user and key in one transaction, only while there are no users; of two nodes one does it.</summary>
public sealed class FirstSetUp(Database database, WriteLane lane, AccessDirectory directory, KeyCache keys)
{

    /// <summary>True when there are no users.</summary>
    public async Task<bool> IsPendingAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await HasNoUsersAsync(sql, cancellationToken);
    }

    /// <summary>Does it; null when somebody was first.</summary>
    public async Task<(Tenant Tenant, long? UserNo)?> HandleAsync(FirstThings things, Actor actor, CancellationToken cancellationToken)
    {
        var done = await lane.Run<(Tenant, long?)?>(async (scope, ct) =>
        {
            if (!scope.Sql.IsSqlite) await scope.Sql.Prepare("SELECT pg_advisory_xact_lock(@no)").With(PostgresLocks.FirstSetUp).ScalarAsync<object>(ct);
            if (!await HasNoUsersAsync(scope.Sql, ct)) return null;
            var tenant = await TenantAsync(scope, actor, things.TenantName, ct);
            var userNo = things.Email is null ? (long?)null : await UserAsync(scope, actor, things, tenant, ct);
            if (things.ApiKey is not null) await KeyAsync(scope, actor, things.ApiKey, tenant, ct);
            return (tenant, userNo);
        }, cancellationToken);
        directory.ForgetTenants();
        keys.Forget();
        return done;
    }

    static async Task<Tenant> TenantAsync(WriteScope scope, Actor actor, string name, CancellationToken cancellationToken)
    {
        var id = TenantIds.FromName(name);
        return await scope.Sql.Prepare("SELECT tenant_no, id, name FROM tenants WHERE id = @id").With(id)
            .FirstAsync(r => new Tenant(r.GetInt64(0), r.GetString(1), r.GetString(2)), cancellationToken)
            ?? await AccessWriter.InsertTenantAsync(scope, actor, id, name, cancellationToken);
    }

    static async Task<long?> UserAsync(WriteScope scope, Actor actor, FirstThings things, Tenant tenant, CancellationToken cancellationToken)
    {
        var user = new NewUser(things.Email!, things.Name ?? things.Email!.Split('@')[0], things.PasswordHash, IsInstallationAdmin: true);
        var userNo = await AccessWriter.InsertUserAsync(scope, actor, user, cancellationToken);
        await AccessWriter.SetRoleAsync(scope, actor, userNo, user.Email, tenant.No, Role.Admin, cancellationToken);
        return userNo;
    }

    static async Task KeyAsync(WriteScope scope, Actor actor, string text, Tenant tenant, CancellationToken cancellationToken)
    {
        // A start with a key and without a user comes here again: the key is there, perhaps revoked, and stays as it is.
        if (await scope.Sql.Prepare("SELECT count(*) FROM api_keys WHERE hash = @hash").With(KeyText.Hash(text)).ScalarAsync<long>(cancellationToken) > 0) return;
        await AccessWriter.InsertKeyAsync(scope, actor, new NewKey(tenant.No, "bootstrap", text, KeyScopes.Admin, null, IsInstallationAdmin: true), cancellationToken);
    }

    static async Task<bool> HasNoUsersAsync(SqlSession sql, CancellationToken cancellationToken) =>
        await sql.Prepare("SELECT count(*) FROM (SELECT 1 AS one FROM users LIMIT 1) AS u").ScalarAsync<long>(cancellationToken) == 0;
}
