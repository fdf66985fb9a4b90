namespace RunHub.Traces;

/// <summary>The texts of the trace of a run.</summary>
public sealed class TracesTexts;
