namespace RunHub.Store.Attachments;

/// <summary>Configuration section <c>Attachments</c>: files that hang on runs.</summary>
public sealed class AttachmentOptions
{
    /// <summary>Largest file, in bytes (default 50 MiB). Beyond: 413.</summary>
    public long MaxBytes { get; set; } = 50L << 20;

    /// <summary>Most files of one run. Beyond: 409.</summary>
    public int MaxPerRun { get; set; } = 1000;

    /// <summary>How long a signed link opens its file, 1 to 1440 minutes.</summary>
    public int LinkMinutes { get; set; } = 5;
}
