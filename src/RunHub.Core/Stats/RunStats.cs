using RunHub.Store.Rollups;

namespace RunHub.Stats;

/// <summary>Where figures come from.</summary>
public enum StatsSource
{
    /// <summary>The rollups and what is not folded into them yet, with single runs where a range begins or ends within an hour: exact.</summary>
    Rollups,

    /// <summary>The runs themselves, newest first, as far as a limit of rows and time allows.</summary>
    Scan,
}

/// <summary>Runs of one stretch of time.</summary>
/// <param name="From">Its first moment, microseconds since 1970; the first bucket also has what began earlier, if the filter names no beginning.</param>
/// <param name="To">The moment after it; the last bucket also has what began later.</param>
/// <param name="ByStatus">How many of each status; index = number of the status.</param>
public sealed record StatsBucket(long From, long To, IReadOnlyList<long> ByStatus)
{
    /// <summary>All of them.</summary>
    public long Total => ByStatus.Sum();
}

/// <summary>What the runs of a filter took.</summary>
/// <param name="Cell">Their sums and durations; counts all of <see cref="Runs"/>.</param>
/// <param name="IsComplete">These are all that the filter matches.</param>
/// <param name="Since">Not complete: only runs that began later were looked at, microseconds since 1970; null: not even that is certain.</param>
public sealed record RunFigures(RollupCell Cell, bool IsComplete, long? Since)
{
    /// <summary>Over how many runs.</summary>
    public long Runs => Cell.Total;

    /// <summary>How many of them ended with a duration.</summary>
    public long Measured => Cell.Durations.Count;

    /// <summary>Mean duration of those, milliseconds; null: none.</summary>
    public double? Average => Measured > 0 ? (double)Cell.DurationMs / Measured : null;

    /// <summary>The duration under which a share of them stayed, milliseconds, at most 1% off; null: none.</summary>
    public double? Quantile(double share) => Cell.Durations.Quantile(share);
}

/// <summary>How many runs a filter matches, when, and what they took.</summary>
/// <param name="ByStatus">How many of each status; index = number of the status.</param>
/// <param name="AnyStatus">The same without the filter's own condition on the status; null: not known.</param>
/// <param name="Buckets">When they began, oldest first, without a gap; empty: no runs and no range.</param>
/// <param name="BucketLength">How long a bucket is, microseconds; the filter's range may cut the first and the last short. 0: there is none.</param>
/// <param name="IsComplete">Counts and buckets have all that the filter matches.</param>
/// <param name="Since">Not complete: only runs that began later were counted, microseconds since 1970; null: not even that is certain.</param>
/// <param name="Source">Where counts and buckets come from.</param>
/// <param name="Figures">What they took.</param>
public sealed record RunStats(IReadOnlyList<long> ByStatus, IReadOnlyList<long>? AnyStatus, IReadOnlyList<StatsBucket> Buckets, long BucketLength, bool IsComplete, long? Since, StatsSource Source, RunFigures Figures)
{
    /// <summary>All of them.</summary>
    public long Total => ByStatus.Sum();

    /// <summary>Share of the completed among those that completed or failed, 0–1; null: none did. Canceled runs are neither.</summary>
    public double? SuccessRate => (ByStatus[(int)RunStatus.Completed], ByStatus[(int)RunStatus.Failed]) is var (good, bad) && good + bad > 0 ? (double)good / (good + bad) : null;
}
