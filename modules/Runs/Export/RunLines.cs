using System.Runtime.CompilerServices;
using RunHub.Store;
using RunHub.Store.Logs;

namespace RunHub.Runs.Export;

/// <summary>The log lines of a run for an export.</summary>
static class RunLines
{
    const int PerRead = 500;

    /// <summary>
    /// The lines in order of time, read a few hundred at a time. Those that arrive after the export looked at the run are left out,
    /// so that a run that never stops writing comes to an end.
    /// </summary>
    /// <param name="sql">A session outside a transaction.</param>
    /// <param name="runNo">The run.</param>
    /// <param name="held">What it had when its turn came.</param>
    /// <param name="cancellationToken">The receiver is gone.</param>
    public static async IAsyncEnumerable<LogRow> OfAsync(SqlSession sql, long runNo, LogTotals held, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (held.Lines == 0) yield break;
        var query = new LogQuery { To = held.LastAt + 1 };
        for (LogPosition? next = LogPosition.Start; next is { } beyond;)
        {
            var page = await LogReader.PageAsync(sql, runNo, query, beyond, newestFirst: false, PerRead, cancellationToken);
            foreach (var line in page.Lines)
                if (line.Seq <= held.Lines) yield return line;
            next = page.Next;
        }
    }
}
