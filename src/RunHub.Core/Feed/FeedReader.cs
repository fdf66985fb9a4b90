namespace RunHub.Feed;

/// <summary>
/// A batch of one tenant's events in a chain that all its listeners walk: one chain whatever their number, and waking them
/// is completing one task. A listener that stands still keeps what follows it alive: whoever sends gives up on a peer that takes nothing for some seconds.
/// </summary>
sealed class FeedNode(IReadOnlyList<HubEvent> events)
{
    readonly TaskCompletionSource<FeedNode> next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<HubEvent> Events => events;

    public Task<FeedNode> Next => next.Task;

    public FeedNode Append(IReadOnlyList<HubEvent> following)
    {
        var node = new FeedNode(following);
        next.SetResult(node);
        return node;
    }
}

/// <summary>One listener's place in its tenant's events. Not thread-safe; dispose it to stop listening.</summary>
public sealed class FeedReader : IDisposable
{
    readonly EventFeed feed;
    FeedNode node;
    long had;
    int disposed;

    internal FeedReader(EventFeed feed, FeedKey key, FeedNode node, long from) => (this.feed, Key, this.node, From) = (feed, key, node, from);

    /// <summary>What it listens to.</summary>
    public FeedKey Key { get; }

    /// <summary>Number of the newest event when listening began: what is handed out comes after it.</summary>
    public long From { get; }

    /// <summary>Hands out nothing up to this event any more: whoever listens has had it, from a node that was ahead of this one.</summary>
    public void Skip(long upTo) => had = upTo;

    /// <summary>
    /// The next batch of events, never empty; null when nothing came within <paramref name="patience"/>.
    /// </summary>
    public async ValueTask<IReadOnlyList<HubEvent>?> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!node.Next.IsCompleted)
            {
                try
                {
                    await node.Next.WaitAsync(patience, cancellationToken);
                }
                catch (TimeoutException)
                {
                    return null;
                }
            }

            node = await node.Next;
            if (New(node.Events) is { Count: > 0 } events) return events;
        }
    }

    /// <summary>The next batch if it has come already, else null.</summary>
    public IReadOnlyList<HubEvent>? Next()
    {
        while (node.Next.IsCompletedSuccessfully)
        {
            node = node.Next.Result;
            if (New(node.Events) is { Count: > 0 } events) return events;
        }

        return null;
    }

    IReadOnlyList<HubEvent> New(IReadOnlyList<HubEvent> events) => events.Count == 0 || events[0].Seq > had ? events : [.. events.Where(e => e.Seq > had)];

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0) feed.Leave(Key);
    }
}
