using Microsoft.EntityFrameworkCore;
using RunHub.Access;
using RunHub.Access.Keys;
using RunHub.Access.People;
using RunHub.Store;

namespace RunHub.Admin.Tenants;

/// <summary>A tenant as lists show it.</summary>
/// <param name="Id">Public id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="CreatedAt">µs since 1970.</param>
/// <param name="Members">How many.</param>
public sealed record TenantLine(string Id, string Name, long CreatedAt, int Members);

/// <summary>Listing, creating and renaming tenants; for the installation's admins.</summary>
public sealed class ChangeTenants(IDbContextFactory<HubDbContext> contexts, WriteLane lane, AccessDirectory directory, KeyCache keys)
{
    /// <summary>All tenants by name.</summary>
    public async Task<List<TenantLine>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Tenants.AsNoTracking().OrderBy(t => t.Name).ThenBy(t => t.Id)
            .Select(t => new TenantLine(t.Id, t.Name, t.CreatedAt, db.Memberships.Count(m => m.TenantNo == t.TenantNo))).ToListAsync(cancellationToken);
    }

    /// <summary>Creates one; without an id it is made from the name.</summary>
    /// <exception cref="Refused">Name or id will not do, or the id is taken.</exception>
    public async Task<Tenant> CreateAsync(Caller caller, string? name, string? id, CancellationToken cancellationToken)
    {
        var said = CheckName(name);
        var chosen = string.IsNullOrWhiteSpace(id) ? TenantIds.FromName(said) : id.Trim();
        if (!TenantIds.IsValid(chosen)) throw new Refused(400, "id", "TenantIdInvalid");
        var tenant = await lane.Run(async (scope, ct) =>
        {
            if (await scope.Sql.Prepare("SELECT count(*) FROM tenants WHERE id = @id").With(chosen).ScalarAsync<long>(ct) > 0) throw new Refused(409, "id", "TenantIdTaken", chosen);
            return await AccessWriter.InsertTenantAsync(scope, Actor.Of(caller), chosen, said, ct);
        }, cancellationToken);
        directory.ForgetTenants();
        return tenant;
    }

    /// <summary>Renames one; its id stays.</summary>
    /// <exception cref="Refused">There is none, or the name will not do.</exception>
    public async Task<Tenant> RenameAsync(Caller caller, string id, string? name, CancellationToken cancellationToken)
    {
        var said = CheckName(name);
        var tenant = await directory.TenantAsync(id, cancellationToken) ?? throw new Refused(404, "", "NoSuchTenant");
        await lane.Run(async (scope, ct) =>
        {
            await scope.Sql.Prepare("UPDATE tenants SET name = @name WHERE tenant_no = @tenant_no").With(said, tenant.No).ExecuteAsync(ct);
            await scope.AuditAsync(new AuditEntry(tenant.No, caller.AuditKind, caller.Name, "tenant.renamed", "tenant", id, new { from = tenant.Name, to = said }), ct);
        }, cancellationToken);
        directory.ForgetTenants();
        keys.Forget();
        return tenant with { Name = said };
    }

    static string CheckName(string? name)
    {
        var said = name?.Trim() ?? "";
        return TenantIds.NameFault(said) is null ? said : throw new Refused(400, "name", "TenantNameNeeded");
    }
}
