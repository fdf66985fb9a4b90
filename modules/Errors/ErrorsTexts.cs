namespace RunHub.Errors;

/// <summary>The texts of the page with failures grouped by error.</summary>
public sealed class ErrorsTexts;
