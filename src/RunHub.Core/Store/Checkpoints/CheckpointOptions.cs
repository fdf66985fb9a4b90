namespace RunHub.Store.Checkpoints;

/// <summary>Configuration section <c>Checkpoints</c>.</summary>
public sealed class CheckpointOptions
{
    /// <summary>Largest value of a checkpoint or write, in bytes (default 8 MiB). Beyond: 413.</summary>
    public int MaxBytes { get; set; } = 8 << 20;

    /// <summary>Most checkpoints of one run, namespaces of subgraphs included, and ten times as many writes. Beyond: 409.</summary>
    public int MaxPerRun { get; set; } = 10_000;
}
