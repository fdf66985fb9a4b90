using System.Collections.Concurrent;

namespace RunHub.Plugins;

/// <summary>
/// Runs a plugin's code on threads of its own and stops waiting when its time is up. The thread of a call that hangs is
/// lost until the call returns (nothing can stop it in-process), so there are never more than a fixed number of them. Idle
/// threads are kept: making one for each call cost more than the calls.
/// </summary>
sealed class PluginThreads(string pluginId, int most)
{
    readonly SemaphoreSlim slots = new(most, most);
    readonly ConcurrentStack<Worker> idle = new();

    /// <summary>Runs <paramref name="code"/> within <paramref name="limit"/>, waiting for a free thread included.</summary>
    public async Task<PluginOutcome<T>> RunAsync<T>(Func<T> code, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!await slots.WaitAsync(limit, cancellationToken)) return new PluginOutcome<T>(PluginEnd.Busy);
        var done = new TaskCompletionSource<PluginOutcome<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var worker = idle.TryPop(out var kept) ? kept : new Worker(pluginId);
        worker.Do(() =>
        {
            PluginOutcome<T> outcome;
            try
            {
                outcome = new PluginOutcome<T>(PluginEnd.Returned) { Value = code() };
            }
            catch (Exception e)
            {
                outcome = new PluginOutcome<T>(PluginEnd.Threw) { Error = e };
            }

            idle.Push(worker);
            slots.Release();
            done.SetResult(outcome);
        });
        try
        {
            return await done.Task.WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new PluginOutcome<T>(PluginEnd.Hung);
        }
    }

    /// <summary>A thread that does one piece of work after another and holds on to none.</summary>
    sealed class Worker
    {
        readonly SemaphoreSlim wake = new(0, 1);
        Action? work;

        public Worker(string pluginId)
        {
            var thread = new Thread(Loop) { IsBackground = true, Name = "plugin:" + pluginId };
            // Without the caller's execution context: nothing ambient of the request crosses the door.
            thread.UnsafeStart();
        }

        public void Do(Action next)
        {
            Volatile.Write(ref work, next);
            wake.Release();
        }

        void Loop()
        {
            while (true)
            {
                wake.Wait();
                // Taken out first: by the end of it the thread may have its next piece.
                Interlocked.Exchange(ref work, null)!();
            }
        }
    }
}

/// <summary>How a call of a plugin's code ended.</summary>
enum PluginEnd
{
    /// <summary>With a value.</summary>
    Returned,

    /// <summary>With an exception.</summary>
    Threw,

    /// <summary>Not within its time.</summary>
    Hung,

    /// <summary>It never began: all threads of the plugin are taken.</summary>
    Busy,
}

/// <summary>What came of a call.</summary>
readonly record struct PluginOutcome<T>(PluginEnd End)
{
    public T Value { get; init; } = default!;

    public Exception? Error { get; init; }
}
