using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Logs;

namespace RunHub.Logs.Tab;

/// <summary>Reads what the tab shows: a window of lines, never all of them.</summary>
public sealed class ReadLogs(Database database, TimeProvider time)
{
    const int WindowLines = 200;
    const int BeforeTarget = 60;
    const int MaxSteps = 2000;
    static readonly TimeSpan StillComing = TimeSpan.FromMinutes(5);

    /// <summary>The tab.</summary>
    public async Task<LogView> TabAsync(RunRow run, IQueryCollection query, CancellationToken cancellationToken)
    {
        var ask = Ask(query);
        await using var sql = await database.ReadAsync(cancellationToken);
        var totals = await LogReader.TotalsAsync(sql, run.RunNo, cancellationToken);
        var window = await WindowAsync(sql, run, ask, query, totals, cancellationToken);
        var narrowed = ask.Query with { Levels = [] };
        var counts = narrowed.IsEmpty ? totals : await LogReader.CountAsync(sql, run.RunNo, await (ask with { Query = narrowed }).ForRunAsync(sql, run.RunNo, cancellationToken), cancellationToken);
        return new LogView(window, totals, counts, !narrowed.IsEmpty && totals.Lines > LogReader.LookedAt, IsLive(run));
    }

    /// <summary>Lines alone.</summary>
    public async Task<LogWindow> LinesAsync(RunRow run, IQueryCollection query, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await WindowAsync(sql, run, Ask(query), query, await LogReader.TotalsAsync(sql, run.RunNo, cancellationToken), cancellationToken);
    }

    /// <summary>What a person's address asks: wrong parts of it are as if they were not there.</summary>
    static LogAsk Ask(IQueryCollection query)
    {
        try
        {
            return LogAsk.Parse(query);
        }
        catch (Http.ProblemException)
        {
            return LogAsk.Parse(new QueryCollection());
        }
    }

    bool IsLive(RunRow run) => !run.Status.IsFinal() || Times.FromMicros(run.UpdatedAt) > time.GetUtcNow() - StillComing;

    static async Task<LogWindow> WindowAsync(SqlSession sql, RunRow run, LogAsk ask, IQueryCollection query, LogTotals totals, CancellationToken cancellationToken)
    {
        var wanted = await ask.ForRunAsync(sql, run.RunNo, cancellationToken);
        var steps = new Dictionary<string, LogStep>(StringComparer.Ordinal);
        foreach (var step in await StepsAsync(sql, run.RunNo, cancellationToken))
        {
            steps[step.Id] = step;
            if (step.SpanId is { } span) steps.TryAdd(span, step);
        }

        var target = LogPosition.Parse(query["line"]);
        var (lines, above, below) = target is { } line ? await AroundAsync(line)
            : LogPosition.Parse(query["below"]) is { } after ? await BelowAsync(after)
            : LogPosition.Parse(query["above"]) is { } before ? await AboveAsync(before)
            // Of a run at work the newest are wanted, at the end where more will come.
            : ask.Order is null && !run.Status.IsFinal() ? await AboveAsync(LogPosition.End, isEnd: true)
            : await BelowAsync(ask.NewestFirst ? LogPosition.End : LogPosition.Start, isTop: true);
        return new LogWindow(run, lines, above, below, steps, run.StartedAt ?? (totals.Lines > 0 ? totals.FirstAt : run.CreatedAt), new LogAddress(run.Id, ask), target);

        async Task<(IReadOnlyList<LogRow>, LogPosition?, LogPosition?)> BelowAsync(LogPosition beyond, bool isTop = false)
        {
            var page = await LogReader.PageAsync(sql, run.RunNo, wanted, beyond, ask.NewestFirst, WindowLines, cancellationToken);
            return (page.Lines, isTop ? null : page.Lines.Count > 0 ? page.Lines[0].Position : beyond, page.Next);
        }

        async Task<(IReadOnlyList<LogRow>, LogPosition?, LogPosition?)> AboveAsync(LogPosition beyond, bool isEnd = false)
        {
            var page = await LogReader.PageAsync(sql, run.RunNo, wanted, beyond, !ask.NewestFirst, WindowLines, cancellationToken);
            return ([.. page.Lines.Reverse()], page.Next, isEnd ? null : page.Lines.Count > 0 ? page.Lines[0].Position : beyond);
        }

        async Task<(IReadOnlyList<LogRow>, LogPosition?, LogPosition?)> AroundAsync(LogPosition at)
        {
            var earlier = await LogReader.PageAsync(sql, run.RunNo, wanted, at, !ask.NewestFirst, BeforeTarget, cancellationToken);
            var including = ask.NewestFirst ? at with { Seq = at.Seq + 1 } : at with { Seq = at.Seq - 1 };
            var page = await LogReader.PageAsync(sql, run.RunNo, wanted, including, ask.NewestFirst, WindowLines - BeforeTarget, cancellationToken);
            return ([.. earlier.Lines.Reverse(), .. page.Lines], earlier.Next, page.Next);
        }
    }

    static Task<List<LogStep>> StepsAsync(SqlSession sql, long runNo, CancellationToken cancellationToken) =>
        sql.Prepare($"SELECT id, span_id, node_id, name, label FROM steps WHERE run_no = @run_no LIMIT {MaxSteps}").With(runNo)
            .ListAsync(r => new LogStep(r.GetString(0), r.Text(1), r.Text(2) ?? r.GetString(3), r.Text(4) ?? r.GetString(3)), cancellationToken);
}
