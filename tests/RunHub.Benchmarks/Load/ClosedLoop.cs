using System.Diagnostics;
using System.Text;

namespace RunHub.Benchmarks.Load;

/// <summary>N clients, each sending its next request when the last was answered. A blocking thread for each: the cheapest there is.</summary>
static class ClosedLoop
{
    const int Stack = 256 * 1024;

    /// <summary>Runs the load.</summary>
    /// <param name="port">Server.</param>
    /// <param name="clients">How many.</param>
    /// <param name="duration">How long, after <paramref name="warmUp"/>.</param>
    /// <param name="warmUp">Not measured.</param>
    /// <param name="source">Makes the source of a client.</param>
    /// <exception cref="BadAnswerException">The server answered something other than 2xx, 429 or 503.</exception>
    public static LoadResult Run(int port, int clients, TimeSpan duration, TimeSpan warmUp, Func<int, ISource> source)
    {
        var results = new Client[clients];
        using var ready = new CountdownEvent(clients);
        using var go = new ManualResetEventSlim();
        var threads = new Thread[clients];
        long from = 0;
        long to = 0;
        for (var i = 0; i < clients; i++)
        {
            var client = results[i] = new Client(source(i));
            threads[i] = new Thread(() =>
            {
                try
                {
                    using var connection = new HttpConnection(port);
                    ready.Signal();
                    go.Wait();
                    client.Run(connection, Volatile.Read(ref from), Volatile.Read(ref to));
                }
                catch (Exception e)
                {
                    client.Error = e;
                    if (!go.IsSet) ready.Signal();
                }
            }, Stack) { IsBackground = true };
            threads[i].Start();
        }

        ready.Wait();
        Volatile.Write(ref from, Stopwatch.GetTimestamp() + Ticks(warmUp));
        Volatile.Write(ref to, Volatile.Read(ref from) + Ticks(duration));
        go.Set();
        foreach (var thread in threads) thread.Join();
        if (results.FirstOrDefault(r => r.Error is not null)?.Error is { } error) throw new BadAnswerException(error.Message, error);
        var latencies = new Latencies();
        foreach (var result in results) latencies.Merge(result.Latencies);
        var last = results.Max(r => r.Last);
        return new LoadResult(latencies.Count, results.Sum(r => r.Units), Stopwatch.GetElapsedTime(from, Math.Max(last, from + 1)), latencies, results.Sum(r => r.Refused));
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

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    sealed class Client(ISource source)
    {
        public Latencies Latencies { get; } = new();

        public long Units { get; private set; }

        public long Refused { get; private set; }

        public long Last { get; private set; }

        public Exception? Error { get; set; }

        /// <summary>Counts what ended between the two stamps: requests under way at <paramref name="to"/> are awaited and counted, and so is their time.</summary>
        public void Run(HttpConnection connection, long from, long to)
        {
            while (true)
            {
                var request = source.Next();
                var sent = Stopwatch.GetTimestamp();
                if (sent >= to) return;
                var answer = connection.Send(request);
                var now = Stopwatch.GetTimestamp();
                if (answer.Status is 503 or 429) Refused++;
                else if (answer.Status is < 200 or >= 300) throw new BadAnswerException($"Status {answer.Status} where 2xx was expected.");
                else if (sent >= from)
                {
                    Latencies.Add(Stopwatch.GetElapsedTime(sent, now));
                    Units += source.Units;
                    Last = now;
                }
            }
        }
    }
}

/// <summary>A server answered what nobody can measure.</summary>
sealed class BadAnswerException(string message, Exception? inner = null) : Exception(message, inner);
