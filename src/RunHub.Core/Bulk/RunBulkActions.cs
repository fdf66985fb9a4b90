using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Store;
using RunHub.Store.Blobs;

namespace RunHub.Bulk;

/// <summary>
/// Works on open bulk actions, some runs a transaction, each action in turn, so that ingest and other actions go on. What it
/// knows is in the rows: after a restart it goes on where it was. On PostgreSQL a lease says which node works on one.
/// </summary>
public sealed class RunBulkActions(WriteLane lane, Database database, RunQuery query, BulkActions actions, RecallCaller recall, BulkFiles files, KeepBlobs blobs, Signals signals, TimeProvider time, ILogger<RunBulkActions> log)
    : BackgroundService
{
    const int ItemsPerTransaction = 40;
    const long LeaseMicros = 30_000_000;
    static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(200);
    readonly string node = Guid.NewGuid().ToString("N");
    readonly SemaphoreSlim wake = new(0, 1);
    readonly Dictionary<long, Pace> paces = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signals.On(BulkActions.Moved, _ => Wake());
        while (!stoppingToken.IsCancellationRequested)
        {
            var patience = Look;
            try
            {
                var open = await OpenAsync(stoppingToken);
                foreach (var gone in paces.Keys.Except(open.Select(b => b.No)).ToList()) paces.Remove(gone);
                foreach (var bulk in open)
                {
                    var wait = await TurnAsync(bulk, stoppingToken);
                    if (wait < patience) patience = wait;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "Bulk actions stopped for {Seconds} s", Look.TotalSeconds);
            }

            if (patience > TimeSpan.Zero) await ((Task)wake.WaitAsync(patience, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stops, and leaves the rest to the other nodes at once.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (paces.Count == 0) return;
        await lane.Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE bulk_actions SET lease_until = 0 WHERE node = @node AND state < 2").With(node).ExecuteAsync(ct), cancellationToken);
    }

    /// <summary>One turn of one action.</summary>
    /// <returns>When it wants its next turn.</returns>
    async Task<TimeSpan> TurnAsync(BulkAction bulk, CancellationToken cancellationToken)
    {
        var pace = paces.TryGetValue(bulk.No, out var known) ? known : paces[bulk.No] = new Pace();
        if (pace.Due(time) is { } wait && wait > TimeSpan.Zero) return wait;
        BulkAction? now;
        try
        {
            now = bulk.State == BulkState.Listing ? await ListAsync(bulk, cancellationToken) : await WorkAsync(bulk, pace, cancellationToken);
        }
        catch (LaneFullException)
        {
            return TimeSpan.FromMilliseconds(250);
        }
        catch (Exception e) when (e is ProblemException or DbException or InvalidOperationException)
        {
            // One that cannot go on now does not keep the others.
            log.LogError(e, "Bulk action {Id} is tried again in {Seconds} s", bulk.Id, Look.TotalSeconds);
            pace.Next(time, Look);
            return Look;
        }

        if (now is null) return Look;
        if (now.State != bulk.State || pace.MayTell(time, TellEvery)) actions.Tell(now.Tenant, now.Id);
        return now.State is BulkState.Listing or BulkState.Running ? pace.Due(time) ?? TimeSpan.Zero : Look;
    }

    async Task<List<BulkAction>> OpenAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare($"SELECT {BulkAction.Columns} FROM bulk_actions WHERE state < 2 ORDER BY bulk_no LIMIT 100").ListAsync(BulkAction.Read, cancellationToken);
    }

    /// <summary>Writes down which runs it is about, a page at a time.</summary>
    async Task<BulkAction?> ListAsync(BulkAction bulk, CancellationToken cancellationToken)
    {
        if (bulk.UndoOf is not null) return await lane.Run((scope, ct) => ListUndoAsync(scope, bulk, ct), cancellationToken);
        var page = await query.ListAsync(bulk.Tenant, RunFilter.Parse(bulk.Filter!, time), bulk.ListToken, RunFilter.MaxLimit, BulkActions.IdColumns, cancellationToken);
        return await lane.Run(async (scope, ct) =>
        {
            if (!await LeaseAsync(scope, bulk, ct)) return null;
            for (var i = 0; i < page.Runs.Count; i++) await BulkActions.InsertItemAsync(scope, bulk.No, bulk.Total + i + 1, page.Runs[i].Id, ct);
            return await ListedAsync(scope, bulk, page.Runs.Count, page.NextToken, ct);
        }, cancellationToken);
    }

    async ValueTask<BulkAction?> ListUndoAsync(WriteScope scope, BulkAction bulk, CancellationToken cancellationToken)
    {
        const int piece = 500;
        if (!await LeaseAsync(scope, bulk, cancellationToken)) return null;
        var original = (await BulkActions.FindAsync(scope.Sql, bulk.Tenant, bulk.UndoOf!, cancellationToken))!;
        var after = bulk.ListToken is null ? 0 : long.Parse(bulk.ListToken, CultureInfo.InvariantCulture);
        var copied = await scope.Sql.Prepare($"""
            INSERT INTO bulk_items (bulk_no, item_no, run_id, state, input)
            SELECT @to, item_no, run_id, 0, undo FROM bulk_items WHERE bulk_no = @from AND item_no > @after AND item_no <= @up_to AND undo IS NOT NULL
            """).With(bulk.No, original.No, after, after + piece).ExecuteAsync(cancellationToken);
        var last = await scope.Sql.Prepare("SELECT max(item_no) FROM bulk_items WHERE bulk_no = @bulk_no").With(original.No).ScalarAsync<long?>(cancellationToken) ?? 0;
        return await ListedAsync(scope, bulk, copied, after + piece >= last ? null : (after + piece).ToString(CultureInfo.InvariantCulture), cancellationToken);
    }

    static async ValueTask<BulkAction?> ListedAsync(WriteScope scope, BulkAction bulk, int count, string? next, CancellationToken cancellationToken)
    {
        await scope.Sql.Prepare("UPDATE bulk_actions SET total = total + @count, list_token = @next, state = @state, started_at = @started_at WHERE bulk_no = @bulk_no")
            .With((long)count, next, (long)(next is null ? BulkState.Running : BulkState.Listing), next is null ? scope.Now : (long?)null, bulk.No).ExecuteAsync(cancellationToken);
        return await BulkActions.FindAsync(scope.Sql, bulk.Tenant, bulk.Id, cancellationToken);
    }

    async Task<BulkAction?> WorkAsync(BulkAction bulk, Pace pace, CancellationToken cancellationToken)
    {
        var caller = await recall.HandleAsync(bulk.Tenant, bulk.CallerKind, bulk.CallerNo, cancellationToken);
        IBulkWork? work = null;
        string? why = null;
        if (actions.Kind(bulk.Kind) is not { } kind) why = $"There is no kind \"{bulk.Kind}\" any more.";
        else if (caller is null || !caller.May(kind.Needs)) why = $"{bulk.By} may no longer do this.";
        else
        {
            try
            {
                work = kind.Prepare(caller, bulk.Settings);
            }
            catch (ProblemException e)
            {
                why = e.Message;
            }
        }

        var most = bulk.Rate is { } rate ? (int)Math.Clamp(rate / 5, 1, ItemsPerTransaction) : ItemsPerTransaction;
        if (work is IBulkFileWork writes) most = bulk.Rate is { } slow ? (int)Math.Clamp(slow, 1, writes.PartSize) : writes.PartSize;
        if (bulk.PauseAfter is { } pause) most = (int)Math.Clamp(pause - bulk.Seen, 1, most);
        var now = work is IBulkFileWork file ? await FilePieceAsync(bulk, file, most, cancellationToken) : await lane.Run(async (scope, ct) =>
        {
            if (!await LeaseAsync(scope, bulk, ct)) return null;
            return work is null ? await EndAsync(scope, bulk, BulkState.Paused, why, ct) : await PieceAsync(scope, bulk, work, most, ct);
        }, cancellationToken);
        // Deleted runs leave files behind, which go after the commit.
        await blobs.ClearAsync(cancellationToken);
        if (bulk.Rate is { } perSecond && now is not null) pace.Next(time, TimeSpan.FromSeconds((double)Math.Max(1, now.Seen - bulk.Seen) / perSecond));
        return now;
    }

    /// <summary>The next part of a file: read and written off the lane, then its runs are done in one transaction.</summary>
    async Task<BulkAction?> FilePieceAsync(BulkAction bulk, IBulkFileWork work, int most, CancellationToken cancellationToken)
    {
        var items = await PendingAsync(bulk, most, cancellationToken);
        PutBlob? part = null;
        IReadOnlyList<string?> reasons = [];
        if (items.Count > 0)
        {
            (part, reasons) = await files.WriteAsync(bulk, work, [.. items.Select(i => i.RunId)], cancellationToken);
            if (part is null) return await lane.Run(async (scope, ct) => await LeaseAsync(scope, bulk, ct) ? await EndAsync(scope, bulk, BulkState.Paused, files.TooLarge, ct) : null, cancellationToken);
        }

        var now = await lane.Run(async (scope, ct) =>
        {
            if (!await LeaseAsync(scope, bulk, ct)) return null;
            if (part is { Length: > 0 }) await BulkFiles.LinkAsync(scope, bulk, part, ct);
            var failed = 0;
            for (var i = 0; i < items.Count; i++)
            {
                if (reasons[i] is not null) failed++;
                await scope.Sql.Prepare("UPDATE bulk_items SET state = @state, reason = @reason WHERE bulk_no = @bulk_no AND item_no = @item_no")
                    .With((long)(reasons[i] is null ? BulkItemState.Done : BulkItemState.Failed), reasons[i], bulk.No, items[i].No).ExecuteAsync(ct);
            }

            await scope.Sql.Prepare("UPDATE bulk_actions SET done = done + @done, failed = failed + @failed WHERE bulk_no = @bulk_no").With((long)(items.Count - failed), (long)failed, bulk.No).ExecuteAsync(ct);
            return await AfterAsync(scope, bulk, items.Count < most, ct);
        }, cancellationToken);
        if (part is not null && (now is null || part.Length == 0)) await files.DiscardAsync(part);
        return now;
    }

    async Task<List<(long No, string RunId)>> PendingAsync(BulkAction bulk, int most, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT item_no, run_id FROM bulk_items WHERE bulk_no = @bulk_no AND state = 0 ORDER BY item_no LIMIT @limit")
            .With(bulk.No, (long)most).ListAsync(r => (r.GetInt64(0), r.GetString(1)), cancellationToken);
    }

    static async ValueTask<BulkAction?> PieceAsync(WriteScope scope, BulkAction bulk, IBulkWork work, int most, CancellationToken cancellationToken)
    {
        var items = await scope.Sql.Prepare("SELECT item_no, run_id, input FROM bulk_items WHERE bulk_no = @bulk_no AND state = 0 ORDER BY item_no LIMIT @limit")
            .With(bulk.No, (long)most).ListAsync(r => (No: r.GetInt64(0), RunId: r.GetString(1), Input: r.Text(2)), cancellationToken);
        var counts = new long[4];
        foreach (var item in items)
        {
            var (state, reason, undo) = (BulkItemState.Done, (string?)null, (string?)null);
            try
            {
                var step = await work.ApplyAsync(scope, item.RunId, item.Input, bulk.Id, cancellationToken);
                (state, undo) = (step.Changed ? BulkItemState.Done : BulkItemState.Unchanged, step.Undo);
            }
            catch (ProblemException e)
            {
                (state, reason) = (BulkItemState.Failed, e.Detail ?? e.Title);
            }

            counts[(int)state]++;
            await scope.Sql.Prepare("UPDATE bulk_items SET state = @state, reason = @reason, undo = @undo WHERE bulk_no = @bulk_no AND item_no = @item_no")
                .With((long)state, reason, undo, bulk.No, item.No).ExecuteAsync(cancellationToken);
        }

        await scope.Sql.Prepare("UPDATE bulk_actions SET done = done + @done, unchanged = unchanged + @unchanged, failed = failed + @failed WHERE bulk_no = @bulk_no")
            .With(counts[(int)BulkItemState.Done], counts[(int)BulkItemState.Unchanged], counts[(int)BulkItemState.Failed], bulk.No).ExecuteAsync(cancellationToken);
        return await AfterAsync(scope, bulk, items.Count < most, cancellationToken);
    }

    /// <summary>Where it stands after a piece.</summary>
    static async ValueTask<BulkAction?> AfterAsync(WriteScope scope, BulkAction bulk, bool wasLast, CancellationToken cancellationToken)
    {
        var now = (await BulkActions.FindAsync(scope.Sql, bulk.Tenant, bulk.Id, cancellationToken))!;
        if (wasLast || now.Seen >= now.Total) return await EndAsync(scope, now, BulkState.Completed, null, cancellationToken);
        if (now.PauseAfter is { } pause && now.Seen >= pause) return await EndAsync(scope, now, BulkState.Paused, null, cancellationToken);
        return now;
    }

    static async ValueTask<BulkAction?> EndAsync(WriteScope scope, BulkAction bulk, BulkState state, string? reason, CancellationToken cancellationToken)
    {
        await scope.Sql.Prepare("UPDATE bulk_actions SET state = @state, reason = @reason, pause_after = NULL, finished_at = @finished_at WHERE bulk_no = @bulk_no")
            .With((long)state, reason, state == BulkState.Completed ? scope.Now : (long?)null, bulk.No).ExecuteAsync(cancellationToken);
        if (state == BulkState.Completed)
            await scope.AuditAsync(new AuditEntry(bulk.Tenant, "system", "bulk", "bulk_action.completed", "bulk_action", bulk.Id, new { bulk.Done, bulk.Unchanged, bulk.Failed }), cancellationToken);
        return await BulkActions.FindAsync(scope.Sql, bulk.Tenant, bulk.Id, cancellationToken);
    }

    /// <summary>Is it as it was when it was read, and ours to work on.</summary>
    async ValueTask<bool> LeaseAsync(WriteScope scope, BulkAction bulk, CancellationToken cancellationToken) =>
        await scope.Sql.Prepare("""
            UPDATE bulk_actions SET node = @node, lease_until = @until
            WHERE bulk_no = @bulk_no AND state = @state AND total = @total AND done + unchanged + failed = @seen AND (node IS NULL OR node = @me OR lease_until < @now)
            """).With(node, scope.Now + (database.IsSqlite ? 0 : LeaseMicros), bulk.No, (long)bulk.State, bulk.Total, bulk.Seen, node, scope.Now).ExecuteAsync(cancellationToken) > 0;

    void Wake()
    {
        if (wake.CurrentCount > 0) return;
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Someone else woke it in the same moment.
        }
    }

    /// <summary>How fast one action may go, and how often it is told of.</summary>
    sealed class Pace
    {
        long? next;
        long told;

        public TimeSpan? Due(TimeProvider time) => next is { } at ? time.GetElapsedTime(time.GetTimestamp(), at) : null;

        public void Next(TimeProvider time, TimeSpan wait) => next = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);

        public bool MayTell(TimeProvider time, TimeSpan every)
        {
            if (told != 0 && time.GetElapsedTime(told) < every) return false;
            told = time.GetTimestamp();
            return true;
        }
    }
}
