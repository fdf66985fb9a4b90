using System.Collections.Concurrent;
using Microsoft.AspNetCore.Authentication;

namespace RunHub.Access.Sessions;

/// <summary>
/// Reads session cookies, and remembers for a minute what it read: a page asks for dozens of things at once, and decrypting the same
/// cookie again took a tenth of a page's time. Whether the session still holds (expiry, stamp, user, tenant) is judged for each
/// request as before; only cookies that were genuine are remembered.
/// </summary>
sealed class KeptTickets(ISecureDataFormat<AuthenticationTicket> inner, TimeProvider time) : ISecureDataFormat<AuthenticationTicket>
{
    /// <summary>How long a cookie is not decrypted again.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    const int Most = 4096;
    readonly ConcurrentDictionary<string, (AuthenticationTicket Ticket, long At)> kept = new(StringComparer.Ordinal);

    public string Protect(AuthenticationTicket data) => inner.Protect(data);

    public string Protect(AuthenticationTicket data, string? purpose) => inner.Protect(data, purpose);

    public AuthenticationTicket? Unprotect(string? protectedText) => Unprotect(protectedText, null);

    public AuthenticationTicket? Unprotect(string? protectedText, string? purpose)
    {
        if (protectedText is null || !string.IsNullOrEmpty(purpose)) return inner.Unprotect(protectedText, purpose);
        if (kept.TryGetValue(protectedText, out var found) && time.GetElapsedTime(found.At) < KeptFor) return found.Ticket;
        var ticket = inner.Unprotect(protectedText, purpose);
        if (ticket is null) return null;
        if (kept.Count >= Most) kept.Clear();
        kept[protectedText] = (ticket, time.GetTimestamp());
        return ticket;
    }
}
