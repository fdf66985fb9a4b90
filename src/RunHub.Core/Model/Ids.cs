using System.Buffers.Binary;

namespace RunHub;

/// <summary>Public ids.</summary>
public static class Ids
{
    /// <summary>Longest id accepted.</summary>
    public const int MaxLength = 128;
    const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary><c>run_</c> + 26 characters of Crockford base32 of a UUIDv7.</summary>
    public static string NewRun(DateTimeOffset now) => "run_" + Base32(Guid.CreateVersion7(now));

    /// <summary><c>step_</c> + 26 characters of Crockford base32 of a UUIDv7.</summary>
    public static string NewStep(DateTimeOffset now) => "step_" + Base32(Guid.CreateVersion7(now));

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
