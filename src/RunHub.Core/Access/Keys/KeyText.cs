using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace RunHub.Access.Keys;

/// <summary>The text of API keys: <c>rh_</c> + 43 characters of base64url, 256 random bits. Only its SHA-256 is stored.</summary>
public static class KeyText
{
    /// <summary>Longest text that is looked up at all.</summary>
    public const int MaxLength = 256;
    const int PrefixLength = 11;

    /// <summary>A new key.</summary>
    public static string Create() => "rh_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What lists show of it: <c>rh_</c> and eight characters more.</summary>
    public static string Prefix(string text) => text[..Math.Min(PrefixLength, text.Length / 3)];

    /// <summary>What the table holds.</summary>
    public static string Hash(string text) => Digest.Of(text).ToString();
}

/// <summary>A SHA-256, as a dictionary key that allocates nothing.</summary>
readonly record struct Digest(UInt128 High, UInt128 Low)
{
    public static Digest Of(ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = stackalloc byte[KeyText.MaxLength * 3];
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(text, utf8)], hash);
        return new Digest(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{High:X32}{Low:X32}");
}
