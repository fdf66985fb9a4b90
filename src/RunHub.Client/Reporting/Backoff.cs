namespace RunHub.Client.Reporting;

/// <summary>How long to wait before trying again: twice as long each time, half of it by chance; at least what the hub asked for.</summary>
sealed class Backoff(RunHubClientOptions options)
{
    int failures;

    public void Reset() => failures = 0;

    public TimeSpan Next(TimeSpan? retryAfter)
    {
        var most = Math.Min(options.MaxRetryDelay.TotalMilliseconds, options.RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures++, 30)));
        // Chance here only spreads clients out; it protects nothing.
#pragma warning disable CA5394
        var own = TimeSpan.FromMilliseconds(most * (0.5 + Random.Shared.NextDouble() / 2));
        return retryAfter is { } asked && asked > own ? asked + TimeSpan.FromMilliseconds(Random.Shared.Next(0, 250)) : own;
#pragma warning restore CA5394
    }
}
