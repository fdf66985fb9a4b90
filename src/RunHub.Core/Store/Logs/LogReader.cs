using System.Data.Common;
using System.Text;
using RunHub.Model;

namespace RunHub.Store.Logs;

/// <summary>Which lines of a run are wanted; what is null or empty does not narrow.</summary>
public sealed record LogQuery
{
    /// <summary>Lines of these levels.</summary>
    public IReadOnlyList<Severity> Levels { get; init; } = [];

    /// <summary>Lines of this step.</summary>
    public string? StepId { get; init; }

    /// <summary>Span of that step: its lines may name the one or the other.</summary>
    public string? SpanId { get; init; }

    /// <summary>Lines whose text contains this, whatever the case (of other than Latin letters, on SQLite, as written).</summary>
    public string? Text { get; init; }

    /// <summary>Not before this, microseconds since 1970.</summary>
    public long? From { get; init; }

    /// <summary>Before this, microseconds since 1970.</summary>
    public long? To { get; init; }

    /// <summary>Everything is wanted.</summary>
    public bool IsEmpty => Levels.Count == 0 && StepId is null && Text is null && From is null && To is null;

    /// <summary>Only warnings and worse, which have an index of their own.</summary>
    internal bool IsGrave => Levels.Count > 0 && Levels.All(l => l >= Severity.Warn);

    /// <summary>Something beside time and that index decides, so that lines have to be looked at.</summary>
    internal bool LooksAtLines => Levels.Count > 0 || StepId is not null || Text is not null;
}

/// <summary>Lines found.</summary>
/// <param name="Lines">In the order asked for.</param>
/// <param name="Next">Where to go on; null: there is no more.</param>
/// <param name="IsShort">Not full because many lines had to be looked at: going on may find more.</param>
public sealed record LogPage(IReadOnlyList<LogRow> Lines, LogPosition? Next, bool IsShort);

/// <summary>Reads the lines of a run, a page at a time by position.</summary>
public static class LogReader
{
    /// <summary>Lines looked at for one page at most; a page that needs more comes back short.</summary>
    public const int LookedAt = 50_000;

    const string Columns = "at, seq, level, step_id, span_id, state, message, cut_from, attributes";

