using System.Threading.Channels;

namespace RunHub.Benchmarks.Floors;

/// <summary>One writing thread; whoever waits when a transaction begins is in it, and is answered when it is on disk.</summary>
sealed class GroupCommit : IDisposable
{
    readonly Channel<(List<FloorRun> Runs, TaskCompletionSource Done)> queue = Channel.CreateUnbounded<(List<FloorRun>, TaskCompletionSource)>(new UnboundedChannelOptions { SingleReader = true });
    readonly Thread thread;

    public GroupCommit(string file)
    {
        thread = new Thread(() => Loop(file)) { IsBackground = true };
        thread.Start();
    }

    public Task WriteAsync(List<FloorRun> runs)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Writer.TryWrite((runs, done));
        return done.Task;
    }

    public void Dispose()
    {
        queue.Writer.TryComplete();
        thread.Join();
    }

    void Loop(string file)
    {
        using var database = new FloorDatabase(file, write: true);
        var writer = new FloorWriter(database);
        var answered = new List<TaskCompletionSource>();
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            writer.Begin();
            var written = 0;
            while (written < 10_000 && queue.Reader.TryRead(out var item))
            {
                foreach (var run in item.Runs) writer.Insert(run);
                written += item.Runs.Count;
                answered.Add(item.Done);
            }

            writer.Commit();
            foreach (var done in answered) done.SetResult();
            answered.Clear();
        }
    }
}
