using System.Diagnostics;
using System.Text;

namespace RunHub.Benchmarks.Load;

/// <summary>N clients, each sending its next request when the last was answered. A blocking thread for each: the cheapest there is.</summary>
static class ClosedLoop
{
    const int Stack = 256 * 1024;

    /// <summary>
    /// Runs the load. What is answered within the measured time counts, whenever it was sent; the time goes on, at most
    /// tenfold, until as many answers came as there are clients, so that big batches are measured too.
    /// </summary>
    /// <param name="port">Server.</param>
    /// <param name="clients">How many.</param>
    /// <param name="duration">How long, after <paramref name="warmUp"/>.</param>
    /// <param name="warmUp">Not measured.</param>
    /// <param name="source">Makes the source of a client.</param>
    /// <exception cref="BadAnswerException">The server answered something other than 2xx, 429 or 503.</exception>
    public static LoadResult Run(int port, int clients, TimeSpan duration, TimeSpan warmUp, Func<int, ISource> source)
    {
        var results = new Client[clients];
        var window = new Window(clients);
        using var ready = new CountdownEvent(clients);
        using var go = new ManualResetEventSlim();
        var threads = new Thread[clients];
        for (var i = 0; i < clients; i++)
        {
            var client = results[i] = new Client(source(i), window);
            threads[i] = new Thread(() =>
            {
                try
                {
                    using var connection = new HttpConnection(port);
                    ready.Signal();
                    go.Wait();
                    client.Run(connection);
                }
                catch (Exception e)
                {
                    client.Error = e;
                    window.Close(Stopwatch.GetTimestamp());
                    if (!go.IsSet) ready.Signal();
                }
            }, Stack) { IsBackground = true };
            threads[i].Start();
        }

        ready.Wait();
        window.Open(warmUp, duration);
        go.Set();
        foreach (var thread in threads) thread.Join();
        if (results.FirstOrDefault(r => r.Error is not null)?.Error is { } error) throw new BadAnswerException(error.Message, error);
        var latencies = new Latencies();
        foreach (var result in results) latencies.Merge(result.Latencies);
        return new LoadResult(latencies.Count, results.Sum(r => r.Units), window.Elapsed, latencies, results.Sum(r => r.Refused));
    }

    /// <summary>One request, answered as text; throws unless the answer is 2xx.</summary>
    public static string Fetch(int port, ReadOnlySpan<byte> request)
    {
        using var connection = new HttpConnection(port);
        using var body = new MemoryStream();
        var answer = connection.Send(request, body);
        var text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        return answer.Status is >= 200 and < 300 ? text : throw new BadAnswerException($"{answer.Status}: {text[..Math.Min(800, text.Length)]}");
    }

    /// <summary>The measured time, shared by the clients.</summary>
    sealed class Window(int atLeast)
    {
        long from;
        long to;
        long latest;
        long end;
        int answers;

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(from, end);

        public bool IsClosed => Volatile.Read(ref end) != 0;

        public void Open(TimeSpan warmUp, TimeSpan duration)
        {
            from = Stopwatch.GetTimestamp() + Ticks(warmUp);
            to = from + Ticks(duration);
            latest = from + Ticks(duration * 10);
        }

        /// <summary>True when an answer that came <paramref name="now"/> counts.</summary>
        public bool Counts(long now)
        {
            if (now < from || IsClosed) return false;
            var enough = Interlocked.Increment(ref answers) >= atLeast;
            if (now >= to && (enough || now >= latest)) Close(now);
            return true;
        }

        /// <summary>Ends a load that is only refused.</summary>
        public void CloseLate(long now)
        {
            if (now >= latest) Close(now);
        }

        public void Close(long now) => Interlocked.CompareExchange(ref end, Math.Max(now, from + 1), 0);

        static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
    }

    sealed class Client(ISource source, Window window)
    {
        public Latencies Latencies { get; } = new();

        public long Units { get; private set; }

        public long Refused { get; private set; }

        public Exception? Error { get; set; }

        public void Run(HttpConnection connection)
        {
            while (!window.IsClosed)
            {
                var request = source.Next();
                var sent = Stopwatch.GetTimestamp();
                var answer = connection.Send(request);
                var now = Stopwatch.GetTimestamp();
                if (answer.Status is 503 or 429)
                {
                    Refused++;
                    window.CloseLate(now);
                }
                else if (answer.Status is < 200 or >= 300) throw new BadAnswerException($"Status {answer.Status} where 2xx was expected.");
                else if (window.Counts(now))
                {
                    Latencies.Add(Stopwatch.GetElapsedTime(sent, now));
                    Units += source.Units;
                }
                else if (window.IsClosed) Latencies.Add(Stopwatch.GetElapsedTime(sent, now));
            }
        }
    }
}

/// <summary>A server answered what nobody can measure.</summary>
sealed class BadAnswerException(string message, Exception? inner = null) : Exception(message, inner);
