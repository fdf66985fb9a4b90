using System.Text;

namespace RunHub.Json;

/// <summary>
/// Workflow names, models, environments and the like repeat endlessly: this gives the string that was made for the same
/// bytes last time. One per thread, a fixed number of places, a newcomer takes the place of the old.
/// </summary>
sealed class StringCache
{
    const int MaxLength = 64;
    [ThreadStatic] static StringCache? current;
    readonly string?[] places = new string?[1024];

    /// <summary>The cache of this thread.</summary>
    public static StringCache Current => current ??= new StringCache();

    /// <summary>The string of valid UTF-8 <paramref name="bytes"/>.</summary>
    public string Get(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0) return "";
        if (bytes.Length > MaxLength) return Encoding.UTF8.GetString(bytes);
        uint hash = (uint)bytes.Length;
        foreach (var b in bytes) hash = (hash ^ b) * 16777619;
        ref var place = ref places[(hash ^ hash >> 16) & 1023];
        if (place is not null && place.Length == bytes.Length && Ascii.Equals(bytes, place)) return place;
        return place = Encoding.UTF8.GetString(bytes);
    }
}
