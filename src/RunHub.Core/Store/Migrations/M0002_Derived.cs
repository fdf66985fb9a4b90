using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>What runs and steps keep of the spans they were made from.</summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200002_Derived")]
public sealed class M0002Derived : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => new SchemaSql(ActiveProvider!).Run(migrationBuilder,
    [
        "ALTER TABLE runs ADD COLUMN derived TEXT NULL",
        "ALTER TABLE steps ADD COLUMN subtree_usage TEXT NULL",
    ]);
}
