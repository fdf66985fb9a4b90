namespace RunHub.Store;

/// <summary>A piece of work that waits in the <see cref="WriteLane"/>, and whoever waits for it.</summary>
abstract class WorkItem
{
    public long Bytes { get; init; }

    public int Tries { get; set; }

    public Exception? Error { get; protected set; }

    public abstract bool Done { get; }

    public abstract bool SkipIfCanceled();

    public abstract ValueTask RunAsync(WriteScope scope, CancellationToken cancellationToken);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <summary>One with a result.</summary>
sealed class WorkItem<T>(Func<WriteScope, CancellationToken, ValueTask<T>> work, CancellationToken canceled) : WorkItem
{
    readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    T? result;

    public Task<T> Task => completion.Task;

    public override bool Done => completion.Task.IsCompleted;

    public override bool SkipIfCanceled() => canceled.IsCancellationRequested && completion.TrySetCanceled(canceled) || Done;

    public override async ValueTask RunAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        Error = null;
        try
        {
            result = await work(scope, cancellationToken);
        }
        catch (Exception e)
        {
            Error = e;
        }
    }

    public override void Complete()
    {
        if (Error is null) completion.TrySetResult(result!);
        else completion.TrySetException(Error);
    }

    public override void Fail(Exception error) => completion.TrySetException(error);
}
