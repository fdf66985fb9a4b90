using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// Files and what hangs on them. <c>blobs.state</c>: 0 being put, 1 linked, 2 dropped. Beside SQLite the bytes are files under
/// <c>data/blobs</c>; only PostgreSQL has the table of chunks.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200003_Blobs")]
public sealed class M0003Blobs : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        var sql = new SchemaSql(ActiveProvider!);
        sql.Run(migrationBuilder,
        [
            "CREATE TABLE blobs (id TEXT NOT NULL PRIMARY KEY, tenant_no {long} NOT NULL, size {long} NOT NULL, state {long} NOT NULL, at {long} NOT NULL) {clustered}",
            "CREATE INDEX ix_blobs_state ON blobs (state, at) WHERE state <> 1",
            """
            CREATE TABLE attachments (
              run_no {long} NOT NULL, id TEXT NOT NULL, step_id TEXT NULL, name TEXT NOT NULL, content_type TEXT NOT NULL, size {long} NOT NULL,
              sha256 TEXT NOT NULL, blob_id TEXT NOT NULL, created_by TEXT NOT NULL, created_at {long} NOT NULL, PRIMARY KEY (run_no, id)) {clustered}
            """,
        ]);
        if (ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal)) return;
        sql.Run(migrationBuilder,
        [
            "CREATE TABLE blob_chunks (blob_id TEXT NOT NULL, chunk {long} NOT NULL, data {blob} NOT NULL, PRIMARY KEY (blob_id, chunk))",
            // Files are mostly packed already; packing them again costs more than it saves.
            "ALTER TABLE blob_chunks ALTER COLUMN data SET STORAGE EXTERNAL",
        ]);
    }
}
