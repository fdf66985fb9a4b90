using RunHub.Model;
using RunHub.Store.Events;

namespace RunHub.Store.Logs;

/// <summary>
/// Appends lines to a run inside its transaction, and keeps the totals. A line that is there already is left out: it is
/// looked for only where its time does not lie after all that is held, which is the usual case.
/// </summary>
static class LogWriter
{
    const string InsertSql = """
        INSERT INTO logs (run_no, at, seq, hash, level, step_id, span_id, state, message, cut_from, attributes)
        VALUES (@run_no, @at, @seq, @hash, @level, @step_id, @span_id, @state, @message, @cut_from, @attributes)
        """;

    const string InsertManySql = """
        INSERT INTO logs (run_no, at, seq, hash, level, step_id, span_id, state, message, cut_from, attributes)
        SELECT @run_no, * FROM unnest(@at::bigint[], @seq::bigint[], @hash::bigint[], @level::bigint[], @step_id::text[], @span_id::text[], @state::text[], @message::text[], @cut_from::bigint[], @attributes::text[])
        """;

    const string TotalsSql = """
        INSERT INTO log_totals (run_no, lines, trace, debug, info, warn, error, fatal, first_at, last_at)
        VALUES (@run_no, @lines, @trace, @debug, @info, @warn, @error, @fatal, @first_at, @last_at)
        ON CONFLICT (run_no) DO UPDATE SET lines = excluded.lines, trace = excluded.trace, debug = excluded.debug, info = excluded.info, warn = excluded.warn,
          error = excluded.error, fatal = excluded.fatal, first_at = excluded.first_at, last_at = excluded.last_at
        """;

    /// <summary>Writes the lines that are new; null when none is.</summary>
    public static async ValueTask<EventLogs?> AppendAsync(WriteScope scope, long runNo, IReadOnlyList<LogRow> lines, LogTotals held, CancellationToken cancellationToken)
    {
        var known = held.Lines == 0 ? [] : await KnownAsync(scope.Sql, runNo, [.. lines.Where(l => l.At <= held.LastAt).Select(l => l.At).Distinct()], cancellationToken);
        var fresh = new List<LogRow>(lines.Count);
        var levels = held.Levels.ToArray();
        foreach (var line in lines)
        {
            if (!known.Add((line.At, line.Hash))) continue;
            fresh.Add(line with { Seq = held.Lines + fresh.Count + 1 });
            levels[(int)line.Level]++;
        }

        if (fresh.Count == 0) return null;
        if (scope.Sql.IsSqlite) await OneByOneAsync(scope.Sql, runNo, fresh, cancellationToken);
        else await AtOnceAsync(scope.Sql, runNo, fresh, cancellationToken);
        var added = new EventLogs(fresh.Count, fresh.Min(l => l.At), fresh.Max(l => l.At), held.Lines + fresh.Count);
        await scope.Sql.Prepare(TotalsSql).With(runNo, added.LastSeq, levels[0], levels[1], levels[2], levels[3], levels[4], levels[5],
            Math.Min(held.FirstAt, added.FromAt), Math.Max(held.LastAt, added.ToAt)).ExecuteAsync(cancellationToken);
        return added;
    }

    static async ValueTask<HashSet<(long At, long Hash)>> KnownAsync(SqlSession sql, long runNo, long[] times, CancellationToken cancellationToken)
    {
        var known = new HashSet<(long, long)>();
        if (times.Length == 0) return known;
        if (!sql.IsSqlite)
            return [.. await sql.Prepare("SELECT at, hash FROM logs WHERE run_no = @run_no AND at = ANY(@times::bigint[])").With(runNo, times).ListAsync(r => (r.GetInt64(0), r.GetInt64(1)), cancellationToken)];
        foreach (var time in times)
            foreach (var hash in await sql.Prepare("SELECT hash FROM logs WHERE run_no = @run_no AND at = @at").With(runNo, time).ListAsync(r => r.GetInt64(0), cancellationToken)) known.Add((time, hash));
        return known;
    }

    static async ValueTask OneByOneAsync(SqlSession sql, long runNo, List<LogRow> lines, CancellationToken cancellationToken)
    {
        foreach (var l in lines)
            await sql.Prepare(InsertSql).With(runNo, l.At, l.Seq, l.Hash, (long)l.Level, l.StepId, l.SpanId, l.State, l.Message, l.CutFrom, l.Attributes).ExecuteAsync(cancellationToken);
    }

    /// <summary>One round trip, whatever their number.</summary>
    static async ValueTask AtOnceAsync(SqlSession sql, long runNo, List<LogRow> lines, CancellationToken cancellationToken) =>
        await sql.Prepare(InsertManySql).With(runNo, All(lines, l => l.At), All(lines, l => l.Seq), All(lines, l => l.Hash), All(lines, l => (long)l.Level), All(lines, l => l.StepId), All(lines, l => l.SpanId), All(lines, l => l.State),
            All(lines, l => l.Message), All(lines, l => l.CutFrom), All(lines, l => l.Attributes)).ExecuteAsync(cancellationToken);

    static T[] All<T>(List<LogRow> lines, Func<LogRow, T> of) => [.. lines.Select(of)];
}
