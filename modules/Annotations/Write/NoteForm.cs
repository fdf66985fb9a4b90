using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Annotations;

namespace RunHub.Annotations.Write;

/// <summary>A step that a comment can be about.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What people call it.</param>
public sealed record StepChoice(string Id, string Title);

/// <summary>The form of a comment: on its own page, in the tab, or where somebody selected something.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Steps">Steps to choose from; a chosen one is among them.</param>
public sealed record NoteForm(string RunId, IReadOnlyList<StepChoice> Steps)
{
    /// <summary>Steps that are offered; others are commented from their card.</summary>
    public const int MaxSteps = 200;

    /// <summary>What was typed.</summary>
    public string? Note { get; init; }

    /// <summary>The step chosen; null: the run.</summary>
    public string? StepId { get; init; }

    /// <summary>Which payload something was selected in; null: nothing was.</summary>
    public string? Payload { get; init; }

    /// <summary>What was selected.</summary>
    public string? Quote { get; init; }

    /// <summary>What stands before it.</summary>
    public string? Prefix { get; init; }

    /// <summary>What stands after it.</summary>
    public string? Suffix { get; init; }

    /// <summary>It stands beside what it is about, which cannot be chosen there, and can be put away.</summary>
    public bool Inline { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? Fault { get; init; }

    /// <summary>Where it is posted.</summary>
    public string Url => $"/runs/{Uri.EscapeDataString(RunId)}/annotate";

    /// <summary>The selected part; null: none.</summary>
    public Anchor? Anchor => string.IsNullOrEmpty(Quote) ? null : new Anchor { Payload = Payload, Quote = Quote.ReplaceLineEndings("\n"), Prefix = Prefix?.ReplaceLineEndings("\n"), Suffix = Suffix?.ReplaceLineEndings("\n") };

    /// <summary>An empty one.</summary>
    public static async Task<NoteForm> NewAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken) =>
        new(run.Id, [.. (await RunReader.StepsAsync(sql, run.RunNo, StepPosition.Start, MaxSteps, cancellationToken)).Select(Choice)]);

    /// <summary>One about a step that must be there.</summary>
    /// <exception cref="ProblemException">404: no such step.</exception>
    public static async Task<NoteForm> OnAsync(SqlSession sql, RunRow run, string? stepId, CancellationToken cancellationToken)
    {
        var form = await NewAsync(sql, run, cancellationToken);
        if (string.IsNullOrEmpty(stepId)) return form;
        if (form.Steps.Any(s => s.Id == stepId)) return form with { StepId = stepId };
        var step = await RunReader.StepAsync(sql, run.RunNo, stepId, cancellationToken) ?? throw ProblemException.NotFound("step", stepId);
        return form with { StepId = stepId, Steps = [.. form.Steps, Choice(step)] };
    }

    static StepChoice Choice(StepRow step) => new(step.Id, step.Label is { } label && label != (step.NodeId ?? step.Name) ? $"{step.NodeId ?? step.Name} ({label})" : step.NodeId ?? step.Name);
}
