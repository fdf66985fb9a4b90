using System.Globalization;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.Search;

namespace RunHub.BrowserTests;

/// <summary>A hub with many runs, and one failed run among them that journeys look for.</summary>
static class SeedMany
{
    /// <summary>The run that is looked for.</summary>
    public const string Needle = "run_n33dle";

    /// <summary>The last run of its workflow that went well.</summary>
    public const string LastGood = "run_f1led";

    /// <summary>Its workflow, which has few runs.</summary>
    public const string Workflow = "tax_filing";

    /// <summary>A tag that few runs have, it among them.</summary>
    public const string Tag = "quarter-end";

    /// <summary>Its error.</summary>
    public const string Error = "The tax office refused the filing: certificate of quokka.example expired yesterday";

    /// <summary>A workflow with exactly so many runs.</summary>
    public const string Big = "mail_sorting";

    /// <summary>Runs of <see cref="Big"/>.</summary>
    public const int BigRuns = 500;

    const int Batch = 1000;
    static readonly string[] Workflows = [.. Enumerable.Range(0, 20).Select(i => string.Create(CultureInfo.InvariantCulture, $"flow_{i:00}"))];

    /// <summary>Fills it; <paramref name="count"/> runs over thirty days, the search index included.</summary>
    public static async Task FillAsync(TestHub hub, int count)
    {
        var caller = await Seed.ReporterAsync(hub);
        var now = hub.Get<TimeProvider>().GetUtcNow();
        var ingest = hub.Get<IngestRuns>();
        foreach (var piece in Enumerable.Range(0, count).Select(i => Run(i, count, now)).Append(GoodRun(now)).Append(NeedleRun(now)).Chunk(Batch))
            Assert.Empty((await ingest.HandleAsync(caller, new RunBatch { Runs = piece }, atomic: true, default)).Rejected);
        await hub.Get<FillSearchIndex>().CatchUpAsync(default);
    }

    static RunWrite NeedleRun(DateTimeOffset now) => new()
    {
        Id = Needle, Type = "etl", WorkflowName = Workflow, WorkflowVersion = "4.1", Environment = "prod", Status = RunStatus.Failed, StartedAt = now.AddMinutes(-50), CompletedAt = now.AddMinutes(-49), DurationMs = 60_000,
        ErrorMessage = Error, ErrorClass = "external_api", ErrorCode = "CERT_EXPIRED", Tags = [Tag, "tax"], Owner = "ana.ruiz@acme.example", InputsSummary = JsonPayload.Parse("""{"customer":{"name":"Osprey Logistics"},"total":1732.55}"""),
        Steps = [new StepWrite { Id = "step_send", NodeId = "node_1", Name = "send", Label = "Send filing", Type = StepType.Tool, Status = RunStatus.Failed, StartedAt = now.AddMinutes(-50), DurationMs = 60_000, ErrorMessage = Error }],
    };

    static RunWrite GoodRun(DateTimeOffset now) => new()
    {
        Id = LastGood, Type = "etl", WorkflowName = Workflow, WorkflowVersion = "4.0", Environment = "prod", Status = RunStatus.Completed, StartedAt = now.AddMinutes(-55), CompletedAt = now.AddMinutes(-54), DurationMs = 58_000,
        Steps = [new StepWrite { Id = "step_send", NodeId = "node_1", Name = "send", Label = "Send filing", Type = StepType.Tool, Status = RunStatus.Completed, StartedAt = now.AddMinutes(-55), DurationMs = 58_000 }],
    };

    static RunWrite Run(int i, int count, DateTimeOffset now)
    {
        // A few minutes free at the newest end would be odd; the first of all are days old.
        var started = now.AddDays(-30.0 * i / count).AddMinutes(-1);
        var failed = i % 12 == 5;
        return new RunWrite
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"run_m{i:000000}"), Type = i % 3 == 0 ? "etl" : "agent",
            WorkflowName = i % 10 == 3 && i / 10 < BigRuns ? Big : i % (count / 11) == 7 ? Workflow : Workflows[i % Workflows.Length],
            WorkflowVersion = "1." + (i % 5).ToString(CultureInfo.InvariantCulture), Environment = i % 7 == 0 ? "dev" : "prod", Status = failed ? RunStatus.Failed : RunStatus.Completed,
            StartedAt = started, CompletedAt = started.AddSeconds(2), DurationMs = 500 + i % 9000, Tags = i % (count / 9) == 4 ? [Tag] : i % 4 == 0 ? ["nightly"] : [],
            ErrorMessage = failed ? "Upstream answered 502 Bad Gateway for batch " + (i % 40).ToString(CultureInfo.InvariantCulture) : null, ErrorClass = failed ? "transient" : null,
            InputsSummary = i % 50 == 0 ? JsonPayload.Parse("""{"customer":{"name":"Heron Foods"},"total":12}""") : null,
        };
    }
}
