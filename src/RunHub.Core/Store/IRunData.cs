namespace RunHub.Store;

/// <summary>
/// Tables keyed by <c>run_no</c>. Whoever has one implements this, so that deleting a run leaves no trace; it runs inside
/// the deleting transaction. A test finds a run-keyed table that nobody claims.
/// </summary>
public interface IRunData
{
    /// <summary>The tables, children before <c>runs</c>.</summary>
    IReadOnlyList<string> Tables { get; }

    /// <summary>Rows per table that belong to these runs.</summary>
    Task<IReadOnlyDictionary<string, long>> CountAsync(SqlSession sql, IReadOnlyList<long> runNos, CancellationToken cancellationToken);

    /// <summary>Deletes them; answers rows per table.</summary>
    Task<IReadOnlyDictionary<string, long>> DeleteAsync(WriteScope scope, IReadOnlyList<long> runNos, CancellationToken cancellationToken);
}

/// <summary>The usual case: rows that go by <c>run_no</c> alone.</summary>
/// <param name="tables">Tables with a column <c>run_no</c> that an index leads with.</param>
public class RunTables(params string[] tables) : IRunData
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Tables => tables;

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(SqlSession sql, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            long count = 0;
            foreach (var runNo in runNos) count += await sql.Prepare($"SELECT count(*) FROM {table} WHERE run_no = @run_no").With(runNo).ScalarAsync<long>(cancellationToken);
            rows[table] = count;
        }

        return rows;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, long>> DeleteAsync(WriteScope scope, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            long count = 0;
            foreach (var runNo in runNos) count += await scope.Sql.Prepare($"DELETE FROM {table} WHERE run_no = @run_no").With(runNo).ExecuteAsync(cancellationToken);
            rows[table] = count;
        }

        return rows;
    }
}
