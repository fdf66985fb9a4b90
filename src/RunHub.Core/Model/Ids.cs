using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RunHub;

/// <summary>Public ids.</summary>
public static class Ids
{
    /// <summary>Longest id accepted.</summary>
    public const int MaxLength = 128;

    /// <summary>What the ids of runs begin with that RunHub gives; nobody has to write it.</summary>
    public const string RunPrefix = "run_";

    /// <summary>Characters of the ending by which lists show an id that is long, and search finds it.</summary>
    public const int EndingLength = 8;

    /// <summary>Crockford's base32.</summary>
    internal const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary><c>run_</c> + 26 characters of Crockford base32 of a UUIDv7.</summary>
    public static string NewRun(DateTimeOffset now) => RunPrefix + Base32(Guid.CreateVersion7(now));

    /// <summary><c>step_</c> + 26 characters of Crockford base32 of a UUIDv7.</summary>
    public static string NewStep(DateTimeOffset now) => "step_" + Base32(Guid.CreateVersion7(now));

    /// <summary>The id of the run a trace makes: the same whenever and wherever its spans arrive.</summary>
    /// <param name="tenantNo">The tenant.</param>
    /// <param name="traceId">Trace id, lower case hex.</param>
    public static string OfTrace(long tenantNo, string traceId) => RunPrefix + Derived(tenantNo, traceId, "");

    /// <summary>The id of the step a span makes.</summary>
    /// <param name="tenantNo">The tenant.</param>
    /// <param name="traceId">Trace id, lower case hex.</param>
    /// <param name="spanId">Span id, lower case hex.</param>
    public static string OfSpan(long tenantNo, string traceId, string spanId) => "step_" + Derived(tenantNo, traceId, spanId);

    /// <summary>Null when <paramref name="id"/> may be a public id, else what is wrong with it.</summary>
    public static string? WhatIsWrong(string id)
    {
        if (id.Length is 0 or > MaxLength) return $"An id has 1 to {MaxLength} characters, this one has {id.Length}.";
        if (id is "." or "..") return "An id cannot be \".\" or \"..\".";
        if (char.IsWhiteSpace(id[0]) || char.IsWhiteSpace(id[^1])) return "An id cannot begin or end with white space.";
        for (var i = 0; i < id.Length; i++)
        {
            var c = id[i];
            if (c == '/') return "An id cannot contain \"/\".";
            if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFFFE' or '\uFFFF') return $"An id has printable characters only; character {i} is U+{(int)c:X4}.";
            if (char.IsSurrogate(c) && !(char.IsHighSurrogate(c) && i + 1 < id.Length && char.IsLowSurrogate(id[++i]))) return $"Character {i} of the id is half of a surrogate pair.";
        }

        return null;
    }

    static string Derived(long tenantNo, string traceId, string spanId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{tenantNo}/{traceId}/{spanId}")), hash);
        return Base32(new Guid(hash[..16], bigEndian: true));
    }

    /// <summary>26 characters of Crockford base32, most significant bits first.</summary>
    public static string Base32(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        var value = new UInt128(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        return string.Create(26, value, static (span, rest) =>
        {
            for (var i = span.Length - 1; i >= 0; i--, rest >>= 5) span[i] = Alphabet[(int)(rest & 31)];
        });
    }
}
