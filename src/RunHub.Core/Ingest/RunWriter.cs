using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Store.Rollups;

namespace RunHub.Ingest;

/// <summary>
/// Writes one item inside the lane: looks the run up, works out the change, and writes row, steps, payloads, tags, notes,
/// rollup deltas and events in the open transaction.
/// </summary>
sealed class RunWriter(WriteScope scope)
{
    static readonly string FindSql = $"SELECT {RunRow.Table.All.Sql} FROM runs WHERE tenant_no = @tenant_no AND id = @id";
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
        await FailureAsync(change, cancellationToken);
        MergeRun.Settle(change.Row);
        await StoreAsync(change, cancellationToken);
        return new IngestedRun(item.Index, change.Row.Id, change.IsNew, change.Row.Status);
    }

    /// <summary>The change to make; or the run that already does this work; or neither, when the item was rejected.</summary>
    async ValueTask<(RunChange? Change, RunRow? Duplicate)> ChangeAsync(IngestItem item, bool mustExist, CancellationToken cancellationToken)
    {
        var id = item.Run.Id;
        var row = id is null ? null : await scope.Sql.Prepare(FindSql).With(item.Caller.Tenant.No, id).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);
        if (row is not null)
        {
            var change = RunChange.Of(item, row);
            return (MergeRun.Into(row, item, scope.Now) ? change : null, null);
        }

        var lineage = new Lineage(scope);
        if (id is not null && (mustExist || item.Run.WorkflowName is null) && await lineage.FindDuplicateAsync(item.Caller.Tenant.No, id, cancellationToken) is { } known)
            return (null, known);

        if (mustExist)
        {
            item.Reject(404, "$.id", $"There is no run {id} here.");
            return (null, null);
        }

        id ??= Ids.NewRun(scope.Time.GetUtcNow());
        var runNo = await scope.RunNumbers.NextAsync(item.Caller.Tenant.No, cancellationToken);
        var created = MergeRun.Create(item, id, runNo, scope.Now);
        if (created is null) return (null, null);
        return await lineage.PlaceAsync(created, item, cancellationToken) is { } duplicate ? (null, duplicate) : (RunChange.New(item, created), null);
    }

    async ValueTask<bool> StepsAsync(RunChange change, CancellationToken cancellationToken)
    {
        var (row, item) = (change.Row, change.Item);
        var writes = item.Run.Steps ?? [];
        if (!change.IsNew && writes.Count > 0) await LoadStepsAsync(change, writes, cancellationToken);
        var stored = await StoredAsync(change, writes, cancellationToken);
        row.Inputs = change.Place(item.Inputs, item.Run.InputsSummary, row.Inputs, stored);
        row.Outputs = change.Place(item.Outputs, item.Run.OutputsSummary, row.Outputs, stored);
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            var step = write.Id is null ? null : change.Find(write.Id);
            if (step is null)
            {
                var created = MergeStep.Create(item, write, i, write.Id ?? Ids.NewStep(scope.Time.GetUtcNow()), row.RunNo, row.NextOrd);
                if (created is null) return false;
                row.NextOrd++;
                step = change.Add(created, isNew: true);
            }
            else if (!MergeStep.Into(step.Row, item, write, i, scope.Now))
            {
                return false;
            }

            change.Touch(step);
            var (input, output, extra) = item.StepPayloads[i];
            step.Row.Input = change.Place(input, write.Input, step.Row.Input, stored);
            step.Row.Output = change.Place(output, write.Output, step.Row.Output, stored);
            if (step.Row.Extra is null) step.Row.Extra = change.Place(extra, null, null, stored);
            else if (extra is not null || write.Clear is not null || write.ErrorMessage is not null) step.Row.Extra = change.PlaceMerged(step, write, stored);
        }

        if (row.Extra is null) row.Extra = change.Place(item.Extra, null, null, stored);
        else if (item.Extra is not null || item.Run.Clear is not null || item.Run.ErrorMessage is not null) row.Extra = change.PlaceMerged(item.Run, stored);
        if (change.Steps.Count > 0) Totals(change);
        return true;
    }

    /// <summary>Payloads on disk that what arrived may repeat or has to be merged with.</summary>
    async ValueTask<PayloadSet> StoredAsync(RunChange change, IReadOnlyList<StepWrite> writes, CancellationToken cancellationToken)
    {
        if (change.IsNew) return PayloadSet.Empty;
        var (row, item) = (change.Row, change.Item);
        var wanted = new List<PayloadRef?>();
        if (item.Inputs?.Length == row.Inputs?.Length) wanted.Add(row.Inputs);
        if (item.Outputs?.Length == row.Outputs?.Length) wanted.Add(row.Outputs);
        if (item.Extra is not null || item.Run.Clear is not null || item.Run.ErrorMessage is not null) wanted.Add(row.Extra);
        for (var i = 0; i < writes.Count; i++)
        {
            if (writes[i].Id is not { } id || change.Find(id)?.Row is not { } step) continue;
            var (input, output, extra) = item.StepPayloads[i];
            if (input?.Length == step.Input?.Length) wanted.Add(step.Input);
            if (output?.Length == step.Output?.Length) wanted.Add(step.Output);
            if (extra is not null || writes[i].Clear is not null || writes[i].ErrorMessage is not null) wanted.Add(step.Extra);
        }

        return await PayloadReader.ReadAsync(scope.Sql, row.RunNo, wanted, cancellationToken);
    }

    async Task LoadStepsAsync(RunChange change, IReadOnlyList<StepWrite> writes, CancellationToken cancellationToken)
    {
        if (change.Row.StepCount == 0) return;
        if (writes.Count > LookUpOneByOne)
        {
            foreach (var step in await scope.Sql.Prepare(AllStepsSql).With(change.Row.RunNo).ListAsync(r => StepRow.Table.All.Read(r), cancellationToken))
                change.Add(step, isNew: false);
            return;
        }

        foreach (var write in writes)
        {
            if (write.Id is null || change.Find(write.Id) is not null) continue;
            var step = await scope.Sql.Prepare(FindStepSql).With(change.Row.RunNo, write.Id).FirstAsync(r => StepRow.Table.All.Read(r), cancellationToken);
            if (step is not null) change.Add(step, isNew: false);
        }
    }

    /// <summary>Sums and counts the row keeps of its steps.</summary>
    static void Totals(RunChange change)
    {
        var row = change.Row;
        long tokens = 0, compute = 0, cost = 0;
        bool anyTokens = false, anyCompute = false, anyCost = false;
        foreach (var step in change.Steps)
        {
            var now = RollupFacts.FactOf(step.Row);
            var old = step.OldFact ?? default;
            row.StepCount += step.IsNew ? 1 : 0;
            row.FailedSteps += (now.Status == RunStatus.Failed ? 1 : 0) - (!step.IsNew && old.Status == RunStatus.Failed ? 1 : 0);
            row.Retries += now.Retries - old.Retries;
            tokens += now.Tokens - old.Tokens;
            compute += now.ComputeMs - old.ComputeMs;
            cost += now.CostNano - old.CostNano;
            anyTokens |= step.Row.Tokens is not null;
            anyCompute |= step.Row.ComputeMs is not null;
            anyCost |= step.Row.CostNano is not null;
            row.Models = TextList.Add(row.Models, step.Row.Model);
        }

        if (anyTokens && !row.Flags.HasFlag(RunFlags.TokensGiven)) row.Tokens = (row.Tokens ?? 0) + tokens;
        if (anyCompute && !row.Flags.HasFlag(RunFlags.ComputeGiven)) row.ComputeMs = (row.ComputeMs ?? 0) + compute;
        if (anyCost && !row.Flags.HasFlag(RunFlags.CostGiven)) row.CostNano = (row.CostNano ?? 0) + cost;
    }

    /// <summary>A failed run names the step it failed at, and takes over its error when it brought none.</summary>
    async Task FailureAsync(RunChange change, CancellationToken cancellationToken)
    {
        var row = change.Row;
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

    async Task StoreAsync(RunChange change, CancellationToken cancellationToken)
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

        changed |= await TagsAsync(change, cancellationToken);
        changed |= await AnnotationsAsync(change, cancellationToken);
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

    async ValueTask<bool> AnnotationsAsync(RunChange change, CancellationToken cancellationToken)
    {
        var added = 0;
        foreach (var note in change.Item.Run.Annotations ?? [])
        {
            var row = AnnotationRow.Of(change.Row.RunNo, note, change.Item.Caller, scope.Now);
            added += await scope.Sql.Prepare("""
                INSERT INTO annotations (run_no, id, step_id, author, note, at) VALUES (@run_no, @id, @step_id, @author, @note, @at)
                ON CONFLICT (run_no, id) DO NOTHING
                """).With(row.RunNo, row.Id, row.StepId, row.Author, row.Note, row.At).ExecuteAsync(cancellationToken);
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
