using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.Steps.Timeline;

/// <summary>A stretch of time a run spent in one state.</summary>
/// <param name="Status">The state.</param>
/// <param name="From">Microseconds since 1970.</param>
/// <param name="To">Microseconds since 1970; a state that goes on ends now.</param>
public readonly record struct StateStretch(RunStatus Status, long From, long To);

/// <summary>
/// The states of a run one after the other: queued from its creation to its start, then running, and waiting where its events say so.
/// Events carry the hub's clock; what lies outside the run's own times, because the run was reported afterwards, is left out.
/// </summary>
public static class RunStates
{
    const int MostEvents = 500;

    /// <summary>Reads them; the state it is in now, or ended in, is not among them unless it goes on.</summary>
    public static async Task<IReadOnlyList<StateStretch>> ReadAsync(SqlSession sql, RunRow run, long now, CancellationToken cancellationToken)
    {
        var events = await sql.Prepare("SELECT type, at FROM events WHERE run_no = @run_no AND type <> @updated ORDER BY seq LIMIT @limit")
            .With(run.RunNo, (long)EventType.RunUpdated, (long)MostEvents).ListAsync(r => ((EventType)r.GetInt64(0), r.GetInt64(1)), cancellationToken);
        return Of(run, events, now);
    }

    /// <summary>The stretches of a run with these changes of state, in order.</summary>
    public static IReadOnlyList<StateStretch> Of(RunRow run, IReadOnlyList<(EventType Type, long At)> events, long now)
    {
        var stretches = new List<StateStretch>();
        var end = run.CompletedAt ?? (run.Status.IsFinal() ? run.StartedAt + run.DurationMs * 1000 : now);
        if (run.StartedAt is not { } start)
        {
            if (run.Status == RunStatus.Queued && now > run.CreatedAt) stretches.Add(new(RunStatus.Queued, run.CreatedAt, now));
            return stretches;
        }

        if (run.CreatedAt < start) stretches.Add(new(RunStatus.Queued, run.CreatedAt, start));
        if (end is not { } last || last < start) return stretches;
        var (status, from) = (RunStatus.Running, start);
        foreach (var (type, at) in events)
        {
            if (at <= from || at >= last || type is not (EventType.RunQueued or EventType.RunStarted or EventType.RunWaitingHuman)) continue;
            var next = (RunStatus)(int)type;
            if (next == status) continue;
            stretches.Add(new(status, from, at));
            (status, from) = (next, at);
        }

        // What it is in now counts more than what was heard of it.
        if (!run.Status.IsFinal()) status = run.Status;
        if (last > from) stretches.Add(new(status, from, last));
        return stretches;
    }
}
