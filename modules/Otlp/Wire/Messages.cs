namespace RunHub.Otlp.Wire;

/// <summary>
/// Attributes in order of arrival, the first of equal keys. A value is null, string, bool, long, double, byte[],
/// <see cref="List{T}"/> of values, or another <see cref="AttributeSet"/>.
/// </summary>
sealed class AttributeSet
{
    readonly Dictionary<string, object?> values = new(StringComparer.Ordinal);
    readonly List<string> keys = [];

    public static AttributeSet Empty { get; } = new();

    public int Count => keys.Count;

    public IReadOnlyList<string> Keys => keys;

    public object? this[string key] => values.GetValueOrDefault(key);

    public void Add(string key, object? value)
    {
        if (values.TryAdd(key, value)) keys.Add(key);
    }

    public bool Has(string key) => values.ContainsKey(key);
}

/// <summary>Who produced the telemetry.</summary>
sealed class Resource
{
    public static Resource Empty { get; } = new();

    public AttributeSet Attributes { get; set; } = AttributeSet.Empty;
}

/// <summary>The instrumentation that made it.</summary>
sealed class Scope
{
    public static Scope Empty { get; } = new();

    public string Name { get; set; } = "";

    public string Version { get; set; } = "";

    public AttributeSet Attributes { get; set; } = AttributeSet.Empty;
}

sealed class SpanEvent
{
    public ulong Time { get; set; }

    public string Name { get; set; } = "";

    public AttributeSet Attributes { get; set; } = AttributeSet.Empty;
}

sealed class SpanLink
{
    public string TraceId { get; set; } = "";

    public string SpanId { get; set; } = "";

    public string TraceState { get; set; } = "";

    public AttributeSet Attributes { get; set; } = AttributeSet.Empty;
}

/// <summary>A span. Ids are lower case hex, empty where absent; what was not hex or has another length stays as it came.</summary>
sealed class Span
{
    public Resource Resource { get; set; } = Resource.Empty;

    public Scope Scope { get; set; } = Scope.Empty;

    public string TraceId { get; set; } = "";

    public string SpanId { get; set; } = "";

    public string ParentSpanId { get; set; } = "";

    public string TraceState { get; set; } = "";

    public string Name { get; set; } = "";

    /// <summary>0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.</summary>
    public int Kind { get; set; }

    public ulong Start { get; set; }

    public ulong End { get; set; }

    public AttributeSet Attributes { get; set; } = AttributeSet.Empty;

    public List<SpanEvent> Events { get; } = [];

    public List<SpanLink> Links { get; } = [];

    public long Dropped { get; set; }

    /// <summary>0 unset, 1 ok, 2 error.</summary>
    public int StatusCode { get; set; }

    public string StatusMessage { get; set; } = "";

    public uint Flags { get; set; }

    /// <summary>The parent is in another process, as far as the sender says.</summary>
    public bool HasRemoteParent => (Flags & 0x300) == 0x300;
}

sealed class LogRecord
{
    public Resource Resource { get; set; } = Resource.Empty;

    public Scope Scope { get; set; } = Scope.Empty;

    public ulong Time { get; set; }

    public ulong ObservedTime { get; set; }

    public int Severity { get; set; }

    public string SeverityText { get; set; } = "";

    public object? Body { get; set; }

    public AttributeSet Attributes { get; set; } = AttributeSet.Empty;

    public string TraceId { get; set; } = "";

    public string SpanId { get; set; } = "";

    public string EventName { get; set; } = "";
}

/// <summary>The body is not OTLP; answered with 400, which clients do not repeat.</summary>
sealed class BadOtlpException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Ids on the wire.</summary>
static class WireIds
{
    /// <summary>32 hex digits, not all zero.</summary>
    public static bool IsTrace(string id) => IsHex(id, 32);

    /// <summary>16 hex digits, not all zero.</summary>
    public static bool IsSpan(string id) => IsHex(id, 16);

    static bool IsHex(string id, int length)
    {
        if (id.Length != length) return false;
        var any = false;
        foreach (var c in id)
        {
            if (!char.IsAsciiHexDigitLower(c)) return false;
            any |= c != '0';
        }

        return any;
    }
}
