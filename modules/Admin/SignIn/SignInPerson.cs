using System.Net;
using System.Net.Sockets;
using RunHub.Access;
using RunHub.Access.People;
using RunHub.Access.Sessions;
using RunHub.Store;

namespace RunHub.Admin.SignIn;

/// <summary>
/// Signs people in by email and password. Ten tries per account and thirty per address at once, then one per half minute
/// and per ten seconds; a good one does not count. Whether the account exists shows neither in the answer nor in its time.
/// </summary>
public sealed class SignInPerson(Database database, WriteLane lane, AccessDirectory directory, TimeProvider time) : IDisposable
{
    readonly Throttle accounts = new(time, 10, TimeSpan.FromSeconds(30));
    readonly Throttle addresses = new(time, 30, TimeSpan.FromSeconds(10));

    // Hashing is meant to be slow: it may take half the machine, not all of it.
    readonly SemaphoreSlim hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Starts a session, or says why not.</summary>
    public async Task<SignInResult> HandleAsync(HttpContext context, string? email, string? password)
    {
        var cancellationToken = context.RequestAborted;
        var account = Emails.Normalize(email);
        if (Take(context, account) is { } wait) return new SignInResult(false, wait);
        var found = account is null ? null : await FindAsync(account, cancellationToken);
        var fits = await FitsAsync(found?.PasswordHash, password ?? "", cancellationToken);
        var person = fits && found is { IsDisabled: false } ? await directory.PersonAsync(found.UserNo, cancellationToken) : null;
        if (person is not { IsDisabled: false })
        {
            await AuditAsync("session.refused", account ?? "(no email)", null, cancellationToken);
            return new SignInResult(false, null);
        }

        accounts.GiveBack(account!);
        addresses.GiveBack(AddressOf(context));
        await StartAsync(context, person, "password");
        return new SignInResult(true, null);
    }

    /// <summary>Does the password fit a hash (null: never), throttled and bounded like a sign-in.</summary>
    public async Task<bool> FitsAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        await hashing.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Passwords.Fits(hash, password), cancellationToken);
        }
        finally
        {
            hashing.Release();
        }
    }

    /// <summary>Counts a try against account and address; how long to wait when there were too many.</summary>
    public TimeSpan? Take(HttpContext context, string? account) =>
        addresses.Take(AddressOf(context)) ?? (account is null ? null : accounts.Take(account));

    /// <summary>Starts a session for a person who has proved who they are; <paramref name="how"/> goes to the audit trail.</summary>
    public async Task StartAsync(HttpContext context, Person person, string how)
    {
        var tenants = await directory.TenantsOfAsync(person, context.RequestAborted);
        await AuditAsync("session.started", person.Email, new { how, address = context.Connection.RemoteIpAddress?.ToString() }, context.RequestAborted);
        await Session.StartAsync(context, person, tenants.Count > 0 ? tenants[0] : Tenant.None);
        LookPreferences.Write(context, person.Language, person.Theme);
    }

    /// <inheritdoc/>
    public void Dispose() => hashing.Dispose();

    async Task<Account?> FindAsync(string email, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT user_no, password_hash, disabled_at FROM users WHERE email = @email").With(email)
            .FirstAsync(r => new Account(r.GetInt64(0), r.Text(1), !r.IsDBNull(2)), cancellationToken);
    }

    Task AuditAsync(string action, string email, object? detail, CancellationToken cancellationToken) =>
        lane.Run(async (scope, ct) => await scope.AuditAsync(new AuditEntry(null, "user", email, action, "user", email, detail), ct), cancellationToken);

    // An IPv6 customer has a /64 at least: its addresses count as one.
    static string AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    sealed record Account(long UserNo, string? PasswordHash, bool IsDisabled);
}

/// <summary>How a sign-in went.</summary>
/// <param name="Succeeded">A session has started.</param>
/// <param name="Wait">Not null: too many tries; come back after this time.</param>
public readonly record struct SignInResult(bool Succeeded, TimeSpan? Wait);
