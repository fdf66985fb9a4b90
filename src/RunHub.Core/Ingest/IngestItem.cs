using RunHub.Access;
using RunHub.Store.Logs;
using RunHub.Store.Payloads;

namespace RunHub.Ingest;

/// <summary>One run of a batch on its way to the write lane.</summary>
public sealed class IngestItem
{
    Rejection? prepared;

    internal IngestItem(int index, Caller caller, RunWrite run) => (Index, Caller, Run) = (index, caller, run);

    /// <summary>Place in the batch as it was sent, from 0.</summary>
    public int Index { get; }

    /// <summary>Who sends it.</summary>
    public Caller Caller { get; }

    /// <summary>What is known; filters may change it.</summary>
    public RunWrite Run { get; }

    /// <summary>
    /// It is what another hub, or this one, gave out: nothing is added that it does not say, and it is a run of its own whatever
    /// other runs of its business event there are.
    /// </summary>
    public bool AsIs { get; init; }

    /// <summary>Why it will not be written; null while nothing is wrong.</summary>
    public Rejection? Rejection { get; private set; }

    internal IReadOnlyList<PackedChunk> Chunks { get; set; } = [];

    internal PayloadRef? Inputs { get; set; }

    internal PayloadRef? Outputs { get; set; }

    internal PayloadRef? Extra { get; set; }

    internal (PayloadRef? Input, PayloadRef? Output, PayloadRef? Extra)[] StepPayloads { get; set; } = [];

    internal IReadOnlyList<LogRow> Logs { get; set; } = [];

    /// <summary>Forgets what the lane said, not what the filters did: the lane may run work twice.</summary>
    internal void ForgetLane() => Rejection = prepared;

    /// <summary>From here on the lane speaks.</summary>
    internal void Seal() => prepared = Rejection;

    /// <summary>Says that it cannot be written. The first reason stands.</summary>
    /// <param name="status">HTTP status the item alone would be answered with.</param>
    /// <param name="path">JSON path within the item, such as <c>$.status</c>.</param>
    /// <param name="reason">One sentence.</param>
    public void Reject(int status, string path, string reason) => Rejection ??= new Rejection(Index, status, path, reason, Run.Id);
}

/// <summary>
/// Looks at every run before it is written, in the order of registration: validate, redact, fingerprint … It may change the
/// item or reject it. Called off the write lane, by many threads at once; no I/O.
/// </summary>
public interface IRunBatchFilter
{
    /// <summary>Looks at one item that nobody has rejected yet.</summary>
    void Apply(IngestItem item);
}

/// <summary>A run that was written.</summary>
/// <param name="Index">Place in the batch.</param>
/// <param name="Id">Its public id.</param>
/// <param name="Created">False when it was merged into an existing run.</param>
/// <param name="Status">Status it has now.</param>
public sealed record IngestedRun(int Index, string Id, bool Created, RunStatus Status)
{
    /// <summary>
    /// True when the run named here already does (or did) the work for the same business event: nothing was written, and
    /// reports under the id that was sent are answered with this run.
    /// </summary>
    public bool IsDuplicate { get; init; }

    /// <summary>Log lines that were not there before.</summary>
    public int LogsAdded { get; init; }
}

/// <summary>A run that was not written, and why.</summary>
/// <param name="Index">Place in the batch.</param>
/// <param name="Status">HTTP status it alone would be answered with: 400, 403, 404, 409 or 422.</param>
/// <param name="Path">JSON path within the item.</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Id">The id it was sent with, if any.</param>
public sealed record Rejection(int Index, int Status, string Path, string Reason, string? Id);

/// <summary>What became of a batch.</summary>
/// <param name="Accepted">Written, in order.</param>
/// <param name="Rejected">Not written, in order.</param>
public sealed record IngestResult(IReadOnlyList<IngestedRun> Accepted, IReadOnlyList<Rejection> Rejected);

/// <summary>A batch ready for the write lane.</summary>
public sealed class PreparedBatch
{
    internal PreparedBatch(IReadOnlyList<IngestItem> items, long bytes) => (Items, Bytes) = (items, bytes);

    /// <summary>The items, in order; rejected ones too.</summary>
    public IReadOnlyList<IngestItem> Items { get; }

    /// <summary>Bytes of packed payload: hand it to <see cref="Store.WriteLane.Run{T}"/> for the queue's limit.</summary>
    public long Bytes { get; }

    /// <summary>Runs must exist already; others are rejected with 404.</summary>
    public bool MustExist { get; init; }

    /// <summary>One rejection refuses the whole batch.</summary>
    public bool Atomic { get; init; }
}
