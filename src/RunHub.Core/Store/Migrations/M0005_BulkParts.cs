using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>Parts of the files that bulk actions write; the bytes are blobs.</summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200005_BulkParts")]
public sealed class M0005BulkParts : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        "CREATE TABLE bulk_parts (bulk_no {long} NOT NULL, part {long} NOT NULL, blob_id TEXT NOT NULL, size {long} NOT NULL, PRIMARY KEY (bulk_no, part)) {clustered}",
    ]);
}
