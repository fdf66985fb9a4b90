namespace RunHub.Json;

/// <summary>A note as it is written out.</summary>
/// <param name="Author">Who.</param>
/// <param name="Note">What.</param>
/// <param name="At">When, microseconds since 1970.</param>
public readonly record struct RunNote(string Author, string Note, long At)
{
    /// <summary>The step it is about; null: the run.</summary>
    public string? StepId { get; init; }

    /// <summary>The part of a payload it is about, JSON; null: no part of one.</summary>
    public string? Anchor { get; init; }

    /// <summary>When it was last changed; null: never.</summary>
    public long? EditedAt { get; init; }
}
