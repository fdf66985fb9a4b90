using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>Where business events are at home: an address per beginning of their ids.</summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200007_EventLinks")]
public sealed class M0007EventLinks : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        "CREATE TABLE event_links (tenant_no {long} NOT NULL, prefix TEXT NOT NULL, url TEXT NOT NULL, changed_by TEXT NOT NULL, changed_at {long} NOT NULL, PRIMARY KEY (tenant_no, prefix)) {clustered}",
    ]);
}
