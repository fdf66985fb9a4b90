using RunHub.Access;
using RunHub.Store;

namespace RunHub.Ingest;

/// <summary>
/// The one way in: validate → (redact → fingerprint …) → pack → write lane. Every door (API, adapters, OTLP, executing
/// adapters, pages) translates to a <see cref="RunBatch"/> and ends here.
/// </summary>
public sealed class IngestRuns(WriteLane lane, IEnumerable<IRunBatchFilter> filters)
{
    readonly IRunBatchFilter[] filters = [.. filters];

    /// <summary>Prepares and writes in one transaction; answers when it is on disk.</summary>
    /// <param name="caller">Who sends it; decides the tenant.</param>
    /// <param name="batch">What arrived.</param>
    /// <param name="atomic">One rejection refuses the whole batch.</param>
    /// <param name="cancellationToken">Honoured until the write starts.</param>
    /// <exception cref="LaneFullException">Too much is waiting; nothing was written.</exception>
    public async Task<IngestResult> HandleAsync(Caller caller, RunBatch batch, bool atomic, CancellationToken cancellationToken)
    {
        var prepared = Prepare(caller, batch, atomic: atomic);
        if (prepared.Items.All(i => i.Rejection is not null) || atomic && prepared.Items.Any(i => i.Rejection is not null)) return Result(prepared, []);
        try
        {
            return await lane.Run((scope, ct) => WriteAsync(scope, prepared, ct), cancellationToken, prepared.Bytes);
        }
        catch (BatchRefusedException refused)
        {
            return refused.Result;
        }
    }

    /// <summary>Validates each item and packs payloads; off the lane, many callers at once.</summary>
    /// <param name="caller">Who sends it.</param>
    /// <param name="batch">What arrived.</param>
    /// <param name="mustExist">Runs must exist already (PATCH, steps).</param>
    /// <param name="atomic">One rejection refuses the whole batch.</param>
    /// <param name="asIs">What was given out by a hub comes back; see <see cref="IngestItem.AsIs"/>.</param>
    public PreparedBatch Prepare(Caller caller, RunBatch batch, bool mustExist = false, bool atomic = false, bool asIs = false)
    {
        var items = new IngestItem[batch.Runs.Count];
        long bytes = 0;
        for (var i = 0; i < items.Length; i++)
        {
            var item = items[i] = new IngestItem(i, caller, batch.Runs[i]) { AsIs = asIs };
            for (var f = 0; f < filters.Length && item.Rejection is null; f++) filters[f].Apply(item);
            if (item.Rejection is null) bytes += Packing.Pack(item);
            item.Seal();
        }

        return new PreparedBatch(items, bytes) { MustExist = mustExist, Atomic = atomic };
    }

    /// <summary>A change to a run that exists, made of parts that went through the filters already.</summary>
    internal PreparedBatch Ready(Caller caller, RunWrite run)
    {
        var item = new IngestItem(0, caller, run);
        var bytes = Packing.Pack(item);
        item.Seal();
        return new PreparedBatch([item], bytes) { MustExist = true };
    }

    /// <summary>Writes inside the lane, so that a caller can commit more with it (an idempotency key, an audit row).</summary>
    /// <exception cref="BatchRefusedException">The batch is atomic and an item was rejected: all of it is undone.</exception>
    public async ValueTask<IngestResult> WriteAsync(WriteScope scope, PreparedBatch batch, CancellationToken cancellationToken)
    {
        var accepted = new List<IngestedRun>(batch.Items.Count);
        var writer = new RunWriter(scope);
        if (!scope.Sql.IsSqlite && !batch.MustExist && batch.Items.Count > 0) await scope.RunNumbers.ReserveAsync(batch.Items[0].Caller.Tenant.No, batch.Items.Count, cancellationToken);
        foreach (var item in batch.Items)
        {
            item.ForgetLane();
            if (item.Rejection is null && await writer.WriteAsync(item, batch.MustExist, cancellationToken) is { } run) accepted.Add(run);
            if (batch.Atomic && item.Rejection is not null) throw new BatchRefusedException(Result(batch, []));
        }

        return Result(batch, accepted);
    }

    static IngestResult Result(PreparedBatch batch, IReadOnlyList<IngestedRun> accepted) =>
        new(accepted, [.. batch.Items.Select(i => i.Rejection).OfType<Rejection>()]);
}

/// <summary>An atomic batch was refused; <see cref="Result"/> says why.</summary>
public sealed class BatchRefusedException(IngestResult result) : Exception("The batch was refused as a whole.")
{
    /// <summary>Nothing accepted, and what was rejected.</summary>
    public IngestResult Result { get; } = result;
}
