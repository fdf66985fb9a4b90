namespace RunHub.Demo;

/// <summary>
/// Two weeks in the life of two tenants: who runs what how often, the rhythm of day and week, versions rolling out, and
/// the hours in which things went wrong.
/// </summary>
sealed class Story
{
    /// <summary>How far back it goes.</summary>
    public const int Days = 14;

    static readonly TimeSpan MeanWait = TimeSpan.FromMinutes(55);
    readonly DateTimeOffset now;
    readonly Draw draw;

    /// <summary>A story that ends now.</summary>
    public Story(DateTimeOffset now, int seed = 20)
    {
        this.now = now;
        draw = new Draw(seed);
    }

    /// <summary>Every run, oldest first; those at the end are still going on.</summary>
    public List<RunScript> Tell()
    {
        var runs = new List<RunScript>();
        var first = now.AddDays(-Days);
        for (var hour = new DateTimeOffset(first.Year, first.Month, first.Day, first.Hour, 0, 0, TimeSpan.Zero); hour <= now; hour = hour.AddHours(1))
        {
            foreach (var cast in Cast.All)
            {
                var count = cast.Hours.Count > 0 ? cast.Hours.Contains(hour.Hour) ? 1 : 0 : draw.Poisson(cast.PerDay * Rhythm(hour, cast));
                for (var i = 0; i < count; i++)
                {
                    var at = cast.Hours.Count > 0 ? hour.AddMinutes(15).AddMilliseconds(draw.Between(0, 900)) : hour.AddMilliseconds(draw.Between(0, 3_599_999));
                    if (at < first || at > now) continue;
                    runs.Add(Make(cast, at, 1));
                }
            }
        }

        runs.AddRange(Backfill());
        runs.AddRange(Retries(runs));
        runs.AddRange(UnderWay());
        runs.Sort((a, b) => a.CreatedAt.CompareTo(b.CreatedAt));
        return runs;
    }

    /// <summary>A run that begins at <paramref name="at"/> and is over within about a minute: for the live part.</summary>
    public RunScript TellLive(DateTimeOffset at)
    {
        var cast = draw.Pick(Cast.All.Where(c => c.Hours.Count == 0).ToList());
        var run = Make(cast, at, 1);
        foreach (var step in run.Steps) step.Millis = Math.Clamp(step.Millis, 700, 9_000);
        if (run.WaitsAfter > 0) run.Waits = TimeSpan.FromSeconds(draw.Between(15, 50));
        return run;
    }

    RunScript Make(Cast cast, DateTimeOffset at, int attempt)
    {
        var daysAgo = (now - at).TotalDays;
        var version = cast.Versions.Last(v => daysAgo <= v.DaysAgo || v.DaysAgo >= Days);
        var run = cast.Write(new Scene(cast, draw, at, version.Name));
        run.Attempt = attempt;
        if (run.WaitsAfter > 0)
        {
            run.Waits = MeanWait * Math.Exp(draw.Normal() * 1.1);
            run.Approved = draw.Chance(0.88);
            if (!run.Approved)
            {
                run.Ends = RunStatus.Canceled;
                run.Outputs = null;
                run.Steps.RemoveRange(run.WaitsAfter, run.Steps.Count - run.WaitsAfter);
            }
        }

        var incident = Incident.All.FirstOrDefault(i => i.Touches(cast, at, now));
        if (incident is not null && draw.Chance(incident.Rate)) Fail(run, incident.Failure(draw));
        else if (draw.Chance(version.FailureRate)) Fail(run, draw.Pick(version.FailureRate > 0.1 ? Failures.Bugs(run) : Failures.Usual(run)));
        else if (draw.Chance(0.012)) run.CancelAt(draw.Between(0, run.Steps.Count - 1));
        else if (draw.Chance(0.06)) draw.Pick(run.Steps).Retries = draw.Between(1, 2);
        if (run.Ends == RunStatus.Failed && draw.Chance(0.25)) run.Owner = draw.Pick(cast.Tenant.Operators);
        if (draw.Chance(0.02)) run.Annotation = (draw.Pick(cast.Tenant.Operators), draw.Pick(cast.Tenant.Notes));
        return run;
    }

