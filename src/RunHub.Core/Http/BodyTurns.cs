namespace RunHub.Http;

/// <summary>
/// Shares a fixed amount of memory among large bodies, first come, first served, so that memory does not grow with the number of
/// senders. One that is larger than all of it goes alone. Whoever has a turn may take more without waiting (how large a
/// body becomes is not always known), and those who come after wait until it is given back.
/// </summary>
public sealed class BodyTurns
{
    readonly Lock gate = new();
    readonly LinkedList<(long Bytes, TaskCompletionSource Turn)> waiting = new();
    readonly long total;
    long free;

    /// <summary>All of it is free.</summary>
    /// <param name="total">Bytes to share.</param>
    public BodyTurns(long total) => this.total = free = total;

    /// <summary>Waits for a turn.</summary>
    /// <returns>False when it did not come within <paramref name="patience"/>.</returns>
    public async ValueTask<bool> EnterAsync(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        LinkedListNode<(long, TaskCompletionSource Turn)> place;
        lock (gate)
        {
            if (waiting.Count == 0 && Fits(bytes))
            {
                free -= bytes;
                return true;
            }

            place = waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await place.ValueRef.Turn.Task.WaitAsync(patience, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (gate)
            {
                // The turn may have come in the same moment: then it goes to the next.
                if (place.List is null) free += bytes;
                else waiting.Remove(place);
                LetIn();
            }

            if (e is OperationCanceledException) throw;
            return false;
        }
    }

    /// <summary>Takes more, without waiting.</summary>
    public void Grow(long bytes)
    {
        lock (gate) free -= bytes;
    }

    /// <summary>Gives back what was entered with and grown by.</summary>
    public void Leave(long bytes)
    {
        lock (gate)
        {
            free += bytes;
            LetIn();
        }
    }

    bool Fits(long bytes) => bytes <= free || free == total;

    void LetIn()
    {
        while (waiting.First is { } first && Fits(first.ValueRef.Bytes))
        {
            free -= first.ValueRef.Bytes;
            waiting.RemoveFirst();
            first.ValueRef.Turn.SetResult();
        }
    }
}
