using RunHub.Access.Keys;
using RunHub.Store;

namespace RunHub.Access;

/// <summary>
/// Asks again whether a caller may still do what it was let in for: long-lived connections do so each minute and when
/// something about access changed.
/// </summary>
public sealed class StillAllowed(AccessDirectory directory, AccessNews news, Database database, TimeProvider time)
{
    /// <summary>How often a long-lived connection asks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Cancels <paramref name="stop"/> as soon as the caller may no longer do it; ends when <paramref name="stop"/> is cancelled.</summary>
    public async Task WatchAsync(HttpContext context, AccessAttribute access, CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                var changed = news.Next;
                if (!await AskAsync(context, access, stop.Token)) break;
                try
                {
                    await changed.WaitAsync(Every, time, stop.Token);
                }
                catch (TimeoutException)
                {
                    // Nothing changed for a minute: ask anyway.
                }
            }

            await stop.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
    }

    /// <summary>True while the session's person or the key is valid and satisfies <paramref name="access"/>.</summary>
    public async ValueTask<bool> AskAsync(HttpContext context, AccessAttribute access, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (caller.Kind == CallerKind.User)
        {
            var person = await directory.PersonAsync(caller.No, cancellationToken);
            return person is { IsDisabled: false }
                && string.Equals(person.Stamp, context.Features.Get<Person>()?.Stamp, StringComparison.Ordinal)
                && (caller with { Role = person.RoleIn(caller.Tenant.No), IsInstallationAdmin = person.IsInstallationAdmin }).May(access);
        }

        await using var sql = await database.ReadAsync(cancellationToken);
        var now = time.GetUtcNow().ToMicros();
        return await sql.Prepare("SELECT expires_at, revoked_at FROM api_keys WHERE key_no = @key_no").With(caller.No)
            .FirstAsync(r => r.IsDBNull(1) && (r.IsDBNull(0) || r.GetInt64(0) > now), cancellationToken);
    }
}