    /// <summary>How many lines there are.</summary>
    public static async Task<LogTotals> TotalsAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        await sql.Prepare("SELECT lines, trace, debug, info, warn, error, fatal, first_at, last_at FROM log_totals WHERE run_no = @run_no").With(runNo)
            .FirstAsync(r => new LogTotals(r.GetInt64(0), [r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6)], r.GetInt64(7), r.GetInt64(8)), cancellationToken) ?? LogTotals.None;

    /// <summary>A page of lines beyond a position.</summary>
    /// <param name="sql">A session.</param>
    /// <param name="runNo">The run.</param>
    /// <param name="query">Which lines.</param>
    /// <param name="beyond">After this place, or before it when <paramref name="newestFirst"/>.</param>
    /// <param name="newestFirst">Order.</param>
    /// <param name="limit">Lines at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<LogPage> PageAsync(SqlSession sql, long runNo, LogQuery query, LogPosition beyond, bool newestFirst, int limit, CancellationToken cancellationToken)
    {
        var (inner, values) = Inner(sql, runNo, query, beyond, newestFirst);
        var (text, all) = (new StringBuilder(), new List<object?>(values));
        // The rows of the inner query come in its order; sorting again would read all of them before the first is shown.
        text.Append("SELECT ").Append(Columns).Append(" FROM (").Append(inner.Replace("{columns}", Columns, StringComparison.Ordinal)).Append(" LIMIT @looked_at) l WHERE 1 = 1");
        all.Add((long)(query.LooksAtLines ? LookedAt : limit + 1));
        Narrow(sql, query, text, all);
        text.Append(" LIMIT @limit");
        all.Add((long)limit + 1);
        var lines = await sql.Prepare(text.ToString()).With([.. all]).ListAsync(Read, cancellationToken);
        if (lines.Count > limit)
        {
            lines.RemoveAt(limit);
            return new LogPage(lines, lines[^1].Position, IsShort: false);
        }

        if (!query.LooksAtLines) return new LogPage(lines, null, IsShort: false);
        var last = await sql.Prepare(inner.Replace("{columns}", "at, seq", StringComparison.Ordinal) + $" LIMIT 1 OFFSET {LookedAt - 1}").With([.. values])
            .ListAsync(r => new LogPosition(r.GetInt64(0), r.GetInt64(1)), cancellationToken);
        return new LogPage(lines, last.Count > 0 ? last[0] : null, last.Count > 0);
    }

    /// <summary>Lines in order of arrival after a number, among those whose times lie between two.</summary>
    public static Task<List<LogRow>> ArrivedAsync(SqlSession sql, long runNo, LogQuery query, long afterSeq, long fromAt, long toAt, int limit, CancellationToken cancellationToken)
    {
        var text = new StringBuilder($"SELECT {Columns} FROM logs l WHERE run_no = @run_no AND at >= @from_at AND at <= @to_at AND seq > @after");
        var all = new List<object?> { runNo, fromAt, toAt, afterSeq };
        Narrow(sql, query, text, all);
        text.Append(" ORDER BY seq LIMIT @limit");
        all.Add((long)limit);
        return sql.Prepare(text.ToString()).With([.. all]).ListAsync(Read, cancellationToken);
    }

    /// <summary>How many lines of each level match beside their level; counted in the first <see cref="LookedAt"/>.</summary>
    public static async Task<LogTotals> CountAsync(SqlSession sql, long runNo, LogQuery query, CancellationToken cancellationToken)
    {
        var wanted = query with { Levels = [] };
        var (inner, values) = Inner(sql, runNo, wanted, LogPosition.Start, newestFirst: false);
        var text = new StringBuilder("SELECT level, count(*) FROM (").Append(inner.Replace("{columns}", "at, level, step_id, span_id, message", StringComparison.Ordinal)).Append($" LIMIT {LookedAt}) l WHERE 1 = 1");
        var all = new List<object?>(values);
        Narrow(sql, wanted, text, all);
        text.Append(" GROUP BY level");
        var levels = new long[6];
        foreach (var (level, count) in await sql.Prepare(text.ToString()).With([.. all]).ListAsync(r => (r.GetInt64(0), r.GetInt64(1)), cancellationToken)) levels[level] = count;
        return new LogTotals(levels.Sum(), levels, 0, 0);
    }

    static (string Sql, List<object?> Values) Inner(SqlSession sql, long runNo, LogQuery query, LogPosition beyond, bool newestFirst)
    {
        var text = new StringBuilder("SELECT {columns} FROM logs");
        if (query.IsGrave && sql.IsSqlite) text.Append(" INDEXED BY ix_logs_grave");
        text.Append(" WHERE run_no = @run_no AND (at, seq) ").Append(newestFirst ? '<' : '>').Append(" (@at, @seq)");
        var values = new List<object?> { runNo, beyond.At, beyond.Seq };
        if (query.From is { } from)
        {
            text.Append(" AND at >= @from_at");
            values.Add(from);
        }

        if (query.To is { } to)
        {
            text.Append(" AND at < @to_at");
            values.Add(to);
        }

        if (query.IsGrave) text.Append(" AND level >= 3");
        text.Append(newestFirst ? " ORDER BY at DESC, seq DESC" : " ORDER BY at, seq");
        return (text.ToString(), values);
    }

    static void Narrow(SqlSession sql, LogQuery query, StringBuilder text, List<object?> values)
    {
        if (query.Levels.Count > 0) text.Append(" AND l.level IN (").AppendJoin(", ", query.Levels.Distinct().Order().Select(l => (int)l)).Append(')');
        if (query.StepId is { } step)
        {
            text.Append(query.SpanId is null ? " AND l.step_id = @step_id" : " AND (l.step_id = @step_id OR l.span_id = @span_id)");
            values.Add(step);
            if (query.SpanId is { } span) values.Add(span);
        }

        if (query.Text is not { } wanted) return;
        text.Append(sql.IsSqlite ? " AND l.message LIKE @text ESCAPE '\\'" : " AND l.message ILIKE @text ESCAPE '\\'");
        values.Add("%" + wanted.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%");
    }

    static LogRow Read(DbDataReader r) => new()
    {
        At = r.GetInt64(0), Seq = r.GetInt64(1), Level = (Severity)r.GetInt64(2), StepId = r.Text(3), SpanId = r.Text(4), State = r.Text(5), Message = r.GetString(6), CutFrom = r.GetInt64(7), Attributes = r.Text(8),
    };
}
