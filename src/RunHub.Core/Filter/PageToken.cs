using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using RunHub.Http;

namespace RunHub.Filter;

/// <summary>
/// Where a list goes on: a position and not a count, so that it stays right while runs arrive. Opaque outside: base64url
/// of version, flags, part of the list, key of the last run (or of the last one looked at), and a checksum over these, the tenant
/// and the filter. It guards against mistakes, not against forgery: whatever stands in it, a list shows its tenant's runs alone.
/// </summary>
/// <param name="Segment">Which part of the list: a status when sorted by status, ids before texts when searching.</param>
/// <param name="IdsFirst">The search lists ids before texts.</param>
/// <param name="SortAt">Time of the last run.</param>
/// <param name="RunNo">Number of the last run.</param>
/// <param name="Duration">Duration of the last run when sorted by it.</param>
/// <param name="Since">Oldest time in the window when sorted by duration.</param>
readonly record struct PageToken(int Segment, bool IdsFirst, long SortAt, long RunNo, long Duration, long Since)
{
    const byte Version = 1;
    const int BodyLength = 3 + 4 * sizeof(long);
    const int CheckLength = 10;

    public string Write(long tenantNo, RunFilter filter)
    {
        Span<byte> bytes = stackalloc byte[BodyLength + CheckLength];
        bytes[0] = Version;
        bytes[1] = IdsFirst ? (byte)1 : (byte)0;
        bytes[2] = (byte)Segment;
        BinaryPrimitives.WriteInt64BigEndian(bytes[3..], SortAt);
        BinaryPrimitives.WriteInt64BigEndian(bytes[11..], RunNo);
        BinaryPrimitives.WriteInt64BigEndian(bytes[19..], Duration);
        BinaryPrimitives.WriteInt64BigEndian(bytes[27..], Since);
        Check(bytes[..BodyLength], tenantNo, filter, bytes[BodyLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="Write"/> wrote for the same tenant and list.</summary>
    /// <exception cref="ProblemException">400: cut, changed, or made for another list.</exception>
    public static PageToken Read(string token, long tenantNo, RunFilter filter)
    {
        Span<byte> bytes = stackalloc byte[BodyLength + CheckLength], check = stackalloc byte[CheckLength];
        if (token.Length == Base64Url.GetEncodedLength(bytes.Length) && Base64Url.IsValid(token, out var length) && length == bytes.Length
            && Base64Url.TryDecodeFromChars(token, bytes, out _) && bytes[0] == Version)
        {
            Check(bytes[..BodyLength], tenantNo, filter, check);
            if (check.SequenceEqual(bytes[BodyLength..]))
            {
                return new PageToken(bytes[2], bytes[1] == 1, BinaryPrimitives.ReadInt64BigEndian(bytes[3..]), BinaryPrimitives.ReadInt64BigEndian(bytes[11..]),
                    BinaryPrimitives.ReadInt64BigEndian(bytes[19..]), BinaryPrimitives.ReadInt64BigEndian(bytes[27..]));
            }
        }

        throw ProblemException.Invalid("query.next_token",
            "It does not belong to this list: it was cut or changed, or made for other filters or another order. Ask for the first page again.");
    }

    static void Check(ReadOnlySpan<byte> body, long tenantNo, RunFilter filter, Span<byte> check)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> whole = stackalloc byte[32];
        BinaryPrimitives.WriteInt64BigEndian(whole, tenantNo);
        hash.AppendData(body);
        hash.AppendData(whole[..8]);
        hash.AppendData(Encoding.UTF8.GetBytes(filter.ListKey));
        hash.GetHashAndReset(whole);
        whole[..CheckLength].CopyTo(check);
    }
}
