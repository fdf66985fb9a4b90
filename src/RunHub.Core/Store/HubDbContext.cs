using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using RunHub.Access;

namespace RunHub.Store;

/// <summary>
/// Core's own tables as EF sees them: the small ones people administer. Runs and their children are read with SQL that
/// <c>RunFilter</c> writes. Reading contexts come from the factory; writing ones from
/// the write scope.
/// </summary>
public sealed class HubDbContext(DbContextOptions<HubDbContext> options) : DbContext(options)
{
    /// <summary>Tenants.</summary>
    public DbSet<TenantRow> Tenants => Set<TenantRow>();

    /// <summary>Users of the installation.</summary>
    public DbSet<UserRow> Users => Set<UserRow>();

    /// <summary>Roles of users in tenants.</summary>
    public DbSet<MembershipRow> Memberships => Set<MembershipRow>();

    /// <summary>API keys.</summary>
    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    /// <summary>Who did what.</summary>
    public DbSet<AuditRow> Audit => Set<AuditRow>();

    /// <summary>Migrations carry no model snapshot; a test compares model and schema instead.</summary>
    public static void Configure(DbContextOptionsBuilder builder) => builder
        .ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning));

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TenantRow>().ToTable("tenants").HasKey(t => t.TenantNo);
        modelBuilder.Entity<TenantRow>().Property(t => t.Id).IsRequired();
        modelBuilder.Entity<UserRow>().ToTable("users").HasKey(u => u.UserNo);
        modelBuilder.Entity<MembershipRow>().ToTable("memberships").HasKey(m => new { m.UserNo, m.TenantNo });
        modelBuilder.Entity<ApiKeyRow>().ToTable("api_keys").HasKey(k => k.KeyNo);
        modelBuilder.Entity<AuditRow>().ToTable("audit").HasKey(a => a.Seq);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
                var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
                if (type == typeof(bool) || type.IsEnum) property.SetProviderClrType(typeof(long));
            }
        }
    }

    static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
