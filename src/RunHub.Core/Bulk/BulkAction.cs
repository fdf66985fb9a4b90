using System.Data.Common;
using RunHub.Access;
using RunHub.Store;

namespace RunHub.Bulk;

/// <summary>Where a bulk action stands; the number is stored, and the open ones come first.</summary>
public enum BulkState
{
    /// <summary>The runs it is about are being written down: from then on the set is frozen.</summary>
    Listing = 0,

    /// <summary>Working.</summary>
    Running = 1,

    /// <summary>Stopped by a person, by "first N, then pause", or because its author may no longer do it.</summary>
    Paused = 2,

    /// <summary>Every run was looked at.</summary>
    Completed = 3,

    /// <summary>Given up by a person; what was done stays done.</summary>
    Aborted = 4,
}

/// <summary>What became of one run; the number is stored.</summary>
public enum BulkItemState
{
    /// <summary>Not yet.</summary>
    Pending = 0,

    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>It was so already.</summary>
    Unchanged = 2,

    /// <summary>It could not be done; the reason stands beside it.</summary>
    Failed = 3,
}

/// <summary>Something done to many runs: an object with a name, a frozen set, progress and a report.</summary>
/// <param name="No">Number; never shown.</param>
/// <param name="Tenant">Whose runs.</param>
/// <param name="Id">Public id, <c>bulk_…</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Kind">Name of its <see cref="IBulkKind"/>.</param>
/// <param name="Settings">What the kind was told, JSON.</param>
/// <param name="Filter">The filter it was made from, as a query; null: a selection.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it is paused, where a person did not say so.</param>
/// <param name="Total">Runs in the set; grows while <see cref="BulkState.Listing"/>.</param>
/// <param name="Done">Runs changed.</param>
/// <param name="Unchanged">Runs that were so already.</param>
/// <param name="Failed">Runs it could not be done to.</param>
/// <param name="Rate">Most runs a second; null: as fast as ingest leaves room.</param>
/// <param name="PauseAfter">It pauses after so many runs; null: it does not, or it did.</param>
/// <param name="UndoOf">Id of the bulk action it takes back; null: it is an action of its own.</param>
/// <param name="By">Who made it: email or key name.</param>
/// <param name="CreatedAt">Microseconds since 1970, UTC.</param>
/// <param name="StartedAt">When work began.</param>
/// <param name="FinishedAt">When it completed or was aborted.</param>
public sealed record BulkAction(long No, long Tenant, string Id, string Name, string Kind, string Settings, string? Filter, BulkState State, string? Reason,
    long Total, long Done, long Unchanged, long Failed, long? Rate, long? PauseAfter, string? UndoOf, string By, long CreatedAt, long? StartedAt, long? FinishedAt)
{
    internal const string Columns =
        "bulk_no, tenant_no, id, name, kind, settings, filter, state, reason, total, done, unchanged, failed, rate, pause_after, undo_of, caller_name, created_at, started_at, finished_at, list_token, caller_kind, caller_no";

    /// <summary>Runs looked at.</summary>
    public long Seen => Done + Unchanged + Failed;

    /// <summary>It still has work to do, now or later.</summary>
    public bool IsOpen => State is BulkState.Listing or BulkState.Running or BulkState.Paused;

    /// <summary>Where the listing goes on.</summary>
    internal string? ListToken { get; private init; }

    internal CallerKind CallerKind { get; private init; }

    internal long CallerNo { get; private init; }

    internal static BulkAction Read(DbDataReader r) => new(r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.Text(6), (BulkState)r.GetInt64(7), r.Text(8),
        r.GetInt64(9), r.GetInt64(10), r.GetInt64(11), r.GetInt64(12), r.Long(13), r.Long(14), r.Text(15), r.GetString(16), r.GetInt64(17), r.Long(18), r.Long(19))
    {
        ListToken = r.Text(20), CallerKind = (CallerKind)r.GetInt64(21), CallerNo = r.GetInt64(22),
    };
}

/// <summary>One run of a bulk action.</summary>
/// <param name="No">Place in the set, from 1.</param>
/// <param name="RunId">The run.</param>
/// <param name="State">What became of it.</param>
/// <param name="Reason">Why it failed.</param>
public sealed record BulkItem(long No, string RunId, BulkItemState State, string? Reason);

/// <summary>Something that can be done to many runs. Modules register theirs; delete and the acts are Core's.</summary>
public interface IBulkKind
{
    /// <summary>Its name in API, database and resources, such as <c>tag</c>.</summary>
    string Name { get; }

    /// <summary>Who may do it.</summary>
    AccessAttribute Needs { get; }

    /// <summary>False: it cannot be taken back, and the page says so before.</summary>
    bool CanUndo { get; }

    /// <summary>Reads the settings and gets ready; off the write lane.</summary>
    /// <exception cref="Http.ProblemException">400: the settings are not what they should be.</exception>
    IBulkWork Prepare(Caller caller, string settings);
}

/// <summary>A kind with its settings, ready for the write lane.</summary>
public interface IBulkWork
{
    /// <summary>Does it to one run inside the lane.</summary>
    /// <param name="scope">The open transaction, shared with other runs of the action.</param>
    /// <param name="runId">The run.</param>
    /// <param name="input">What the item carries, JSON; null for most kinds.</param>
    /// <param name="because">For the audit trail: the bulk action's id.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Http.ProblemException">It cannot be done to this run; nothing of it was written.</exception>
    ValueTask<BulkStep> ApplyAsync(WriteScope scope, string runId, string? input, string because, CancellationToken cancellationToken);
}

/// <summary>What became of one run.</summary>
/// <param name="Changed">False: it was so already.</param>
/// <param name="Undo">What takes it back, JSON; null where nothing can.</param>
public readonly record struct BulkStep(bool Changed, string? Undo);
