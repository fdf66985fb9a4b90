using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// What failures have in common, and what people decided about it (<c>error_states.state</c>: 0 open, 1 resolved, 2 ignored). Failures from before
/// get their fingerprint from <see cref="Ingest.FillFingerprints"/>.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200006_Fingerprints")]
public sealed class M0006Fingerprints : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        "ALTER TABLE runs ADD COLUMN fingerprint TEXT NULL",
        "CREATE INDEX ix_runs_fingerprint ON runs (tenant_no, fingerprint, sort_at{, run_no}) WHERE fingerprint IS NOT NULL",
        "CREATE TABLE error_states (tenant_no {long} NOT NULL, fingerprint TEXT NOT NULL, state {long} NOT NULL, actor TEXT NOT NULL, at {long} NOT NULL, note TEXT NULL, PRIMARY KEY (tenant_no, fingerprint)) {clustered}",
    ]);
}
