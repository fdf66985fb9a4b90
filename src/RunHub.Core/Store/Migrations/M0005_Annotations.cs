using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// Annotations on parts of payloads (<c>anchor</c>, and where the payload lay then, so that an unchanged one need not be read), who may change
/// them (<c>author_key</c>), and whom they mention. A deleted one keeps its row without its text, so that the same report sent again does not
/// bring it back. Their history stands in <c>audit</c>, which is found by them.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200005_Annotations")]
public sealed class M0005Annotations : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        "ALTER TABLE annotations ADD COLUMN anchor TEXT NULL",
        "ALTER TABLE annotations ADD COLUMN anchor_at {long} NULL",
        "ALTER TABLE annotations ADD COLUMN anchor_len {long} NULL",
        "ALTER TABLE annotations ADD COLUMN author_key TEXT NULL",
        "ALTER TABLE annotations ADD COLUMN mentions TEXT NULL",
        "ALTER TABLE annotations ADD COLUMN edited_at {long} NULL",
        "ALTER TABLE annotations ADD COLUMN edits {long} NOT NULL DEFAULT 0",
        "ALTER TABLE annotations ADD COLUMN deleted_at {long} NULL",
        """
        CREATE TABLE annotation_mentions (
          run_no {long} NOT NULL, annotation_id TEXT NOT NULL, user_no {long} NOT NULL, tenant_no {long} NOT NULL, at {long} NOT NULL, read_at {long} NULL,
          PRIMARY KEY (run_no, annotation_id, user_no)) {clustered}
        """,
        "CREATE INDEX ix_annotation_mentions_user ON annotation_mentions (tenant_no, user_no, at)",
        "CREATE INDEX ix_audit_annotation ON audit (tenant_no, target, seq) WHERE target_type = 'annotation'",
    ]);
}
