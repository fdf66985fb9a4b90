namespace RunHub.Client.Reporting;

/// <summary>
/// Runs with changes, in the order in which they got their first; and the bound on all that waits. What has been taken
/// counts until it is settled: delivered, refused, or on disk.
/// </summary>
sealed class ReportQueue(RunHubClientOptions options)
{
    readonly Lock gate = new();
    readonly Queue<RunState> dirty = new();

    // Of a run that was taken, what did not go with the batch; only who takes looks here.
    readonly Queue<TakenRun> pieces = new();
    readonly List<(long Upto, TaskCompletionSource Done)> flushes = [];
    TaskCompletionSource arrived = NewSource();
    TaskCompletionSource room = NewSource();
    long added;
    long settled;
    long items;
    long bytes;
    long dropped;

    public long Items => Interlocked.Read(ref items);

    public long Bytes => Interlocked.Read(ref bytes);

    public long DroppedCount => Interlocked.Read(ref dropped);

    /// <summary>True: what begins now is left out.</summary>
    public bool DropsNow => options.WhenFull == WhenFull.Drop && IsFull;

    bool IsFull => Items >= options.MaxQueued || Bytes >= options.MaxQueuedBytes;

    public void Dropped() => Interlocked.Increment(ref dropped);

    /// <summary>Called by a run under its own lock.</summary>
    public void Add(RunState run, bool enqueue, int moreItems, long moreBytes)
    {
        Interlocked.Add(ref items, moreItems);
        Interlocked.Add(ref bytes, moreBytes);
        if (!enqueue) return;
        lock (gate)
        {
            dirty.Enqueue(run);
            added++;
            arrived.TrySetResult();
        }
    }

    /// <summary>Waits while the queue is full (<see cref="WhenFull.Wait"/>).</summary>
    public async ValueTask RoomAsync(CancellationToken cancellationToken)
    {
        while (options.WhenFull == WhenFull.Wait && IsFull)
        {
            Task wait;
            lock (gate)
            {
                if (!IsFull) return;
                arrived.TrySetResult();
                wait = room.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when there is something to take.</summary>
    public Task ArrivedAsync()
    {
        lock (gate) return arrived.Task;
    }

    /// <summary>True: there is a reason not to wait for more.</summary>
    public bool IsUrgent
    {
        get
        {
            lock (gate) return flushes.Count > 0 || IsFull || dirty.Count >= options.BatchSize || Bytes >= options.BatchBytes;
        }
    }

    /// <summary>Takes a batch in order; empty when nothing waits.</summary>
    public List<TakenRun> Take()
    {
        var batch = new List<TakenRun>();
        long size = 0;
        while (batch.Count < options.BatchSize && size < options.BatchBytes)
        {
            if (pieces.TryDequeue(out var piece))
            {
                size += piece.Json.Length;
                batch.Add(piece);
                continue;
            }

            RunState? run;
            lock (gate)
            {
                if (!dirty.TryDequeue(out run))
                {
                    if (arrived.Task.IsCompleted) arrived = NewSource();
                    break;
                }
            }

            foreach (var taken in run.Take()) pieces.Enqueue(taken);
        }

        return batch;
    }

    /// <summary>These are delivered, refused, lost or on disk.</summary>
    public void Settle(List<TakenRun> batch)
    {
        Interlocked.Add(ref items, -batch.Sum(r => r.Items));
        Interlocked.Add(ref bytes, -batch.Sum(r => r.Bytes));
        lock (gate)
        {
            settled += batch.Count(r => r.IsLast);
            for (var i = flushes.Count - 1; i >= 0; i--)
            {
                if (flushes[i].Upto > settled) continue;
                flushes[i].Done.TrySetResult();
                flushes.RemoveAt(i);
            }

            room.TrySetResult();
            room = NewSource();
        }
    }

    /// <summary>Completes when everything that was added until now is settled.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var done = NewSource();
        lock (gate)
        {
            if (settled == added) return;
            flushes.Add((added, done));
            arrived.TrySetResult();
        }

        try
        {
            await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (gate) flushes.RemoveAll(f => f.Done == done);
        }
    }

    static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
