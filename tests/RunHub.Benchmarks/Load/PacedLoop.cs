using System.Diagnostics;

namespace RunHub.Benchmarks.Load;

/// <summary>
/// Requests at fixed times, whether or not the server keeps up (open loop), over a few connections. A request that had to
/// wait for the one before it on its connection counts from when it was due, so a stall is not hidden by not asking.
/// </summary>
sealed class PacedLoop : IDisposable
{
    readonly Thread[] threads;
    readonly Latencies[] latencies;
    readonly long[] units;
    readonly CancellationTokenSource stop = new();
    readonly long began = Stopwatch.GetTimestamp();
    Exception? error;

    /// <summary>Starts.</summary>
    /// <param name="port">Server.</param>
    /// <param name="connections">How many.</param>
    /// <param name="perSecond">Requests a second, all connections together.</param>
    /// <param name="source">Makes the source of a connection.</param>
    public PacedLoop(int port, int connections, double perSecond, Func<int, ISource> source)
    {
        threads = new Thread[connections];
        latencies = new Latencies[connections];
        units = new long[connections];
        var interval = (long)(Stopwatch.Frequency * connections / perSecond);
        for (var i = 0; i < connections; i++)
        {
            var (index, from) = (i, source(i));
            latencies[i] = new Latencies();
            threads[i] = new Thread(() => Run(port, index, from, began + interval * index / connections, interval), 256 * 1024) { IsBackground = true };
            threads[i].Start();
        }
    }

    /// <summary>Ends and answers what was measured.</summary>
    public LoadResult Stop()
    {
        stop.Cancel();
        foreach (var thread in threads) thread.Join();
        if (error is not null) throw new BadAnswerException(error.Message, error);
        var all = new Latencies();
        foreach (var each in latencies) all.Merge(each);
        return new LoadResult(all.Count, units.Sum(), Stopwatch.GetElapsedTime(began), all, 0);
    }

    public void Dispose()
    {
        stop.Cancel();
        foreach (var thread in threads) thread.Join();
        stop.Dispose();
    }

    void Run(int port, int index, ISource source, long due, long interval)
    {
        try
        {
            using var connection = new HttpConnection(port);
            for (; !stop.IsCancellationRequested; due += interval)
            {
                // The timer wakes up to a millisecond late; that is ours, not the server's, so an idle connection counts from the sending.
                var waited = WaitUntil(due);
                if (stop.IsCancellationRequested) return;
                var request = source.Next();
                var from = waited ? Stopwatch.GetTimestamp() : due;
                var answer = connection.Send(request);
                if (answer.Status is < 200 or >= 300) throw new BadAnswerException($"Status {answer.Status} where 2xx was expected.");
                latencies[index].Add(Stopwatch.GetElapsedTime(from));
                units[index] += source.Units;
            }
        }
        catch (Exception e)
        {
            error = e;
        }
    }

    bool WaitUntil(long due)
    {
        var left = due - Stopwatch.GetTimestamp();
        if (left <= 0) return false;
        stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds((double)left / Stopwatch.Frequency));
        return true;
    }
}
