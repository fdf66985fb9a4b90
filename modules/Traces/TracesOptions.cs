namespace RunHub.Traces;

/// <summary>Section <c>Traces</c>.</summary>
public sealed class TracesOptions
{
    /// <summary>
    /// Address of a trace in a tracing system: an absolute http(s) address with <c>{trace_id}</c> and, if it takes one, <c>{span_id}</c>. Null: there is
    /// none.
    /// </summary>
    public string? Link { get; set; }

    /// <summary>The address for a trace, or for one of its spans; null: nothing usable is configured.</summary>
    public string? Of(string traceId, string? spanId = null)
    {
        if (Link is not { Length: > 0 } template || !template.Contains("{trace_id}", StringComparison.Ordinal)) return null;
        var address = template.Replace("{trace_id}", Uri.EscapeDataString(traceId), StringComparison.Ordinal).Replace("{span_id}", Uri.EscapeDataString(spanId ?? ""), StringComparison.Ordinal);
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? address : null;
    }
}
