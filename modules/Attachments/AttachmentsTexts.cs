namespace RunHub.Attachments;

/// <summary>The texts of the tab with a run's files.</summary>
public sealed class AttachmentsTexts;
