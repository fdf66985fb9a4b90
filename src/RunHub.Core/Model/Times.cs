using System.Globalization;

namespace RunHub;

/// <summary>Microseconds since 1970 inside, ISO 8601 with <c>Z</c> outside.</summary>
public static class Times
{
    /// <summary>To microseconds since 1970, UTC; ticks below are cut.</summary>
    public static long ToMicros(this DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>From microseconds since 1970.</summary>
    public static DateTimeOffset FromMicros(long micros) => new(DateTime.UnixEpoch.Ticks + micros * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary><c>2025-10-28T10:14:03.8Z</c>: no more digits of the fraction than there are.</summary>
    public static string ToIso(long micros) => FromMicros(micros).UtcDateTime.ToString(
        micros % 1_000_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
