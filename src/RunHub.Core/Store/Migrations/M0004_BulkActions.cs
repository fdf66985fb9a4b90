using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// Bulk actions and what became of each run of theirs. Items carry the run's public id, not its number: the report of a deletion
/// outlives the run.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200004_BulkActions")]
public sealed class M0004BulkActions : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        """
        CREATE TABLE bulk_actions (
          bulk_no {identity}, tenant_no {long} NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, settings TEXT NOT NULL,
          filter TEXT NULL, list_token TEXT NULL, state {long} NOT NULL, reason TEXT NULL, total {long} NOT NULL, done {long} NOT NULL,
          unchanged {long} NOT NULL, failed {long} NOT NULL, rate {long} NULL, pause_after {long} NULL, undo_of TEXT NULL,
          caller_kind {long} NOT NULL, caller_no {long} NOT NULL, caller_name TEXT NOT NULL,
          created_at {long} NOT NULL, started_at {long} NULL, finished_at {long} NULL, node TEXT NULL, lease_until {long} NOT NULL DEFAULT 0)
        """,
        "CREATE UNIQUE INDEX ux_bulk_actions_id ON bulk_actions (tenant_no, id)",
        "CREATE INDEX ix_bulk_actions_open ON bulk_actions (bulk_no) WHERE state < 2",
        """
        CREATE TABLE bulk_items (
          bulk_no {long} NOT NULL, item_no {long} NOT NULL, run_id TEXT NOT NULL, state {long} NOT NULL, input TEXT NULL, reason TEXT NULL, undo TEXT NULL,
          PRIMARY KEY (bulk_no, item_no)) {clustered}
        """,
        "CREATE INDEX ix_bulk_items_state ON bulk_items (bulk_no, state, item_no)",
    ]);
}