    void Fail(RunScript run, Failure failure)
    {
        var models = Enumerable.Range(0, run.Steps.Count).Where(i => run.Steps[i].Type == StepType.Model).ToList();
        var calls = Enumerable.Range(0, run.Steps.Count).Where(i => run.Steps[i].Endpoint is not null).ToList();
        var at = failure.Code.StartsWith("model", StringComparison.Ordinal) && models.Count > 0 ? draw.Pick(models)
            : failure.Class == "external_api" && calls.Count > 0 ? draw.Pick(calls)
            : draw.Between(0, run.Steps.Count - 1);
        run.FailAt(at, failure);
    }

    /// <summary>A third of the failures were tried again a little later, mostly with success.</summary>
    List<RunScript> Retries(List<RunScript> runs)
    {
        var again = new List<RunScript>();
        foreach (var failed in runs.Where(r => r.Ends == RunStatus.Failed && r.Batch is null).ToList())
        {
            var at = failed.EndsAt.AddSeconds(draw.Between(20, 1800));
            if (at > now || !draw.Chance(0.34)) continue;
            var cast = Cast.All.First(c => c.Name == failed.Workflow && c.Tenant.Id == failed.Tenant);
            var retry = Make(cast, at, 2);
            retry.Parent = failed.Id;
            again.Add(retry);
        }

        return again;
    }

    /// <summary>Whatever the hour: some wait in the queue, some are at work, some wait for a person.</summary>
    List<RunScript> UnderWay()
    {
        var runs = new List<RunScript>();
        foreach (var (cast, index) in Cast.All.Where(c => c.Hours.Count == 0).Select((cast, index) => (cast, index)))
        {
            var queued = cast.Write(new Scene(cast, draw, now.AddSeconds(-draw.Between(5, 90)), cast.Versions[^1].Name));
            queued.Queued = TimeSpan.FromSeconds(draw.Between(120, 400));
            var running = cast.Write(new Scene(cast, draw, now.AddSeconds(-draw.Between(20, 50)), cast.Versions[^1].Name));
            foreach (var step in running.Steps) step.Millis = Math.Max(step.Millis, draw.Between(12_000, 30_000));
            runs.Add(index % 2 == 0 ? running : queued);
        }

        foreach (var minutes in (ReadOnlySpan<int>)[14, 65, 170])
        {
            var cast = Cast.All.First(c => c.Name == "contract_review");
            var waiting = cast.Write(new Scene(cast, draw, now.AddMinutes(-minutes), cast.Versions[^1].Name));
            waiting.Waits = TimeSpan.FromHours(draw.Between(4, 20));
            runs.Add(waiting);
        }

        return runs;
    }

    /// <summary>Somebody loaded March's orders again, three days ago at night.</summary>
    List<RunScript> Backfill()
    {
        var cast = Cast.All.First(c => c.Hours.Count > 0);
        var night = now.AddDays(-3).Date.AddHours(1);
        var runs = new List<RunScript>();
        for (var day = 1; day <= 31; day++)
        {
            var scene = new Scene(cast, draw, new DateTimeOffset(night, TimeSpan.Zero).AddMinutes(day * 4), cast.Versions[^1].Name) { Batch = "backfill-2026-03", Day = day };
            var run = cast.Write(scene);
            if (day is 9 or 23) run.FailAt(2, Failures.Schema);
            runs.Add(run);
        }

        return runs;
    }

    // Share of a day's runs that falls into this hour.
    static double Rhythm(DateTimeOffset hour, Cast cast)
    {
        var local = (hour.Hour + cast.Tenant.UtcOffset + 24) % 24;
        var office = Math.Exp(-Math.Pow(local - 10.5, 2) / 7) + 0.85 * Math.Exp(-Math.Pow(local - 16, 2) / 6);
        var weekend = hour.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.3 : 1.15;
        return (0.008 + office * 0.115) * weekend;
    }
}
