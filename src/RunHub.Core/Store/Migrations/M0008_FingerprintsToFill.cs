using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// Failures from before there were fingerprints, for <see cref="Ingest.FillFingerprints"/> (4: failed). Every failure that is written has one: the
/// index is empty once they are filled, and nothing is ever written to it.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200008_FingerprintsToFill")]
public sealed class M0008FingerprintsToFill : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
        ["CREATE INDEX ix_runs_no_fingerprint ON runs (run_no) WHERE status = 4 AND fingerprint IS NULL"]);
}
