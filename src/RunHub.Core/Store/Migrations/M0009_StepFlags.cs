using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>What is known of a step beside its fields (<see cref="Model.StepFlags"/>). A constant default changes no row on disk.</summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200009_StepFlags")]
public sealed class M0009StepFlags : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
        ["ALTER TABLE steps ADD COLUMN flags {long} NOT NULL DEFAULT 0"]);
}
