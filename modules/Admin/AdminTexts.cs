namespace RunHub.Admin;

/// <summary>The texts of sign-in, set-up, profile and administration.</summary>
public sealed class AdminTexts;
