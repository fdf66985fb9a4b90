using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Logs;
using RunHub.Store.Payloads;
using RunHub.Store.Rollups;

namespace RunHub.Ingest;

/// <summary>
/// Writes one item inside the lane: looks the run up, works out the change, and writes row, steps, payloads, tags, notes,
/// rollup deltas and events in the open transaction.
/// </summary>
sealed partial class RunWriter(WriteScope scope)
{
    static readonly string FindTraceSql = $"SELECT {RunRow.Table.All.Sql} FROM runs WHERE tenant_no = @tenant_no AND trace_id = @trace_id ORDER BY sort_at, run_no LIMIT 1";
    static readonly string FindStepSql = $"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no AND id = @id";
    static readonly string AllStepsSql = $"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no";
    static readonly string FailedStepSql = $"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no AND status = 4 ORDER BY ord LIMIT 1";
    const int LookUpOneByOne = 16;

    /// <summary>Null when the item was rejected: then nothing was written.</summary>
    public async ValueTask<IngestedRun?> WriteAsync(IngestItem item, bool mustExist, CancellationToken cancellationToken)
    {
        var (change, duplicate) = await ChangeAsync(item, mustExist, cancellationToken);
        if (duplicate is not null) return new IngestedRun(item.Index, duplicate.Id, false, duplicate.Status) { IsDuplicate = true };
        if (change is null || !await StepsAsync(change, cancellationToken)) return null;
        if (change.State is not null) await DeriveAsync(change, cancellationToken);
        await FailureAsync(change, cancellationToken);
        MergeRun.Settle(change.Row);
        var logs = item.Logs.Count == 0 || change.IsNew ? LogTotals.None : await LogReader.TotalsAsync(scope.Sql, change.Row.RunNo, cancellationToken);
        if (logs.Lines + item.Logs.Count > Limits.LogLines)
        {
            item.Reject(422, "$.logs", $"A run holds at most {Limits.LogLines} log lines, this one has {logs.Lines}.");
            return null;
        }

        if (change.Row.StepCount > Limits.Steps && change.Steps.Any(s => s.IsNew))
        {
            item.Reject(422, "$.steps", $"A run holds at most {Limits.Steps} steps, this one would have {change.Row.StepCount}.");
            return null;
        }

        if (item.Run.Annotations is { Count: > 0 } && !await NotesFitAsync(change, cancellationToken)) return null;
        await StoreAsync(change, logs, cancellationToken);
        return new IngestedRun(item.Index, change.Row.Id, change.IsNew, change.Row.Status) { LogsAdded = change.Logs?.Added ?? 0 };
    }

    /// <summary>The change to make; or the run that already does this work; or neither, when the item was rejected.</summary>
    async ValueTask<(RunChange? Change, RunRow? Duplicate)> ChangeAsync(IngestItem item, bool mustExist, CancellationToken cancellationToken)
    {
        var id = item.Run.Id;
        var (row, adopted) = await FindAsync(item, mustExist, cancellationToken);
        if (row is null && id is not null && (mustExist || item.Run.WorkflowName is null) && await RunReader.FindDuplicateAsync(scope, item.Caller.Tenant.No, id, cancellationToken) is { } known)
        {
            // The id its trace gave it is the run's own still; that of work it repeats is not.
            if (known.TraceId is not { } trace || id != Ids.OfTrace(known.TenantNo, trace)) return (null, known);
            row = known;
        }

        if (row is not null)
        {
            var change = RunChange.Of(item, row);
            if (adopted) (row.Id, row.Flags) = (id ?? row.Id, row.Flags & ~RunFlags.MadeByTrace);
            var eventBefore = row.BusinessEventId;
            if (!MergeRun.Into(row, item, scope.Now)) return (null, null);
            if (!string.Equals(eventBefore, row.BusinessEventId, StringComparison.Ordinal)) scope.NewRuns.Renamed(row);
            if (item.Run.Derived is not null) DeriveRun.Into(change);
            else DeriveRun.NoteReport(change);
            return (change, null);
        }

        if (mustExist)
        {
            item.Reject(404, "$.id", $"There is no run {id} here.");
            return (null, null);
        }

        id ??= Ids.NewRun(scope.Time.GetUtcNow());
        var runNo = await scope.RunNumbers.NextAsync(item.Caller.Tenant.No, cancellationToken);
        var created = MergeRun.Create(item, id, runNo, scope.Now);
        if (created is null) return (null, null);
        var fresh = RunChange.New(item, created);
        if (item.Run.Derived is not null)
        {
            // Spans are kept whatever their run repeats.
            if (created.TraceId is not null) scope.NewRuns.BySpans(created);
            DeriveRun.Into(fresh);
            return (fresh, null);
        }

        if (await new Lineage(scope).PlaceAsync(created, item, cancellationToken) is { } duplicate) return (null, duplicate);
        if (created.TraceId is not null) scope.NewRuns.WithTrace(created);
        return (fresh, null);
    }

