namespace RunHub.Checkpoints;

/// <summary>The texts of the tab with a run's checkpoints.</summary>
public sealed class CheckpointsTexts;
