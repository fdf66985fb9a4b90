namespace RunHub.Client.Reporting;

/// <summary>
/// The one that sends: takes batches from the queue, in order, one request at a time. When the hub cannot take one, it goes to
/// disk where there is a spill folder, and everything after it, until what is there has been sent; else it is tried again
/// until it goes through, while the queue fills up.
/// </summary>
sealed class Sender : IAsyncDisposable
{
    readonly RunHubClientOptions options;
    readonly ReportQueue queue;
    readonly HubTransport transport;
    readonly SpillFolder? spill;
    readonly Backoff backoff;
    readonly CancellationTokenSource stop = new();
    readonly TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task loop;
    List<TakenRun> held = [];
    DateTimeOffset notBefore;
    string? failure;
    volatile bool isClosing;
    long delivered, rejected, lost, retries, spilled, spillBytes, failedClosing;

    public Sender(RunHubClientOptions options, ReportQueue queue, HubTransport transport)
    {
        (this.options, this.queue, this.transport) = (options, queue, transport);
        backoff = new Backoff(options);
        spill = options.SpillFolder is { } folder ? SpillFolder.Open(folder, options.MaxSpillBytes) : null;
        spillBytes = spill?.Bytes ?? 0;
        // The sender belongs to nobody's request or trace.
        var flow = ExecutionContext.IsFlowSuppressed() ? (AsyncFlowControl?)null : ExecutionContext.SuppressFlow();
        loop = Task.Run(LoopAsync);
        flow?.Undo();
    }

    public RunHubCounters Counters => new()
    {
        Delivered = Interlocked.Read(ref delivered),
        Rejected = Interlocked.Read(ref rejected),
        Lost = Interlocked.Read(ref lost),
        Dropped = queue.DroppedCount,
        Requests = transport.Requests,
        Retries = Interlocked.Read(ref retries),
        Spilled = Interlocked.Read(ref spilled),
        SpillBytes = Interlocked.Read(ref spillBytes),
        Queued = queue.Items,
        QueuedBytes = queue.Bytes,
        LastFailure = failure,
    };

