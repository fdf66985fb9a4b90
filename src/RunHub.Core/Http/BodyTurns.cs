namespace RunHub.Http;

/// <summary>
/// Shares a fixed amount of memory among large bodies, so that it does not grow with the number of senders. Each is charged for what
/// has arrived of it, whatever it announced. One that becomes larger waits for more until there is some, or until it is the oldest: the
/// oldest always gets more, so that somebody always comes to an end. All of them together hold at most the total and one whole body.
/// </summary>
/// <param name="total">Bytes to share.</param>
/// <param name="time">The clock.</param>
public sealed class BodyTurns(long total, TimeProvider time)
{
    /// <summary>Bytes per second of which a body has to bring more while others wait for the memory it holds.</summary>
    public const long MinRate = 256 * 1024;

    /// <summary>How long a body may be slower, others waiting or not: connections take a moment to reach their speed.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    readonly Lock gate = new();
    readonly LinkedList<BodyTurn> holders = [];
    readonly LinkedList<Wish> growing = [];
    readonly LinkedList<Wish> entering = [];
    long free = total;

    /// <summary>Waits for a turn, first come, first served.</summary>
    /// <param name="bytes">What it takes at first.</param>
    /// <param name="patience">How long it waits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when it did not come within <paramref name="patience"/>.</returns>
    public async ValueTask<BodyTurn?> EnterAsync(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        var turn = new BodyTurn(this, time);
        return await AskAsync(entering, new Wish(turn, bytes), patience, cancellationToken) ? turn : null;
    }

    internal ValueTask<bool> GrowAsync(BodyTurn turn, long bytes, TimeSpan patience, CancellationToken cancellationToken) =>
        AskAsync(growing, new Wish(turn, bytes), patience, cancellationToken);

    internal void Leave(BodyTurn turn)
    {
        lock (gate) Return(turn);
    }

    internal bool OthersWait
    {
        get
        {
            lock (gate) return growing.Count + entering.Count > 0;
        }
    }

    async ValueTask<bool> AskAsync(LinkedList<Wish> queue, Wish wish, TimeSpan patience, CancellationToken cancellationToken)
    {
        LinkedListNode<Wish> place;
        lock (gate)
        {
            place = queue.AddLast(wish);
            LetIn();
            if (place.List is null) return true;
        }

        try
        {
            await wish.Granted.Task.WaitAsync(patience, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (gate)
            {
                // It may have come in the same moment: then it goes to the next. A turn that only grew is left by who holds it.
                if (place.List is not null) queue.Remove(place);
                else if (queue == entering) Return(wish.Turn);
                LetIn();
            }

            if (e is OperationCanceledException) throw;
            return false;
        }
    }

    void Return(BodyTurn turn)
    {
        if (turn.Place is null) return;
        holders.Remove(turn.Place);
        turn.Place = null;
        free += turn.Held;
        turn.Held = 0;
        LetIn();
    }

    void LetIn()
    {
        for (var node = growing.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Bytes <= free || node.Value.Turn == holders.First?.Value) Grant(growing, node);
            node = next;
        }

        // Who is inside comes to an end first: that is what gives memory back.
        while (growing.Count == 0 && entering.First is { } first && (first.Value.Bytes <= free || holders.Count == 0))
        {
            first.Value.Turn.Place = holders.AddLast(first.Value.Turn);
            Grant(entering, first);
        }
    }

    void Grant(LinkedList<Wish> queue, LinkedListNode<Wish> node)
    {
        queue.Remove(node);
        free -= node.Value.Bytes;
        node.Value.Turn.Held += node.Value.Bytes;
        node.Value.Granted.SetResult();
    }

    sealed record Wish(BodyTurn Turn, long Bytes)
    {
        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A body's share; dispose it to give it back.</summary>
public sealed class BodyTurn : IDisposable
{
    readonly BodyTurns turns;
    readonly TimeProvider time;
    long since;
    long arrivedBefore = -1;
    TimeSpan waited;

    internal BodyTurn(BodyTurns turns, TimeProvider time) => (this.turns, this.time) = (turns, time);

    /// <summary>Bytes it is charged for.</summary>
    public long Held { get; internal set; }

    internal LinkedListNode<BodyTurn>? Place { get; set; }

    /// <summary>Waits until it may take <paramref name="bytes"/> more. This time is not held against the sender.</summary>
    /// <returns>False when it may not within <paramref name="patience"/>.</returns>
    public async ValueTask<bool> GrowAsync(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        var from = time.GetTimestamp();
        var granted = await turns.GrowAsync(this, bytes, patience, cancellationToken);
        waited += time.GetElapsedTime(from);
        return granted;
    }

    /// <summary>True when others wait for what it holds and less than <see cref="BodyTurns.MinRate"/> has come since it has its turn.</summary>
    /// <param name="arrived">Bytes that have arrived of it by now.</param>
    public bool IsTooSlow(long arrived)
    {
        if (arrivedBefore < 0) (since, arrivedBefore) = (time.GetTimestamp(), arrived);
        var read = time.GetElapsedTime(since) - waited;
        return read >= BodyTurns.Grace && arrived - arrivedBefore < BodyTurns.MinRate * read.TotalSeconds && turns.OthersWait;
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Leave(this);
}
