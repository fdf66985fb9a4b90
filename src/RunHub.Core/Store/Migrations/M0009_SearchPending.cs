using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// What PostgreSQL has yet to merge into the index of words is read by every question, and merged in the transaction that makes it too long, which
/// every writer waits for: 512 KB, some hundred runs, instead of 4 MB. A run costs the same either way: docs/adr/0018-rare-words-on-postgresql.md.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200009_SearchPending")]
public sealed class M0009SearchPending : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        if (ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal)) return;
        new SchemaSql(ActiveProvider).Run(migrationBuilder, ["ALTER INDEX ix_search_words SET (gin_pending_list_limit = 512)"]);
    }
}
