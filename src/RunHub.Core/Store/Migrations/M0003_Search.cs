using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>The search index on PostgreSQL. SQLite has it in a file of its own, which makes itself: docs/adr/0012-search-index.md.</summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200003_Search")]
public sealed class M0003Search : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        if (ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal)) return;
        new SchemaSql(ActiveProvider).Run(migrationBuilder,
        [
            "CREATE TABLE search (run_no {long} NOT NULL PRIMARY KEY, tenant_no {long} NOT NULL, sort_at {long} NOT NULL, data {blob} NOT NULL, words tsvector NOT NULL)",
            "CREATE INDEX ix_search_words ON search USING gin (words)",
            "CREATE TABLE search_state (key TEXT NOT NULL PRIMARY KEY, value {long} NULL)",
        ]);
    }
}
