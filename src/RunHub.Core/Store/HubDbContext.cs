using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace RunHub.Store;

/// <summary>
/// Core's own tables as EF sees them: the small ones people administer. Runs and their children are read with SQL that
/// <c>RunFilter</c> writes. Reading contexts come from the factory; writing ones from
/// the write scope.
/// </summary>
public sealed class HubDbContext(DbContextOptions<HubDbContext> options) : DbContext(options)
{
    /// <summary>Migrations carry no model snapshot; a test compares model and schema instead.</summary>
    public static void Configure(DbContextOptionsBuilder builder) => builder
        .ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning));
}
