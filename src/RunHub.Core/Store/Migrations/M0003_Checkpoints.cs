using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>LangGraph's two tables, with the run in place of the thread. Values are packed as payloads are.</summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200003_Checkpoints")]
public sealed class M0003Checkpoints : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        """
        CREATE TABLE checkpoints (
          run_no {long} NOT NULL, checkpoint_ns TEXT NOT NULL, checkpoint_id TEXT NOT NULL, parent_checkpoint_id TEXT NULL, type TEXT NOT NULL,
          source TEXT NULL, step {long} NULL, at {long} NOT NULL, codec {long} NOT NULL, raw_len {long} NOT NULL, data {blob} NOT NULL,
          metadata_codec {long} NOT NULL, metadata_len {long} NOT NULL, metadata {blob} NOT NULL,
          PRIMARY KEY (run_no, checkpoint_ns, checkpoint_id))
        """,
        "CREATE INDEX ix_checkpoints_newest ON checkpoints (run_no, checkpoint_id, checkpoint_ns)",
        """
        CREATE TABLE checkpoint_writes (
          run_no {long} NOT NULL, checkpoint_ns TEXT NOT NULL, checkpoint_id TEXT NOT NULL, task_id TEXT NOT NULL, idx {long} NOT NULL,
          task_path TEXT NOT NULL, channel TEXT NOT NULL, type TEXT NOT NULL, at {long} NOT NULL, codec {long} NOT NULL, raw_len {long} NOT NULL, data {blob} NOT NULL,
          PRIMARY KEY (run_no, checkpoint_ns, checkpoint_id, task_id, idx))
        """,
    ]);
}
