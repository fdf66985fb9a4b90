namespace RunHub.Access;

/// <summary>
/// Asks again whether a caller may still do what it was let in for: long-lived connections do so each minute and when
/// something about access changed.
/// </summary>
public sealed class StillAllowed(AccessDirectory directory, AccessNews news, RecallCaller recall, TimeProvider time)
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
        // A session dies with the person's stamp: a new password, signed out everywhere.
        if (caller.Kind == CallerKind.User && context.Features.Get<Person>()?.Stamp != (await directory.PersonAsync(caller.No, cancellationToken))?.Stamp) return false;
        return await recall.HandleAsync(caller.Tenant.No, caller.Kind, caller.No, cancellationToken) is { } now && now.May(access);
    }
}
