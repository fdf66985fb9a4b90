using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Store;

namespace RunHub.IntegrationTests.Store;

/// <summary>Migrations are written by hand and carry no snapshot: this compares what EF believes with what is there.</summary>
public sealed class ModelTests
{
    [Theory, Engines]
    public async Task What_EF_believes_of_the_tables_is_what_they_are(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await using var scope = hub.Services.CreateAsyncScope();
        foreach (var set in hub.Services.GetServices<MigrationSet>())
        {
            var context = (DbContext)scope.ServiceProvider.GetRequiredService(set.ContextType);
            foreach (var entity in context.Model.GetEntityTypes())
            {
                var actual = await ActualAsync(hub, entity.GetTableName()!);
                var believed = Believed(entity);
                Assert.True(actual.SequenceEqual(believed, StringComparer.Ordinal), $"The table has\n{string.Join('\n', actual.Except(believed))}\nEF believes\n{string.Join('\n', believed.Except(actual))}");
            }
        }
    }

    static List<string> Believed(IEntityType entity)
    {
        var table = StoreObjectIdentifier.Table(entity.GetTableName()!);
        return [.. entity.GetProperties()
            .Select(p => $"{entity.GetTableName()}.{p.GetColumnName(table)} {p.GetColumnType(table)!.ToLowerInvariant()}{(p.IsNullable ? "" : " not null")}{(p.IsPrimaryKey() ? " key" : "")}")
            .Order(StringComparer.Ordinal)];
    }

    static async Task<List<string>> ActualAsync(TestHub hub, string table)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var columns = sql.IsSqlite
            // A rowid key is never null, whatever its declaration says.
            ? await sql.Prepare($"SELECT name, lower(type), CASE WHEN \"notnull\" = 1 OR pk > 0 THEN 1 ELSE 0 END, pk FROM pragma_table_info('{table}')")
                .ListAsync(Column, default)
            : await sql.Prepare("""
                SELECT c.column_name::text, c.data_type::text, CASE WHEN c.is_nullable = 'NO' THEN 1 ELSE 0 END,
                  (SELECT count(*) FROM information_schema.key_column_usage k JOIN information_schema.table_constraints t USING (constraint_name, table_name)
                   WHERE t.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name AND k.column_name = c.column_name)
                FROM information_schema.columns c WHERE c.table_name = @table
                """).With(table).ListAsync(Column, default);
        Assert.NotEmpty(columns);
        return [.. columns.Select(c => $"{table}.{c}").Order(StringComparer.Ordinal)];

        static string Column(System.Data.Common.DbDataReader r) =>
            $"{r.GetString(0)} {r.GetString(1)}{(Number(r, 2) != 0 ? " not null" : "")}{(Number(r, 3) != 0 ? " key" : "")}";

        static long Number(System.Data.Common.DbDataReader r, int i) => Convert.ToInt64(r.GetValue(i), CultureInfo.InvariantCulture);
    }
}
