using System.Globalization;
using RunHub.Access;
using RunHub.Ingest;

namespace RunHub.BrowserTests;

/// <summary>Runs whose steps are worth a waterfall; backfill, so that they do not stand in the list of production.</summary>
static class SeedSteps
{
    /// <summary>Steps within steps, retried, waited for, failed, at work and without times.</summary>
    public const string Nested = "run_n3sted";

    /// <summary>A run of 450 steps, two of which failed.</summary>
    public const string Many = "run_m4ny";

    public static async Task FillAsync(TestHub hub, Caller caller)
    {
        var at = hub.Get<TimeProvider>().GetUtcNow().AddDays(-13);
        var runs = new[] { Agent(Nested, at), ManySteps(Many, at, 450) };
        Assert.Empty((await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = [.. runs] }, atomic: true, default)).Rejected);
    }

    /// <summary>A run of so many steps in batches of fifty; the last but one and one in the middle failed.</summary>
    public static RunWrite ManySteps(string id, DateTimeOffset at, int count) => new()
    {
        Id = id, Type = "etl", WorkflowName = "nightly_enrichment", Environment = "prod", Status = RunStatus.Failed, BatchId = "steps-2024", StartedAt = at, CompletedAt = at.AddMilliseconds(count * 9), ErrorMessage = "2 calls failed",
        Steps = [.. Enumerable.Range(0, count).Select(i => new StepWrite
        {
            Id = "s" + i.ToString(CultureInfo.InvariantCulture), Name = (i % 50 == 0 ? "batch_" : "call_") + i.ToString(CultureInfo.InvariantCulture), ParentStepId = i % 50 == 0 ? null : "s" + (i / 50 * 50).ToString(CultureInfo.InvariantCulture),
            Type = i % 50 == 0 ? StepType.Io : StepType.Model, Status = i == count / 2 + 7 || i == count - 2 ? RunStatus.Failed : RunStatus.Completed, ErrorMessage = i == count / 2 + 7 || i == count - 2 ? "no answer from the model within 30 s" : null,
            StartedAt = at.AddMilliseconds(i * 9), DurationMs = i % 50 == 0 ? 445 : 3 + i % 37, Tokens = i % 50 == 0 ? null : 5 + i * 7 % 400, Output = JsonPayload.Parse("""{"text":"done"}"""),
        })],
    };

    static RunWrite Agent(string id, DateTimeOffset at)
    {
        StepWrite Step(string step, StepType type, int from, int ms, string? parent = null) => new() { Id = step, Name = step, Type = type, Status = RunStatus.Completed, StartedAt = at.AddMilliseconds(from), DurationMs = ms, ParentStepId = parent };
        return new()
        {
            Id = id, Type = "agent", WorkflowName = "article_research", WorkflowVersion = "3.1", Environment = "prod", Status = RunStatus.Failed, BatchId = "steps-2024", CreatedAt = at.AddSeconds(-3), StartedAt = at, CompletedAt = at.AddMilliseconds(20_300),
            ErrorMessage = "429 Too Many Requests", ErrorClass = "transient", ErrorStepId = "write_article",
            Steps =
            [
                Step("plan_research", StepType.Decision, 0, 620) with { Tokens = 900, CostUsd = 0.0021m, Label = "Plan the research" },
                Step("research_agent", StepType.Io, 650, 9400),
                Step("web_search", StepType.Tool, 700, 2100, "research_agent") with { Retries = 2 },
                Step("read_a_page_with_a_name_that_is_longer_than_its_column", StepType.Io, 1100, 900, "web_search"),
                Step("read_page", StepType.Io, 1200, 1500, "web_search"),
                Step("summarise_sources", StepType.Model, 2900, 3100, "research_agent") with { Tokens = 12_400, CostUsd = 0.031m, ComputeMs = 2100, ValidationPassed = true, ValidationScore = 0.92 },
                Step("ask_editor", StepType.Decision, 10_100, 4200) with { Status = RunStatus.WaitingHuman },
                Step("write_article", StepType.Model, 15_100, 5200) with { Status = RunStatus.Failed, Retries = 3, Tokens = 8200, CostUsd = 0.041m, ValidationPassed = false, ErrorMessage = "429 Too Many Requests: the organisation has used its tokens per minute; try again in 31 s" },
                new StepWrite { Id = "notify", Name = "notify", Type = StepType.Tool, Status = RunStatus.Canceled },
            ],
        };
    }
}
