namespace RunHub.Benchmarks.Load;

/// <summary>What a load measured.</summary>
/// <param name="Requests">Requests answered well.</param>
/// <param name="Units">Runs written, or requests where nothing is written.</param>
/// <param name="Elapsed">The measured time.</param>
/// <param name="Latencies">One entry for each request, those included that were under way at the end.</param>
/// <param name="Refused">503 and 429 answers: the server asked to come back.</param>
sealed record LoadResult(long Requests, long Units, TimeSpan Elapsed, Latencies Latencies, long Refused)
{
    /// <summary>Units a second.</summary>
    public double Rate => Units / Elapsed.TotalSeconds;

    /// <summary>Milliseconds at the median.</summary>
    public double P50 => Latencies.Quantile(0.5).TotalMilliseconds;

    /// <summary>Milliseconds at the 99th percentile.</summary>
    public double P99 => Latencies.Quantile(0.99).TotalMilliseconds;
}

/// <summary>What a client sends next.</summary>
interface ISource
{
    /// <summary>Units in each request.</summary>
    int Units { get; }

    /// <summary>The bytes of the next request.</summary>
    ReadOnlySpan<byte> Next();
}

/// <summary>The same few requests in turn.</summary>
sealed class Rotation(IReadOnlyList<byte[]> requests, int first = 0) : ISource
{
    int next = first;

    public int Units => 1;

    public ReadOnlySpan<byte> Next() => requests[next++ % requests.Count];
}

/// <summary>Runs to write, each with a fresh id.</summary>
sealed class NewRuns(RunRequest request) : ISource
{
    public int Units => request.Runs;

    public ReadOnlySpan<byte> Next() => request.Next();
}
