using System.Globalization;

namespace RunHub.Client;

/// <summary>Words and ids as the API spells them.</summary>
static class Words
{
    const string Base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static string Of(StepKind kind) => kind switch { StepKind.Model => "model", StepKind.Tool => "tool", StepKind.Decision => "decision", _ => "io" };

    public static string Of(RunTrigger trigger) => trigger switch { RunTrigger.Schedule => "schedule", RunTrigger.Api => "api", _ => "manual" };

    public static string Of(LogKind kind) => kind.ToString().ToLowerInvariant();

    public static string Of(ErrorKind kind) => kind switch
    {
        ErrorKind.Transient => "transient",
        ErrorKind.ValidationFailed => "validation_failed",
        ErrorKind.ExternalApi => "external_api",
        ErrorKind.PolicyDenied => "policy_denied",
        _ => "bug",
    };

    /// <summary>Microseconds are what the hub keeps.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The prefix and 26 characters Crockford base32 of a UUIDv7: ids sort by time.</summary>
    public static string NewId(string prefix, DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> text = stackalloc char[26];
        for (var i = text.Length - 1; i >= 0; i--, number >>= 5) text[i] = Base32[(int)(number & 31)];
        return string.Concat(prefix, text);
    }
}
