namespace RunHub.Filter;

/// <summary>What a list is ordered by.</summary>
public enum RunSortBy
{
    /// <summary>Start, else receipt. <c>started_at</c>.</summary>
    StartedAt,

    /// <summary>The order of the flow, queued first; newest first within a status. <c>status</c>.</summary>
    Status,

    /// <summary>
    /// Duration, among the newest 50,000 runs that the filter's index gives; runs without one come last. <c>duration</c>.
    /// </summary>
    Duration,
}

/// <summary>
/// Order of a list. Status and duration change while a run is at work: between two pages such a run may move past the
/// reader; runs that rest are shown once.
/// </summary>
/// <param name="By">What is compared.</param>
/// <param name="Descending">Largest first; a leading <c>-</c> in the URL.</param>
public readonly record struct RunSort(RunSortBy By, bool Descending)
{
    /// <summary><c>-started_at</c>: newest first.</summary>
    public static RunSort Default { get; } = new(RunSortBy.StartedAt, Descending: true);

    /// <summary>Reads <c>started_at</c> (or <c>started</c>), <c>status</c>, <c>duration</c> (or <c>duration_ms</c>), with or without <c>-</c>.</summary>
    public static bool TryParse(string text, out RunSort sort)
    {
        var descending = text.StartsWith('-');
        RunSortBy? by = (descending ? text[1..] : text) switch
        {
            "started_at" or "started" => RunSortBy.StartedAt,
            "status" => RunSortBy.Status,
            "duration" or "duration_ms" => RunSortBy.Duration,
            _ => null,
        };
        sort = new(by.GetValueOrDefault(), descending);
        return by is not null;
    }

    /// <summary>As in the URL.</summary>
    public override string ToString() => (Descending ? "-" : "") + By switch { RunSortBy.Status => "status", RunSortBy.Duration => "duration", _ => "started_at" };
}
