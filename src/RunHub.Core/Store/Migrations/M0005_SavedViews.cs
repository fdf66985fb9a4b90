using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// Saved views of the run list, and how a person wants to see it. A view keeps what stands in the list's address; whose it is, is
/// written as <c>user:3</c> or <c>key:7</c>.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200005_SavedViews")]
public sealed class M0005SavedViews : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        """
        CREATE TABLE saved_views (
          tenant_no {long} NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, filter TEXT NOT NULL, is_shared {long} NOT NULL, is_pinned {long} NOT NULL,
          owner TEXT NOT NULL, owner_name TEXT NOT NULL, created_at {long} NOT NULL, updated_at {long} NOT NULL,
          PRIMARY KEY (tenant_no, id)) {clustered}
        """,
        "CREATE INDEX ix_saved_views_owner ON saved_views (tenant_no, is_shared, owner)",
        """
        CREATE TABLE list_settings (
          tenant_no {long} NOT NULL, user_no {long} NOT NULL, columns TEXT NULL, widths TEXT NULL, default_view TEXT NULL,
          PRIMARY KEY (tenant_no, user_no)) {clustered}
        """,
    ]);
}
