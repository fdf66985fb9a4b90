namespace RunHub.Runs;

/// <summary>The texts of the run list and the run's page.</summary>
public sealed class RunsTexts;
