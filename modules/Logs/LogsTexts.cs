namespace RunHub.Logs;

/// <summary>The texts of logs.</summary>
public sealed class LogsTexts;
