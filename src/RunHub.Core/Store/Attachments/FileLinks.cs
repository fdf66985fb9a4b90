using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using RunHub.Access.Secrets;

namespace RunHub.Store.Attachments;

/// <summary>What a signed link opens.</summary>
/// <param name="RunNo">The run; its tenant is part of the number.</param>
/// <param name="AttachmentId">The file.</param>
/// <param name="Shown">To be shown by the browser, where its type allows; else downloaded.</param>
/// <param name="ExpiresAt">From then on it opens nothing.</param>
public sealed record FileLink(long RunNo, string AttachmentId, bool Shown, DateTimeOffset ExpiresAt);

/// <summary>
/// Signed links, <c>/files/{token}</c>: whoever has one opens that file of that tenant until it expires, without a session.
/// The token is base64url of version, expiry, run, manner and id, followed by their HMAC-SHA256 under a key derived of the
/// master key, so that any node honours it.
/// </summary>
public sealed class FileLinks(MasterKey master, IOptions<AttachmentOptions> options, TimeProvider time)
{
    const byte Version = 1;
    const int Fixed = 1 + 8 + 8 + 1;
    const int MaxToken = 512;
    readonly Lazy<byte[]> key = new(() => master.Derive("file-links"));

    /// <summary>A link to a file.</summary>
    public (string Url, DateTimeOffset ExpiresAt) Make(AttachmentRow row, bool shown)
    {
        var expires = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + TimeSpan.FromMinutes(Math.Clamp(options.Value.LinkMinutes, 1, 1440))).ToUnixTimeSeconds());
        return ("/files/" + Write(new FileLink(row.RunNo, row.Id, shown, expires)), expires);
    }

    /// <summary>Reads a token; null: not one of ours, or changed. Whether it has expired is for the caller to judge.</summary>
    public FileLink? Read(string token)
    {
        if (token.Length > MaxToken || !Base64Url.IsValid(token)) return null;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length <= Fixed + HMACSHA256.HashSizeInBytes) return null;
        var said = bytes.AsSpan(0, bytes.Length - HMACSHA256.HashSizeInBytes);
        // The text must be the one we would write: base64 has spare bits.
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key.Value, said), bytes.AsSpan(said.Length)) || said[0] != Version || !string.Equals(Base64Url.EncodeToString(bytes), token, StringComparison.Ordinal)) return null;
        return new FileLink(BinaryPrimitives.ReadInt64BigEndian(said[9..]), Encoding.UTF8.GetString(said[Fixed..]), said[17] == 1, DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(said[1..])));
    }

    /// <summary>Has it expired.</summary>
    public bool HasExpired(FileLink link) => link.ExpiresAt <= time.GetUtcNow();

    string Write(FileLink link)
    {
        var id = Encoding.UTF8.GetBytes(link.AttachmentId);
        var bytes = new byte[Fixed + id.Length + HMACSHA256.HashSizeInBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), link.ExpiresAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(9), link.RunNo);
        bytes[17] = link.Shown ? (byte)1 : (byte)0;
        id.CopyTo(bytes, Fixed);
        HMACSHA256.HashData(key.Value, bytes.AsSpan(0, Fixed + id.Length), bytes.AsSpan(Fixed + id.Length));
        return Base64Url.EncodeToString(bytes);
    }
}
