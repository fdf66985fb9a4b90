using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// Log lines of runs in order of time, then arrival; what is grave is found without reading the rest; and per run how many
/// there are of each level, so that nobody counts them.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200003_Logs")]
public sealed class M0003Logs : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        """
        CREATE TABLE logs (
          run_no {long} NOT NULL, at {long} NOT NULL, seq {long} NOT NULL, hash {long} NOT NULL, level {long} NOT NULL, step_id TEXT NULL, span_id TEXT NULL,
          state TEXT NULL, message TEXT NOT NULL, cut_from {long} NOT NULL, attributes TEXT NULL,
          PRIMARY KEY (run_no, at, seq)) {clustered}
        """,
        "CREATE INDEX ix_logs_grave ON logs (run_no, at, seq) WHERE level >= 3",
        """
        CREATE TABLE log_totals (
          run_no {long} NOT NULL PRIMARY KEY, lines {long} NOT NULL, trace {long} NOT NULL, debug {long} NOT NULL, info {long} NOT NULL, warn {long} NOT NULL,
          error {long} NOT NULL, fatal {long} NOT NULL, first_at {long} NOT NULL, last_at {long} NOT NULL)
        """,
    ]);
}
