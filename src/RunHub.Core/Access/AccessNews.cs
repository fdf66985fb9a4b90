using RunHub.Feed;

namespace RunHub.Access;

/// <summary>
/// Says on every node that something about access changed: <c>tenants</c>, <c>person:{number}</c> or <c>keys</c>; empty
/// when a node may have missed something and must forget all it knows. What is told here is heard here before
/// <see cref="Tell"/> returns, and on the other nodes moments later.
/// </summary>
public sealed class AccessNews
{
    const string Signal = "access";
    readonly Signals signals;
    Action<string>? handlers;
    TaskCompletionSource next = New();

    /// <summary>Listens from now on.</summary>
    public AccessNews(Signals signals)
    {
        this.signals = signals;
        signals.On(Signal, Hear);
    }

    /// <summary>Calls <paramref name="handler"/> with every change; it must not block.</summary>
    public void On(Action<string> handler) => handlers += handler;

    /// <summary>Completes when the next change is heard.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    /// <summary>Something changed and is committed.</summary>
    public void Tell(string what) => signals.Post(Signal, what);

    void Hear(string what)
    {
        handlers?.Invoke(what);
        Interlocked.Exchange(ref next, New()).TrySetResult();
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
