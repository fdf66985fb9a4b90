namespace RunHub.Steps;

/// <summary>The texts of node cards.</summary>
public sealed class StepsTexts;
