using System.Globalization;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Bulk;

/// <summary>What somebody wants done to many runs.</summary>
/// <param name="Name">For people; null: made of the kind.</param>
/// <param name="Kind">Name of an <see cref="IBulkKind"/>.</param>
/// <param name="Settings">What the kind needs to know, a JSON object.</param>
public sealed record BulkRequest(string? Name, string Kind, string Settings)
{
    /// <summary>Everything that matches this filter; null: <see cref="RunIds"/>.</summary>
    public RunFilter? Filter { get; init; }

    /// <summary>A selection of at most <see cref="BulkActions.MaxSelection"/> runs.</summary>
    public IReadOnlyList<string> RunIds { get; init; } = [];

    /// <summary>Most runs a second; null: no limit.</summary>
    public long? Rate { get; init; }

    /// <summary>Pause after so many runs, to look at them; null: do not.</summary>
    public long? PauseAfter { get; init; }
}

/// <summary>What a bulk action would be about.</summary>
/// <param name="Count">Runs.</param>
/// <param name="IsCapped">There are more than that.</param>
/// <param name="Sample">The first of them.</param>
public sealed record BulkPreview(long Count, bool IsCapped, IReadOnlyList<RunRow> Sample);

/// <summary>Makes bulk actions, finds them and steers them; <see cref="RunBulkActions"/> does the work.</summary>
public sealed class BulkActions(WriteLane lane, Database database, RunQuery query, IEnumerable<IBulkKind> kinds, Signals signals)
{
    /// <summary>Name of the signal that says a bulk action moved; its detail is <c>{tenant number}:{id}</c>.</summary>
    public const string Moved = "bulk";

    /// <summary>Most runs of a selection; more go by a filter.</summary>
    public const int MaxSelection = 10_000;

    /// <summary>A preview counts up to here.</summary>
    public const int PreviewCap = 10_000;

    const int SampleSize = 5;
    readonly Dictionary<string, IBulkKind> kinds = kinds.ToDictionary(k => k.Name, StringComparer.Ordinal);

    /// <summary>What can be done to many runs.</summary>
    public IReadOnlyCollection<IBulkKind> Kinds => kinds.Values;

    /// <summary>A kind that somebody asks for, by name.</summary>
    /// <exception cref="ProblemException">400: there is none.</exception>
    public IBulkKind Offered(string name) => name != UndoBulk.Kind && kinds.TryGetValue(name, out var kind) ? kind
        : throw ProblemException.Invalid("$.action.kind", $"One of {string.Join(", ", kinds.Keys.Where(k => k != UndoBulk.Kind).Order(StringComparer.Ordinal))}; this is \"{name}\".");

    /// <summary>The kind of an action that is there already; null when its module is gone.</summary>
    internal IBulkKind? Kind(string name) => kinds.GetValueOrDefault(name);

    /// <summary>Counts what a filter matches, up to <see cref="PreviewCap"/>, and shows the first runs.</summary>
    public async Task<BulkPreview> PreviewAsync(long tenantNo, BulkRequest request, CancellationToken cancellationToken)
    {
        if (request.Filter is null)
        {
            await using var sql = await database.ReadAsync(cancellationToken);
            var found = new List<RunRow>();
            foreach (var id in request.RunIds.Distinct(StringComparer.Ordinal))
                if (await RunReader.FindAsync(sql, tenantNo, id, cancellationToken) is { } row) found.Add(row);
            return new BulkPreview(found.Count, false, [.. found.Take(SampleSize)]);
        }

        var sample = await query.ListAsync(tenantNo, request.Filter, null, SampleSize, cancellationToken);
        long count = sample.Runs.Count;
        for (var token = sample.NextToken; token is not null && count < PreviewCap;)
        {
            var page = await query.ListAsync(tenantNo, request.Filter, token, RunFilter.MaxLimit, IdColumns, cancellationToken);
            count += page.Runs.Count;
            token = page.NextToken;
            if (token is null) return new BulkPreview(count, false, sample.Runs);
        }

        return new BulkPreview(Math.Min(count, PreviewCap), sample.NextToken is not null, sample.Runs);
    }

