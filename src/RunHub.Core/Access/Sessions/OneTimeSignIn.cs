using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace RunHub.Access.Sessions;

/// <summary>
/// Links that sign a person in once, within <see cref="Lifetime"/>, without a password: for <c>runhub demo</c>, which
/// prints one. In memory: only this process honours them, only until it stops.
/// </summary>
public sealed class OneTimeSignIn(TimeProvider time)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    const int MaxOpen = 1000;
    readonly ConcurrentDictionary<string, (long UserNo, long CreatedAt)> open = new(StringComparer.Ordinal);

    /// <summary>A local URL that signs this user in, once.</summary>
    public string Create(long userNo)
    {
        foreach (var (old, entry) in open) if (time.GetElapsedTime(entry.CreatedAt) > Lifetime || open.Count >= MaxOpen) open.TryRemove(old, out _);
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        open[Digest(token)] = (userNo, time.GetTimestamp());
        return "/sign-in/once?token=" + token;
    }

    /// <summary>The user a token is for; the token is worth nothing afterwards.</summary>
    public long? Redeem(string? token) => token is not null && open.TryRemove(Digest(token), out var entry) && time.GetElapsedTime(entry.CreatedAt) <= Lifetime ? entry.UserNo : null;

    static string Digest(string token) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
}
