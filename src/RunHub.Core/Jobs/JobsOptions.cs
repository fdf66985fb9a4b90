namespace RunHub.Jobs;

/// <summary>Configuration section <c>Jobs</c>: background work.</summary>
public sealed class JobsOptions
{
    /// <summary>
    /// Whether this process runs background jobs (default true). On PostgreSQL a node may leave them to the others; some
    /// node must run them.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Seconds between two folds of rollup deltas, 1 to 3600 (default 10).</summary>
    public int FoldSeconds { get; set; } = 10;

    /// <summary>
    /// Seconds to wait after the server listens before the jobs start, 0 to 3600 (default 3): the first requests come first.
    /// </summary>
    public int StartDelaySeconds { get; set; } = 3;
}
