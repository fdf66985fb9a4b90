using Microsoft.Extensions.Hosting;
using RunHub.Access.Keys;
using RunHub.Access.Sessions;
using RunHub.Store;

namespace RunHub.Access;

/// <summary>Writes when keys and people were last seen, once a minute: a stamp is not worth a commit per request.</summary>
public sealed class FlushLastUse(KeyCache keys, LastSeen seen, WriteLane lane, TimeProvider time, ILogger<FlushLastUse> log) : BackgroundService
{
    /// <summary>Writes what has gathered.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var used = keys.Known.Select(k => (k.Caller.No, At: k.TakeUse())).Where(u => u.At != 0).ToList();
        var people = seen.Take();
        if (used.Count == 0 && people.Count == 0) return;
        await lane.Run(async (scope, ct) =>
        {
            foreach (var (no, at) in used)
                await scope.Sql.Prepare("UPDATE api_keys SET last_used_at = @at WHERE key_no = @no AND coalesce(last_used_at, 0) < @at").With(at, no).ExecuteAsync(ct);
            foreach (var (no, at) in people)
                await scope.Sql.Prepare("UPDATE users SET last_seen_at = @at WHERE user_no = @no AND coalesce(last_seen_at, 0) < @at").With(at, no).ExecuteAsync(ct);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await TryFlushAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            await TryFlushAsync(CancellationToken.None);
        }
    }

    async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogWarning(e, "Last-used times could not be written; they are tried again with the next ones");
        }
    }
}
