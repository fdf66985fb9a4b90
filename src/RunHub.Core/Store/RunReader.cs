using RunHub.Http;
using RunHub.Model;
using RunHub.Store.Payloads;

namespace RunHub.Store;

/// <summary>Reads one run and what belongs to it.</summary>
public static class RunReader
{
    static readonly string FindSql = $"SELECT {RunRow.Table.All.Sql} FROM runs WHERE tenant_no = @tenant_no AND id = @id";
    static readonly string DuplicateSql = $"SELECT {RunRow.Table.All.Sql} FROM runs WHERE run_no = (SELECT run_no FROM run_duplicates WHERE tenant_no = @tenant_no AND id = @id)";
    static readonly string AgainSql = $"SELECT {RunRow.Table.All.Sql} FROM runs WHERE run_no = @run_no";
    static readonly string StepsSql = $"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no ORDER BY ord, id";

    /// <summary>The run with this public id in this tenant; null where there is none.</summary>
    public static Task<RunRow?> FindAsync(SqlSession sql, long tenantNo, string id, CancellationToken cancellationToken) =>
        sql.Prepare(FindSql).With(tenantNo, id).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);

    /// <summary>
    /// The same for somebody who writes to it, or adds what belongs to it: until the transaction ends nobody else changes the run
    /// or deletes it.
    /// </summary>
    public static Task<RunRow?> FindAsync(WriteScope scope, long tenantNo, string id, CancellationToken cancellationToken) =>
        scope.Sql.Prepare(FindSql + Lock(scope)).With(tenantNo, id).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);

    /// <summary>
    /// The run that a report under this id belongs to: the one with this id, else the one that was already doing the work that
    /// came under it (<c>run_duplicates</c>); null where there is none.
    /// </summary>
    public static async Task<RunRow?> FindReportedAsync(SqlSession sql, long tenantNo, string id, CancellationToken cancellationToken) =>
        await FindAsync(sql, tenantNo, id, cancellationToken)
        ?? await sql.Prepare(DuplicateSql).With(tenantNo, id).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);

    /// <summary>The same for somebody who writes.</summary>
    public static async Task<RunRow?> FindReportedAsync(WriteScope scope, long tenantNo, string id, CancellationToken cancellationToken) =>
        await FindAsync(scope, tenantNo, id, cancellationToken) ?? await FindDuplicateAsync(scope, tenantNo, id, cancellationToken);

    /// <summary>The run that an id stands for which is not its own, for somebody who writes; null where there is none.</summary>
    internal static Task<RunRow?> FindDuplicateAsync(WriteScope scope, long tenantNo, string id, CancellationToken cancellationToken) =>
        scope.Sql.Prepare(DuplicateSql + Lock(scope)).With(tenantNo, id).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);

    /// <summary>The run of an address, under its own id or one that stands for it.</summary>
    /// <exception cref="ProblemException">404: there is no such run.</exception>
    public static async Task<RunRow> GetAsync(SqlSession sql, long tenantNo, string id, CancellationToken cancellationToken) =>
        await FindReportedAsync(sql, tenantNo, id, cancellationToken) ?? throw ProblemException.NotFound("run", id);

    /// <summary>The same for somebody who writes.</summary>
    /// <exception cref="ProblemException">404: there is no such run.</exception>
    public static async Task<RunRow> GetAsync(WriteScope scope, long tenantNo, string id, CancellationToken cancellationToken) =>
        await FindReportedAsync(scope, tenantNo, id, cancellationToken) ?? throw ProblemException.NotFound("run", id);

    /// <summary>What ends a statement whose row other writers have to wait for; SQLite has one writer anyway.</summary>
    internal static string Lock(WriteScope scope) => scope.Sql.IsSqlite ? "" : " FOR UPDATE";

    /// <summary>The run with this number; null where there is none any more.</summary>
    public static Task<RunRow?> FindAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        sql.Prepare(AgainSql).With(runNo).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);

    /// <summary>Its steps in order of arrival.</summary>
    public static Task<List<StepRow>> StepsAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        sql.Prepare(StepsSql).With(runNo).ListAsync(r => StepRow.Table.All.Read(r), cancellationToken);

    /// <summary>Some of its steps, after a position.</summary>
    public static Task<List<StepRow>> StepsAsync(SqlSession sql, long runNo, StepPosition after, int limit, CancellationToken cancellationToken) =>
        sql.Prepare($"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no AND (ord, id) > (@ord, @id) ORDER BY ord, id LIMIT @limit")
            .With(runNo, after.Ord, after.Id, (long)limit).ListAsync(r => StepRow.Table.All.Read(r), cancellationToken);

    /// <summary>One step; null where there is none.</summary>
    public static Task<StepRow?> StepAsync(SqlSession sql, long runNo, string stepId, CancellationToken cancellationToken) =>
        sql.Prepare($"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no AND id = @id").With(runNo, stepId)
            .FirstAsync(r => StepRow.Table.All.Read(r), cancellationToken);

    /// <summary>Its notes, oldest first.</summary>
    public static Task<List<AnnotationRow>> AnnotationsAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        Annotations.ReadAnnotations.OfAsync(sql, runNo, cancellationToken);

    /// <summary>Payloads by reference.</summary>
    public static Task<PayloadSet> PayloadsAsync(SqlSession sql, long runNo, IEnumerable<PayloadRef?> references, CancellationToken cancellationToken) =>
        PayloadReader.ReadAsync(sql, runNo, references, cancellationToken);
}

/// <summary>A place among a run's steps. Spans that began in the same microsecond share an order, so the id is part of it.</summary>
/// <param name="Ord">Order of the last step seen.</param>
/// <param name="Id">Its id.</param>
public readonly record struct StepPosition(long Ord, string Id)
{
    /// <summary>Before the first.</summary>
    public static StepPosition Start { get; } = new(long.MinValue, "");

    /// <summary>Of a step.</summary>
    public static StepPosition Of(StepRow step) => new(step.Ord, step.Id);

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it did not.</summary>
    public static StepPosition? Parse(string text)
    {
        var at = text.IndexOf('~', StringComparison.Ordinal);
        return at > 0 && long.TryParse(text.AsSpan(0, at), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var ord) && text.Length - at <= Ids.MaxLength + 1
            ? new StepPosition(ord, text[(at + 1)..])
            : null;
    }

    /// <summary><c>{order}~{id}</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Ord}~{Id}");
}
