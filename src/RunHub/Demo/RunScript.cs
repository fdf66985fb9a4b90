using System.Text.Json.Nodes;

namespace RunHub.Demo;

/// <summary>A run from beginning to end as the demo tells it; <see cref="ScriptJson"/> renders how far it is at a moment.</summary>
sealed class RunScript
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string Type { get; init; }

    public required string Workflow { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Between becoming known and starting.</summary>
    public TimeSpan Queued { get; set; }

    public string Environment { get; init; } = "prod";

    public string Trigger { get; init; } = "api";

    public string? StartedBy { get; init; }

    public string Actor { get; init; } = "system";

    public string? Owner { get; set; }

    public string? BusinessEvent { get; init; }

    public string? Lead { get; init; }

    public string? Batch { get; init; }

    public string? Thread { get; init; }

    public string? Agent { get; init; }

    public string? Parent { get; set; }

    public int Attempt { get; set; } = 1;

    public List<string> Tags { get; } = [];

    public List<StepScript> Steps { get; } = [];

    public JsonNode? Inputs { get; init; }

    public JsonNode? Outputs { get; set; }

    /// <summary>Final status.</summary>
    public RunStatus Ends { get; set; } = RunStatus.Completed;

    /// <summary>Waits for a person after this many steps; 0: never.</summary>
    public int WaitsAfter { get; set; }

    public TimeSpan Waits { get; set; }

    public bool Approved { get; set; } = true;

    public Failure? Failure { get; set; }

    public double? Accuracy { get; set; }

    public double? Experience { get; set; }

    public (string Author, string Note)? Annotation { get; set; }

    public DateTimeOffset StartedAt => CreatedAt + Queued;

    public DateTimeOffset EndsAt => StartedAt + Waits + TimeSpan.FromMilliseconds(Steps.Sum(s => s.Millis + StepScript.Gap));

    /// <summary>The moments at which something changes, in order.</summary>
    public IEnumerable<DateTimeOffset> Moments()
    {
        yield return CreatedAt;
        yield return StartedAt;
        for (var i = 0; i < Steps.Count; i++)
        {
            var (start, end) = Times(i);
            yield return start;
            yield return end;
            if (i + 1 == WaitsAfter) yield return end + TimeSpan.FromMilliseconds(1);
        }

        yield return EndsAt;
    }

    /// <summary>When step <paramref name="index"/> starts and ends.</summary>
    public (DateTimeOffset Start, DateTimeOffset End) Times(int index)
    {
        var start = StartedAt;
        for (var i = 0; i < index; i++)
        {
            start += TimeSpan.FromMilliseconds(Steps[i].Millis + StepScript.Gap);
            if (i + 1 == WaitsAfter) start += Waits;
        }

        return (start, start + TimeSpan.FromMilliseconds(Steps[index].Millis));
    }

    /// <summary>Ends at step <paramref name="index"/> with an error.</summary>
    public void FailAt(int index, Failure failure)
    {
        (Ends, Failure, Outputs) = (RunStatus.Failed, failure, null);
        Steps.RemoveRange(index + 1, Steps.Count - index - 1);
        var step = Steps[index];
        (step.Failure, step.Output, step.Score) = (failure, null, null);
        if (failure.Class == "transient") step.Retries = Math.Max(step.Retries, 3);
        if (WaitsAfter > index) (WaitsAfter, Waits) = (0, TimeSpan.Zero);
    }

    /// <summary>Somebody stops it during step <paramref name="index"/>.</summary>
    public void CancelAt(int index)
    {
        (Ends, Outputs) = (RunStatus.Canceled, null);
        Steps.RemoveRange(index + 1, Steps.Count - index - 1);
        (Steps[index].Canceled, Steps[index].Output, Steps[index].Score) = (true, null, null);
        if (WaitsAfter > index) (WaitsAfter, Waits) = (0, TimeSpan.Zero);
    }
}

/// <summary>A step of a <see cref="RunScript"/>.</summary>
sealed class StepScript(string name, StepType type, int millis)
{
    /// <summary>Milliseconds between two steps.</summary>
    public const int Gap = 12;

    public string Name { get; } = name;

    public StepType Type { get; } = type;

    public int Millis { get; set; } = millis;

    public string? NodeId { get; init; }

    public string? Label { get; init; }

    public int Retries { get; set; }

    public string? Model { get; init; }

    public string? Tool { get; init; }

    public string? Endpoint { get; init; }

    public JsonNode? Parameters { get; init; }

    public JsonNode? Input { get; init; }

    public JsonNode? Output { get; set; }

    public int TokensIn { get; init; }

    public int TokensOut { get; init; }

    public double? Score { get; set; }

    public string? ScoreReason { get; init; }

    public Failure? Failure { get; set; }

    public bool Canceled { get; set; }

    /// <summary>Dollars, at invented prices per million tokens.</summary>
    public decimal Cost => Model is null ? 0 : decimal.Round((TokensIn * (Model.Contains("mini", StringComparison.Ordinal) ? 0.2m : 2.4m) + TokensOut * (Model.Contains("mini", StringComparison.Ordinal) ? 0.8m : 9.6m)) / 1_000_000m, 6);
}

/// <summary>How something went wrong.</summary>
/// <param name="Code">The source's own code.</param>
/// <param name="Class">One of the five classes.</param>
/// <param name="Message">For people.</param>
/// <param name="Stack">Stack trace.</param>
sealed record Failure(string Code, string Class, string Message, string Stack);
