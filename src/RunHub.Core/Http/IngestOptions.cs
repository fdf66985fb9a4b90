namespace RunHub.Http;

/// <summary>Configuration section <c>Ingest</c>: what a request body may be.</summary>
public sealed class IngestOptions
{
    /// <summary>Largest body as it comes over the wire, and again after decompression, in bytes. Beyond: 413.</summary>
    public long MaxBodyBytes { get; set; } = 32L << 20;

    /// <summary>How deep JSON may nest, 8 to 512. Beyond: the item is refused.</summary>
    public int MaxDepth { get; set; } = 128;

    /// <summary>How many runs, or steps of one run, a request may carry.</summary>
    public int MaxItems { get; set; } = 10_000;

    /// <summary>How many hours in the future a time may lie before it is taken for nonsense.</summary>
    public int MaxFutureHours { get; set; } = 24;

    /// <summary>Times after this are nonsense; <see cref="MaxFutureHours"/> says how far ahead.</summary>
    public DateTimeOffset Latest(DateTimeOffset now) => now + TimeSpan.FromHours(FutureHours);

    /// <summary>What is said of a time too far ahead.</summary>
    public string TooFarAhead => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"A time more than {FutureHours} hours ahead of the hub's clock cannot be right.");

    internal int FutureHours => Math.Clamp(MaxFutureHours, 0, 100 * 366 * 24);

    /// <summary>Requests per second that one key or person (see <see cref="LimitPer"/>) may report with; 0: any number. Beyond: 429.</summary>
    public int RequestsPerSecond { get; set; }

    /// <summary>Requests that may come at once after a pause; 0: twice <see cref="RequestsPerSecond"/>.</summary>
    public int Burst { get; set; }

    /// <summary><c>key</c>: each key and person for itself; <c>tenant</c>: all of a tenant together.</summary>
    public string LimitPer { get; set; } = "key";

    /// <summary>How many hours the answer to a request with an <c>Idempotency-Key</c> is kept.</summary>
    public int IdempotencyHours { get; set; } = 24;
}
