using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>Ids under which work arrived that an existing run was already doing: reports under them belong to that run.</summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200002_Duplicates")]
public sealed class M0002Duplicates : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        "CREATE TABLE run_duplicates (tenant_no {long} NOT NULL, id TEXT NOT NULL, run_no {long} NOT NULL, at {long} NOT NULL, sent_by TEXT NOT NULL, PRIMARY KEY (tenant_no, id)) {clustered}",
        "CREATE INDEX ix_run_duplicates_run ON run_duplicates (run_no)",
    ]);
}