    /// <summary>
    /// The run an item is about. Spans look for their trace first. A report that names a trace takes over the run the trace
    /// made (and gives it its own id), so that both are one run whichever came first; one that changes a run that must be there takes over none.
    /// </summary>
    async ValueTask<(RunRow? Row, bool Adopted)> FindAsync(IngestItem item, bool mustExist, CancellationToken cancellationToken)
    {
        var (run, tenant) = (item.Run, item.Caller.Tenant.No);
        if (run is { Derived: not null, TraceId: { } trace })
        {
            return (await FindTraceAsync(trace) ?? (run.Id is { } made ? await FindIdAsync(made) : null), false);
        }

        var row = run.Id is { } id ? await FindIdAsync(id) : null;
        if (row is not null || mustExist || run.Derived is not null || run.TraceId is not { } named) return (row, false);
        // By the id a trace makes, not by trace: any number of reported runs may name the same one.
        row = await FindIdAsync(Ids.OfTrace(tenant, named));
        return row?.Flags.HasFlag(RunFlags.MadeByTrace) == true ? (row, true) : (null, false);

        Task<RunRow?> FindTraceAsync(string wanted) => scope.Sql.Prepare(FindTraceSql + RunReader.Lock(scope)).With(tenant, wanted).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);

        Task<RunRow?> FindIdAsync(string wanted) => RunReader.FindAsync(scope, tenant, wanted, cancellationToken);
    }

    /// <summary>What follows from the spans held.</summary>
    async ValueTask DeriveAsync(RunChange change, CancellationToken cancellationToken)
    {
        if (DeriveRun.NeedsSteps(change)) await LoadAllStepsAsync(change, cancellationToken);
        DeriveRun.Settle(change, change.Rows);
        DeriveRun.Blame(change, change.Rows);
        change.Row.Derived = change.State!.Write();
        if (change.Row.Models is { } models) change.Row.Models = TextList.Join([.. TextList.Split(models).Order(StringComparer.Ordinal)]);
    }

    /// <summary>A failed run names the step it failed at, and takes over its error when it brought none.</summary>
    async Task FailureAsync(RunChange change, CancellationToken cancellationToken)
    {
        var row = change.Row;
        if (row.Flags.HasFlag(RunFlags.DerivedStatus)) return;
        if (row.Status != RunStatus.Failed || row.FailedNode is not null && row.ErrorMessage is not null) return;
        var step = change.Steps.FirstOrDefault(s => s.Row.Id == row.ErrorStepId || s.Row.NodeId is not null && s.Row.NodeId == row.ErrorStepId)?.Row
            ?? change.Steps.FirstOrDefault(s => s.Row.Status == RunStatus.Failed)?.Row;
        if (step is null && !change.IsNew && row.FailedSteps > 0)
            step = await scope.Sql.Prepare(FailedStepSql).With(row.RunNo).FirstAsync(r => StepRow.Table.All.Read(r), cancellationToken);
        row.FailedNode ??= step?.NodeId ?? step?.Name ?? row.ErrorStepId;
        if (step is null || step.Status != RunStatus.Failed) return;
        row.ErrorStepId ??= step.Id;
        if (row.ErrorMessage is not null) return;
        row.ErrorMessage = step.ErrorMessage;
        row.ErrorCode ??= step.ErrorCode;
        row.ErrorClass ??= step.ErrorClass;
    }

    async Task StoreAsync(RunChange change, LogTotals logs, CancellationToken cancellationToken)
    {
        var (row, sql) = (change.Row, scope.Sql);
        if (change.UsesItemChunks) await ChunksAsync(row, change.Item.Chunks, cancellationToken);
        await ChunksAsync(row, change.LateChunks, cancellationToken);
        var changed = change.IsNew;
        foreach (var step in change.Steps)
        {
            if (step.IsNew) await StepRow.Table.InsertAsync(sql, step.Row, cancellationToken);
            else if (!await StepRow.Table.UpdateAsync(sql, step.Row, step.Before!, ["run_no", "id"], cancellationToken)) continue;
            changed = true;
        }

        if (change.IsNew)
        {
            await RunRow.Table.InsertAsync(sql, row, cancellationToken);
        }
        else
        {
            // updated_at moves only when something else does: sending the same twice changes nothing.
            if (await RunRow.Table.UpdateAsync(sql, row, change.Before!, ["run_no"], cancellationToken)) changed = true;
        }

        await AliasAsync(change, cancellationToken);
        changed |= await TagsAsync(change, cancellationToken);
        changed |= await AnnotationsAsync(change, cancellationToken);
        if (change.Item.Logs.Count > 0) changed |= (change.Logs = await LogWriter.AppendAsync(scope, row.RunNo, change.Item.Logs, logs, cancellationToken)) is not null;
        if (!changed) return;
        if (!change.IsNew)
        {
            row.UpdatedAt = scope.Now;
            await sql.Prepare("UPDATE runs SET updated_at = @updated_at WHERE run_no = @run_no").With(row.UpdatedAt, row.RunNo).ExecuteAsync(cancellationToken);
        }

        await FiguresAsync(change, cancellationToken);
        RunEvents.Emit(scope, change);
    }

    async Task ChunksAsync(RunRow row, IReadOnlyList<PackedChunk> chunks, CancellationToken cancellationToken)
    {
        foreach (var chunk in chunks)
        {
            await scope.Sql.Prepare("INSERT INTO payloads (run_no, chunk, codec, raw_len, data) VALUES (@run_no, @chunk, @codec, @raw_len, @data)")
                .With(row.RunNo, row.NextChunk++, (long)chunk.Codec, (long)chunk.RawLength, chunk.Data).ExecuteAsync(cancellationToken);
        }
    }

    /// <summary>
    /// The id a trace's run had before a report took it over goes on leading to it; and an id that stood for another run until now is this
    /// run's own.
    /// </summary>
    async ValueTask AliasAsync(RunChange change, CancellationToken cancellationToken)
    {
        var (row, lineage) = (change.Row, new Lineage(scope));
        if (!change.IsNew)
        {
            if (change.Before![RunRow.Table.IndexOf("id")] is string old && !string.Equals(old, row.Id, StringComparison.Ordinal)) await lineage.RememberAsync(row, old, change.Item.Caller.Name, cancellationToken);
        }
        else if (row.BusinessEventId is not null && change.Item.Run.Id is not null)
        {
            await lineage.ForgetAsync(row, cancellationToken);
        }
    }

    async ValueTask<bool> TagsAsync(RunChange change, CancellationToken cancellationToken)
    {
        var row = change.Row;
        if (string.Equals(row.TagsText, change.OldTags, StringComparison.Ordinal)) return false;
        var (old, now) = (TextList.Split(change.OldTags), TextList.Split(row.TagsText));
        foreach (var tag in old.Except(now, StringComparer.Ordinal))
            await scope.Sql.Prepare("DELETE FROM run_tags WHERE tenant_no = @tenant_no AND tag = @tag AND sort_at = @sort_at AND run_no = @run_no")
                .With(row.TenantNo, tag, row.SortAt, row.RunNo).ExecuteAsync(cancellationToken);
        foreach (var tag in now.Except(old, StringComparer.Ordinal))
            await scope.Sql.Prepare("INSERT INTO run_tags (tenant_no, tag, sort_at, run_no) VALUES (@tenant_no, @tag, @sort_at, @run_no)")
                .With(row.TenantNo, tag, row.SortAt, row.RunNo).ExecuteAsync(cancellationToken);
        return true;
    }

    /// <summary>Sent again they are no more than they were.</summary>
    async ValueTask<bool> NotesFitAsync(RunChange change, CancellationToken cancellationToken)
    {
        var (item, runNo) = (change.Item, change.Row.RunNo);
        var held = change.IsNew ? 0 : await scope.Sql.Prepare("SELECT count(*) FROM annotations WHERE run_no = @run_no").With(runNo).ScalarAsync<long>(cancellationToken);
        if (held + item.Run.Annotations!.Count <= Limits.Annotations) return true;
        var ids = (await scope.Sql.Prepare("SELECT id FROM annotations WHERE run_no = @run_no").With(runNo).ListAsync(r => r.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);
        ids.UnionWith(item.Run.Annotations.Select(note => AnnotationRow.Of(runNo, note, item.Caller, scope.Now).Id));
        if (ids.Count <= Limits.Annotations || ids.Count == held) return true;
        item.Reject(422, "$.annotations", $"A run holds at most {Limits.Annotations} annotations, this one has {held}.");
        return false;
    }

    async ValueTask<bool> AnnotationsAsync(RunChange change, CancellationToken cancellationToken)
    {
        var added = 0;
        foreach (var note in change.Item.Run.Annotations ?? [])
        {
            var row = AnnotationRow.Of(change.Row.RunNo, note, change.Item.Caller, scope.Now);
            added += await scope.Sql.Prepare("""
                INSERT INTO annotations (run_no, id, step_id, author, note, at, anchor) VALUES (@run_no, @id, @step_id, @author, @note, @at, @anchor)
                ON CONFLICT (run_no, id) DO NOTHING
                """).With(row.RunNo, row.Id, row.StepId, row.Author, row.Note, row.At, row.Anchor).ExecuteAsync(cancellationToken);
        }

        return added > 0;
    }

    async Task FiguresAsync(RunChange change, CancellationToken cancellationToken)
    {
        var row = change.Row;
        var key = RollupFacts.KeyOf(row);
        var fact = RollupFacts.FactOf(row);
        var moved = change.OldFigures is { } old && old.Key != key;
        if (change.OldFigures is { } was && (moved || was.Fact != fact)) scope.Rollups.Add(was.Key, was.Fact, -1);
        if (change.OldFigures is null || moved || change.OldFigures.Value.Fact != fact) scope.Rollups.Add(key, fact, +1);
        if (moved) await MoveStepsAsync(change, cancellationToken);
        foreach (var step in change.Steps)
        {
            if (step.OldFact is { } before) scope.Rollups.Add(OldKey(change, step), before, -1);
            scope.Rollups.Add(RollupFacts.KeyOf(row, step.Row), RollupFacts.FactOf(step.Row), +1);
        }
    }

    static RollupKey OldKey(RunChange change, StepChange step)
    {
        var before = new StepRow { Name = (string)step.Before![StepRow.Table.IndexOf("name")]!, Type = (StepType)(long)step.Before[StepRow.Table.IndexOf("type")]!, Model = (string?)step.Before[StepRow.Table.IndexOf("model")] };
        return change.OldFigures!.Value.Key with { IsStep = true, StepName = before.Name, StepType = (long)before.Type, Model = before.Model ?? "" };
    }

    /// <summary>The run's dimensions changed: the figures of steps this write did not touch go with it.</summary>
    async Task MoveStepsAsync(RunChange change, CancellationToken cancellationToken)
    {
        var touched = change.Steps.Select(s => s.Row.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var step in await scope.Sql.Prepare(AllStepsSql).With(change.Row.RunNo).ListAsync(r => StepRow.Table.All.Read(r), cancellationToken))
        {
            if (touched.Contains(step.Id)) continue;
            var fact = RollupFacts.FactOf(step);
            var key = RollupFacts.KeyOf(change.Row, step);
            var old = change.OldFigures!.Value.Key;
            scope.Rollups.Add(old with { IsStep = true, StepName = key.StepName, StepType = key.StepType, Model = key.Model }, fact, -1);
            scope.Rollups.Add(key, fact, +1);
        }
    }
}