    internal static RowProjection<RunRow> IdColumns { get; } = RunRow.Table.Project("run_no", "id", "sort_at", "duration_ms", "status");

    /// <summary>Makes it; work begins at once.</summary>
    /// <exception cref="ProblemException">400: something is not what it should be. 403: the caller may not do this.</exception>
    public async Task<BulkAction> CreateAsync(Caller caller, BulkRequest request, CancellationToken cancellationToken)
    {
        var kind = Offered(request.Kind);
        if (!caller.May(kind.Needs)) throw new ProblemException(403, "Not allowed.", $"The bulk action \"{kind.Name}\" needs the role {kind.Needs.Role.ToString().ToLowerInvariant()}.");
        kind.Prepare(caller, request.Settings);
        var ids = request.RunIds.Distinct(StringComparer.Ordinal).ToList();
        if (request.Filter is null && ids.Count == 0) throw ProblemException.Invalid("$.run_ids", "Name some runs, or a filter.");
        if (ids.Count > MaxSelection) throw ProblemException.Invalid("$.run_ids", $"At most {MaxSelection} runs, these are {ids.Count}; use a filter.");
        if (request.Rate is < 1) throw ProblemException.Invalid("$.rate", "At least one run a second.");
        if (request.PauseAfter is < 1) throw ProblemException.Invalid("$.pause_after", "At least 1.");
        if (request.Name?.Length > Limits.Name) throw ProblemException.Invalid("$.name", $"At most {Limits.Name} characters.");
        var name = string.IsNullOrWhiteSpace(request.Name) ? kind.Name : request.Name.Trim();
        var id = await lane.Run(async (scope, ct) =>
        {
            var listed = request.Filter is null;
            var bulk = new NewBulk(name, kind.Name, request.Settings, request.Filter is { } f ? Frozen(f, scope.Now).ToQuery() : null, null, ids.Count, request.Rate, request.PauseAfter);
            var (no, made) = await InsertAsync(scope, caller, bulk, listed ? BulkState.Running : BulkState.Listing, ct);
            for (var i = 0; i < ids.Count; i++) await InsertItemAsync(scope, no, i + 1, ids[i], ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "bulk_action.created", "bulk_action", made,
                new { kind.Name, request.Settings, Filter = bulk.Filter, Runs = listed ? ids.Count : (int?)null }), ct);
            return made;
        }, cancellationToken);
        Tell(caller.Tenant.No, id);
        return (await FindAsync(caller.Tenant.No, id, cancellationToken))!;
    }

    /// <summary>Takes a finished action back: an action of its own over the runs that were changed.</summary>
    /// <exception cref="ProblemException">404; 409: it cannot be taken back, is still going on, or is being taken back already.</exception>
    public async Task<BulkAction> UndoAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var made = await lane.Run(async (scope, ct) =>
        {
            var bulk = await FindAsync(scope.Sql, caller.Tenant.No, id, ct) ?? throw ProblemException.NotFound("bulk action", id);
            if (!kinds.TryGetValue(bulk.Kind, out var kind) || !kind.CanUndo) throw Conflict($"\"{bulk.Kind}\" cannot be taken back.");
            if (bulk.IsOpen) throw Conflict("It is still going on; pause and abort it first.");
            if (!caller.May(kind.Needs)) throw new ProblemException(403, "Not allowed.", "You may not do this.");
            if (await scope.Sql.Prepare("SELECT count(*) FROM bulk_actions WHERE tenant_no = @tenant_no AND undo_of = @undo_of AND state <> 4").With(bulk.Tenant, id).ScalarAsync<long>(ct) > 0)
                throw Conflict("It was taken back already.");
            var (_, undo) = await InsertAsync(scope, caller, new NewBulk(bulk.Name, UndoBulk.Kind, "{}", null, id, 0, bulk.Rate, null), BulkState.Listing, ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "bulk_action.undone", "bulk_action", id, new { By = undo }), ct);
            return undo;
        }, cancellationToken);
        Tell(caller.Tenant.No, made);
        return (await FindAsync(caller.Tenant.No, made, cancellationToken))!;
    }

    /// <summary>Stops it for now.</summary>
    public Task<BulkAction> PauseAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        SteerAsync(caller, id, "paused", b => b.State is BulkState.Listing or BulkState.Running ? "state = 2, reason = NULL" : null, cancellationToken);

    /// <summary>Goes on.</summary>
    public Task<BulkAction> ResumeAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        SteerAsync(caller, id, "resumed", b => b.State == BulkState.Paused ? "state = CASE WHEN started_at IS NULL THEN 0 ELSE 1 END, reason = NULL" : null, cancellationToken);

    /// <summary>Gives it up; what was done stays done.</summary>
    public Task<BulkAction> AbortAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        SteerAsync(caller, id, "aborted", b => b.IsOpen ? "state = 4, finished_at = @now" : null, cancellationToken);

    /// <summary>Tries the runs again that failed.</summary>
    public Task<BulkAction> RetryAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        SteerAsync(caller, id, "retried", b => b.State is BulkState.Completed or BulkState.Paused && b.Failed > 0 ? "state = 1, failed = 0, finished_at = NULL, reason = NULL" : null, cancellationToken,
            (scope, bulk, ct) => scope.Sql.Prepare("UPDATE bulk_items SET state = 0, reason = NULL WHERE bulk_no = @bulk_no AND state = 3").With(bulk.No).ExecuteAsync(ct));

    /// <summary>A bulk action of a tenant; null where there is none.</summary>
    public async Task<BulkAction?> FindAsync(long tenantNo, string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await FindAsync(sql, tenantNo, id, cancellationToken);
    }

    /// <summary>A tenant's bulk actions, newest first.</summary>
    /// <param name="tenantNo">Whose.</param>
    /// <param name="before">Id of the last one seen; null: from the newest.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<List<BulkAction>> ListAsync(long tenantNo, string? before, int limit, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        // Ids are made of the time, so that their order is the order of creation.
        return await sql.Prepare($"SELECT {BulkAction.Columns} FROM bulk_actions WHERE tenant_no = @tenant_no AND id < @before ORDER BY id DESC LIMIT @limit")
            .With(tenantNo, before ?? "bulk_~", (long)limit).ListAsync(BulkAction.Read, cancellationToken);
    }

    /// <summary>Runs of a bulk action in order, those in one state or all.</summary>
    public async Task<List<BulkItem>> ItemsAsync(BulkAction bulk, BulkItemState? state, long after, int limit, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare($"SELECT item_no, run_id, state, reason FROM bulk_items WHERE bulk_no = @bulk_no {(state is null ? "" : "AND state = " + ((int)state).ToString(CultureInfo.InvariantCulture))} AND item_no > @after ORDER BY item_no LIMIT @limit")
            .With(bulk.No, after, (long)limit).ListAsync(r => new BulkItem(r.GetInt64(0), r.GetString(1), (BulkItemState)r.GetInt64(2), r.Text(3)), cancellationToken);
    }

    internal static Task<BulkAction?> FindAsync(SqlSession sql, long tenantNo, string id, CancellationToken cancellationToken) =>
        sql.Prepare($"SELECT {BulkAction.Columns} FROM bulk_actions WHERE tenant_no = @tenant_no AND id = @id").With(tenantNo, id).FirstAsync(BulkAction.Read, cancellationToken);

    internal static Task InsertItemAsync(WriteScope scope, long bulkNo, long itemNo, string runId, CancellationToken cancellationToken) =>
        scope.Sql.Prepare("INSERT INTO bulk_items (bulk_no, item_no, run_id, state) VALUES (@bulk_no, @item_no, @run_id, 0)").With(bulkNo, itemNo, runId).ExecuteAsync(cancellationToken);

    internal void Tell(long tenantNo, string id) => signals.Post(Moved, string.Create(CultureInfo.InvariantCulture, $"{tenantNo}:{id}"));

    async Task<BulkAction> SteerAsync(Caller caller, string id, string verb, Func<BulkAction, string?> set, CancellationToken cancellationToken, Func<WriteScope, BulkAction, CancellationToken, Task>? also = null)
    {
        var now = await lane.Run(async (scope, ct) =>
        {
            var bulk = await FindAsync(scope.Sql, caller.Tenant.No, id, ct) ?? throw ProblemException.NotFound("bulk action", id);
            var change = set(bulk) ?? throw Conflict($"It is {bulk.State.ToString().ToLowerInvariant()}; it cannot be {verb}.");
            if (kinds.TryGetValue(bulk.Kind, out var kind) && !caller.May(kind.Needs)) throw new ProblemException(403, "Not allowed.", "You may not do this.");
            var statement = scope.Sql.Prepare($"UPDATE bulk_actions SET {change} WHERE bulk_no = @bulk_no");
            await (change.Contains("@now", StringComparison.Ordinal) ? statement.With(scope.Now, bulk.No) : statement.With(bulk.No)).ExecuteAsync(ct);
            if (also is not null) await also(scope, bulk, ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "bulk_action." + verb, "bulk_action", id), ct);
            return (await FindAsync(scope.Sql, caller.Tenant.No, id, ct))!;
        }, cancellationToken);
        Tell(caller.Tenant.No, id);
        return now;
    }

    static async Task<(long No, string Id)> InsertAsync(WriteScope scope, Caller caller, NewBulk bulk, BulkState state, CancellationToken cancellationToken)
    {
        var id = "bulk_" + Ids.Base32(Guid.CreateVersion7(scope.Time.GetUtcNow()));
        var no = await scope.Sql.Prepare("""
            INSERT INTO bulk_actions (tenant_no, id, name, kind, settings, filter, state, total, done, unchanged, failed, rate, pause_after, undo_of,
              caller_kind, caller_no, caller_name, created_at, started_at)
            VALUES (@tenant_no, @id, @name, @kind, @settings, @filter, @state, @total, 0, 0, 0, @rate, @pause_after, @undo_of,
              @caller_kind, @caller_no, @caller_name, @created_at, @started_at) RETURNING bulk_no
            """).With(caller.Tenant.No, id, bulk.Name, bulk.Kind, bulk.Settings, bulk.Filter, (long)state, (long)bulk.Total, bulk.Rate, bulk.PauseAfter, bulk.UndoOf,
                (long)caller.Kind, caller.No, caller.Name, scope.Now, state == BulkState.Running ? scope.Now : (long?)null).ScalarAsync<long>(cancellationToken);
        return (no, id);
    }

    /// <summary>
    /// Runs that come later do not belong to it: where the filter has no end in time, now is the end, and "24h" is the moment it was
    /// when the action was made. Order does not matter.
    /// </summary>
    static RunFilter Frozen(RunFilter filter, long now)
    {
        var frozen = filter.Find("to") is null ? filter.WithText("to", Times.ToIso(now)) : filter;
        foreach (var end in filter.Conditions.OfType<TimeField.Condition>()) frozen = frozen.WithText(end.Field.Key, Times.ToIso(end.Micros));
        return frozen.SortedBy(RunSort.Default);
    }

    static ProblemException Conflict(string detail) => new(409, "This cannot be done to the bulk action now.", detail);

    sealed record NewBulk(string Name, string Kind, string Settings, string? Filter, string? UndoOf, int Total, long? Rate, long? PauseAfter);
}
