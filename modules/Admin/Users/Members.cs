using Microsoft.EntityFrameworkCore;
using RunHub.Access;
using RunHub.Access.People;
using RunHub.Store;

namespace RunHub.Admin.Users;

/// <summary>A member of a tenant, as lists show it.</summary>
/// <param name="UserNo">Number.</param>
/// <param name="Email">Who.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Role">In this tenant.</param>
/// <param name="IsInstallationAdmin">Administers the installation.</param>
/// <param name="HasPassword">False: invited, not come yet.</param>
/// <param name="IsDisabled">Cannot sign in.</param>
/// <param name="CreatedAt">µs since 1970.</param>
/// <param name="LastSeenAt">µs since 1970, or never.</param>
public sealed record Member(long UserNo, string Email, string Name, Role Role, bool IsInstallationAdmin, bool HasPassword, bool IsDisabled, long CreatedAt, long? LastSeenAt)
{
    /// <summary><c>active, invited, disabled</c>.</summary>
    public string State => IsDisabled ? "disabled" : HasPassword ? "active" : "invited";
}

/// <summary>Reads members.</summary>
public sealed class Members(IDbContextFactory<HubDbContext> contexts)
{
    /// <summary>All members of a tenant by email.</summary>
    public Task<List<Member>> ListAsync(long tenantNo, CancellationToken cancellationToken) => ReadAsync(tenantNo, null, cancellationToken);

    /// <summary>One of them, by normalized email.</summary>
    public async Task<Member?> FindAsync(long tenantNo, string email, CancellationToken cancellationToken) =>
        (await ReadAsync(tenantNo, email, cancellationToken)).FirstOrDefault();

    async Task<List<Member>> ReadAsync(long tenantNo, string? email, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var all = from m in db.Memberships.AsNoTracking()
                  join u in db.Users.AsNoTracking() on m.UserNo equals u.UserNo
                  where m.TenantNo == tenantNo && (email == null || u.Email == email)
                  orderby u.Email
                  select new Member(u.UserNo, u.Email, u.Name, m.Role, u.IsAdmin, u.PasswordHash != null, u.DisabledAt != null, u.CreatedAt, u.LastSeenAt);
        return await all.ToListAsync(cancellationToken);
    }
}
