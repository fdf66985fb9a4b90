using System.Collections.Concurrent;

namespace RunHub.Search;

/// <summary>
/// Runs asynchronous work on one thread of its own, below the others where the system heeds that: what it awaits goes on here. Long work
/// without a pause, as SQLite's calls are, takes no thread of the pool away from requests.
/// </summary>
sealed class QuietThread : SynchronizationContext
{
    readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> posted = [];

    QuietThread() { }

    /// <summary>Starts <paramref name="work"/> on a new thread; the task ends as the work does.</summary>
    public static Task RunAsync(string name, Func<Task> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            var context = new QuietThread();
            SetSynchronizationContext(context);
            var task = work();
            _ = task.ContinueWith(_ => context.posted.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            foreach (var (callback, state) in context.posted.GetConsumingEnumerable()) callback(state);
            done.SetFromTask(task);
        }) { IsBackground = true, Name = name, Priority = ThreadPriority.BelowNormal }.Start();
        return done.Task;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            posted.Add((d, state));
        }
        catch (InvalidOperationException)
        {
            // The work is done; whatever it left running goes on elsewhere.
            ThreadPool.QueueUserWorkItem(_ => d(state));
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits for this thread.");

    public override SynchronizationContext CreateCopy() => this;
}
