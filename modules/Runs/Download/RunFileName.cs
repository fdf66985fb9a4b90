using System.Globalization;

namespace RunHub.Runs;

/// <summary>Name of a run's file, such as <c>run_8f2a_2025-01-25.json</c>.</summary>
public static class RunFileName
{
    const int Characters = 4;
    const int UuidLength = 26;
    // 26 characters hold a UUIDv7: ten of them 48 bits of time, the eleventh its version; then it is random.
    const int RandomFrom = 11;
    const string Base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>
    /// The first four safe characters of the id (of its random part where RunHub made it, else of the id without
    /// <c>run_</c>) and the UTC date of the start, else of the creation.
    /// </summary>
    public static string Of(string id, DateTimeOffset date) => $"run_{Short(id)}_{date.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.json";

    static string Short(string id)
    {
        var text = id.StartsWith("run_", StringComparison.Ordinal) ? id[4..] : id;
        var isOurs = text.Length == UuidLength && text.Length < id.Length && !text.AsSpan().ContainsAnyExcept(Base32);
        var safe = new string([.. (isOurs ? text[RandomFrom..] : text).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(Characters)]);
        return safe.Length > 0 ? safe : "0000";
    }
}
