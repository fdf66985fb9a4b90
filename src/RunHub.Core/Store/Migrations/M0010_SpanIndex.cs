using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// From a span to its step. Steps carry no tenant, but their run's number begins with it: within a span id the index is in order of tenant.
/// Steps without a span are not in it and pay nothing.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200010_SpanIndex")]
public sealed class M0010SpanIndex : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
        ["CREATE INDEX ix_steps_span ON steps (span_id{, run_no}) WHERE span_id IS NOT NULL"]);
}