    /// <summary>Delivers what waits, for at most the time the options give; the rest goes to disk, or is lost and told.</summary>
    public async ValueTask DisposeAsync()
    {
        isClosing = true;
        closing.TrySetResult();
        using (var deadline = new CancellationTokenSource(options.DisposeTimeout, options.Time))
        {
            try
            {
                await queue.FlushAsync(deadline.Token).ConfigureAwait(false);
                // What is on disk is safe: one more try, and on while it goes well. A try that was under way is not that one.
                while (Interlocked.Read(ref spillBytes) > 0 && Interlocked.Read(ref failedClosing) == 0) await Task.Delay(TimeSpan.FromMilliseconds(10), options.Time, deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The deadline: what is left is dealt with below.
            }
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Leave();
        spill?.Dispose();
        stop.Dispose();
    }

    async Task LoopAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (spill is { IsEmpty: false }) await ReplayAsync(spill).ConfigureAwait(false);
                else await NextAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A disk that fails, a handler that throws: nothing is dropped, it is tried again.
                Failed(e.Message, null, isClosing);
                await WaitAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>One batch, straight to the hub.</summary>
    async Task NextAsync()
    {
        if (held.Count == 0)
        {
            await queue.ArrivedAsync().WaitAsync(stop.Token).ConfigureAwait(false);
            if (!queue.IsUrgent && !isClosing) await LingerAsync().ConfigureAwait(false);
            held = queue.Take();
            if (held.Count == 0) return;
        }

        var last = isClosing;
        var result = await transport.SendAsync([.. held.Select(r => (ReadOnlyMemory<byte>)r.Json)], stop.Token).ConfigureAwait(false);
        Told(result);
        SettleHeld(result.Settled);
        if (result.Failure is null)
        {
            Reached();
            return;
        }

        Failed(result.Failure, result.RetryAfter, last);
        if (!ToDisk()) await WaitAsync().ConfigureAwait(false);
    }

    /// <summary>What is on disk goes first; what comes meanwhile goes there too.</summary>
    async Task ReplayAsync(SpillFolder folder)
    {
        if (held.Count == 0) held = queue.Take();
        var stuck = held.Count > 0 && !ToDisk();
        if (options.Time.GetUtcNow() < notBefore)
        {
            // With a full disk new arrivals are no news; else they go there at once.
            await WaitAsync(orArrival: !stuck).ConfigureAwait(false);
            return;
        }

        var lines = folder.Peek(options.BatchSize, options.BatchBytes, Unreadable, out var end);
        var last = isClosing;
        var result = lines.Count == 0 ? new SendResult(0, [], null, null) : await transport.SendAsync([.. lines.Select(l => l.Json)], stop.Token).ConfigureAwait(false);
        Told(result);
        if (result.Settled == lines.Count) folder.Advance(end);
        else if (result.Settled > 0) folder.Advance(lines[result.Settled - 1].End);
        Interlocked.Exchange(ref spillBytes, folder.Bytes);
        if (result.Failure is null) Reached();
        else Failed(result.Failure, result.RetryAfter, last);
    }

    /// <summary>True: what is held is on disk, and settled by that.</summary>
    bool ToDisk()
    {
        if (spill is null || held.Count == 0) return false;
        try
        {
            if (!spill.Append([.. held.Select(r => (ReadOnlyMemory<byte>)r.Json)])) return false;
        }
        catch (IOException e)
        {
            failure = e.Message;
            return false;
        }

        Interlocked.Add(ref spilled, held.Count);
        Interlocked.Exchange(ref spillBytes, spill.Bytes);
        SettleHeld(held.Count);
        return true;
    }

    void SettleHeld(int count)
    {
        if (count == 0) return;
        queue.Settle(held.GetRange(0, count));
        held.RemoveRange(0, count);
    }

    /// <summary>The first change waits a little for others; a flush or a full batch ends the wait.</summary>
    async Task LingerAsync()
    {
        var until = options.Time.GetUtcNow() + options.BatchDelay;
        while (!queue.IsUrgent && !isClosing)
        {
            var left = until - options.Time.GetUtcNow();
            if (left <= TimeSpan.Zero) return;
            await Task.Delay(left < TimeSpan.FromMilliseconds(20) ? left : TimeSpan.FromMilliseconds(20), options.Time, stop.Token).ConfigureAwait(false);
        }
    }

    async Task WaitAsync(bool orArrival = false)
    {
        var left = notBefore - options.Time.GetUtcNow();
        if (left <= TimeSpan.Zero) return;
        // Who closes does not sit out a pause that began before.
        var hurries = !closing.Task.IsCompleted;
        var pause = hurries ? Task.WhenAny(Task.Delay(left, options.Time, stop.Token), closing.Task) : Task.Delay(left, options.Time, stop.Token);
        if (orArrival && await Task.WhenAny(pause, queue.ArrivedAsync()).ConfigureAwait(false) != pause) await LingerAsync().ConfigureAwait(false);
        else await pause.ConfigureAwait(false);
        if (hurries && isClosing) notBefore = default;
    }

    void Told(SendResult result)
    {
        Interlocked.Add(ref delivered, result.Settled - result.Rejected.Count);
        Interlocked.Add(ref rejected, result.Rejected.Count);
        foreach (var (_, run) in result.Rejected) Tell(run);
    }

    void Unreadable(ReadOnlyMemory<byte> line)
    {
        Interlocked.Increment(ref lost);
        Tell(new RejectedRun(null, 0, "$", "A line of the spill folder is damaged.", line));
    }

    /// <summary>At the very end: to disk, or lost.</summary>
    void Leave()
    {
        for (; held.Count > 0 || (held = queue.Take()).Count > 0;)
        {
            if (ToDisk()) continue;
            Interlocked.Add(ref lost, held.Count);
            foreach (var run in held) Tell(new RejectedRun(run.RunId, 0, "$", "The client was closed before the hub could be reached" + (failure is null ? "." : ": " + failure), run.Json));
            SettleHeld(held.Count);
        }
    }

    void Failed(string reason, TimeSpan? retryAfter, bool last)
    {
        Interlocked.Increment(ref retries);
        if (last) Interlocked.Increment(ref failedClosing);
        var pause = backoff.Next(retryAfter);
        // As in WaitAsync: who closes does not sit out what a try from before brought.
        notBefore = isClosing && !last ? default : options.Time.GetUtcNow() + pause;
        var isNews = failure is null;
        failure = reason;
        if (isNews) Say(reason);
    }

    void Reached()
    {
        backoff.Reset();
        notBefore = default;
        if (failure is null) return;
        failure = null;
        Say(null);
    }

    void Tell(RejectedRun run)
    {
        try
        {
            options.OnRejected?.Invoke(run);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Somebody else's code; what was not taken is counted all the same.
        }
    }

    void Say(string? reason)
    {
        try
        {
            options.OnUnreachable?.Invoke(reason);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Somebody else's code.
        }
    }
}
