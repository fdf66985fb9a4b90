namespace RunHub.Demo;

/// <summary>An hour in which something outside broke.</summary>
/// <param name="DaysAgo">Which day.</param>
/// <param name="From">Hour of that day, UTC.</param>
/// <param name="To">Hour of that day, UTC.</param>
/// <param name="Rate">How many runs it hit.</param>
/// <param name="Workflows">Which ones; none: all.</param>
/// <param name="Failure">How it looked.</param>
sealed record Incident(int DaysAgo, double From, double To, double Rate, IReadOnlyList<string> Workflows, Func<Draw, Failure> Failure)
{
    /// <summary>The bad hours of the story.</summary>
    public static IReadOnlyList<Incident> All { get; } =
    [
        new(9, 13.5, 15.2, 0.55, ["precrafter", "crafter", "ticket_triage", "contract_review"], static d => d.Chance(0.7) ? Failures.RateLimited : Failures.ModelTimeout),
        new(4, 8.6, 9.9, 0.7, ["invoice_extraction"], static _ => Failures.ErpDown),
        new(1, 10.2, 10.8, 0.45, ["ticket_triage"], static _ => Failures.SearchDown),
    ];

    /// <summary>Does it hit a run of <paramref name="cast"/> that starts at <paramref name="at"/>.</summary>
    public bool Touches(Cast cast, DateTimeOffset at, DateTimeOffset now)
    {
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-DaysAgo);
        return at >= day.AddHours(From) && at < day.AddHours(To) && (Workflows.Count == 0 || Workflows.Contains(cast.Name, StringComparer.Ordinal));
    }
}
