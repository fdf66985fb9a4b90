namespace RunHub.Otlp;

/// <summary>
/// Configuration section <c>otlp</c>: the installation's defaults. A tenant's own are the object <c>otlp</c> of its settings,
/// with the same names in snake_case; see docs/otlp.md.
/// </summary>
public sealed class OtlpOptions
{
    /// <summary>Largest body as it comes over the wire, and again after decompression, in bytes. Beyond: 413.</summary>
    public long MaxBodyBytes { get; set; } = 20L << 20;

    /// <summary>Environment of a run whose spans name none.</summary>
    public string Environment { get; set; } = "prod";

    /// <summary>Workflow type of a run whose spans name none.</summary>
    public string Type { get; set; } = "otlp";

    /// <summary>
    /// Which span ends a run: <c>trace</c>, the one without a parent; <c>entry</c>, also one whose parent is in another process.
    /// </summary>
    public string Root { get; set; } = "trace";

    /// <summary>Minutes without news after which a run without its root ends by what is held; 1 to 10080.</summary>
    public int SilenceMinutes { get; set; } = 10;

    /// <summary>
    /// Attributes a run's field is taken from, by the field's JSON name (<c>workflow_name, workflow_version, environment,
    /// thread_id, started_by, agent_id, business_event_id, lead_id, batch_id, owner, type, name</c>): the first that is present
    /// on a span or its resource. Replaces the built-in list of that field.
    /// </summary>
    public Dictionary<string, string[]> Attributes { get; set; } = new(StringComparer.Ordinal);
}
