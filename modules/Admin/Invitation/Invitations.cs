using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using RunHub.Access;
using RunHub.Access.People;
using RunHub.Store;

namespace RunHub.Admin.Invitation;

/// <summary>
/// Links with which a person sets their password: invitation and reset alike. Nothing is stored: the token is sealed and
/// carries the user's stamp, which changes when it is used, so it works once, and for a week.
/// </summary>
public sealed class Invitations(IDataProtectionProvider protection, WriteLane lane, AccessDirectory directory)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    readonly ITimeLimitedDataProtector protector = protection.CreateProtector("RunHub.Invitation").ToTimeLimitedDataProtector();

    /// <summary>A local URL for this user.</summary>
    public string Create(long userNo, string stamp) =>
        "/invitation?token=" + protector.Protect(string.Create(CultureInfo.InvariantCulture, $"{userNo}|{stamp}"), Lifetime);

    /// <summary>Whom a token is for; null when it is used up, too old, or no token.</summary>
    public async ValueTask<Person?> FindAsync(string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token) || token.Length > 2000) return null;
        string[] parts;
        try
        {
            parts = protector.Unprotect(token).Split('|');
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }

        var person = await directory.PersonAsync(long.Parse(parts[0], CultureInfo.InvariantCulture), cancellationToken);
        return person is { IsDisabled: false } && string.Equals(person.Stamp, parts[1], StringComparison.Ordinal) ? person : null;
    }

    /// <summary>Sets password and name and ends all sessions; false when the link was used in between.</summary>
    public async Task<bool> AcceptAsync(Person person, string name, string passwordHash, CancellationToken cancellationToken)
    {
        var done = await lane.Run<bool>(async (scope, ct) =>
        {
            var changed = await scope.Sql.Prepare("""
                UPDATE users SET password_hash = @hash, name = @name, stamp = @stamp
                WHERE user_no = @user_no AND stamp = @old AND disabled_at IS NULL
                """).With(passwordHash, name, AccessWriter.NewStamp(), person.No, person.Stamp).ExecuteAsync(ct);
            if (changed == 0) return false;
            await scope.AuditAsync(new AuditEntry(null, "user", person.Email, "user.password_set", "user", person.Email), ct);
            return true;
        }, cancellationToken);
        directory.ForgetPerson(person.No);
        return done;
    }
}
