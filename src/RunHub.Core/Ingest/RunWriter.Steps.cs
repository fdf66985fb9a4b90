using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Store.Rollups;

namespace RunHub.Ingest;

/// <summary>The steps of an item, and what the run sums up of them.</summary>
sealed partial class RunWriter
{
    async ValueTask<bool> StepsAsync(RunChange change, CancellationToken cancellationToken)
    {
        var (row, item) = (change.Row, change.Item);
        var writes = item.Run.Steps ?? [];
        if (!change.IsNew && writes.Count > 0)
        {
            // Spans of a trace that joined a reported run may belong to steps that were reported.
            if (item.Run.Derived is not null && !row.Flags.HasFlag(RunFlags.MadeByTrace)) writes = await JoinStepsAsync(change, writes, cancellationToken);
            else await LoadStepsAsync(change, writes, cancellationToken);
        }

        var stored = await StoredAsync(change, writes, cancellationToken);
        if (DeriveRun.TakesPayload(change, "inputs_summary")) row.Inputs = change.Place(item.Inputs, item.Run.InputsSummary, row.Inputs, stored);
        if (DeriveRun.TakesPayload(change, "outputs_summary")) row.Outputs = change.Place(item.Outputs, item.Run.OutputsSummary, row.Outputs, stored);
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            var step = write.Id is null ? null : change.Find(write.Id);
            if (step is null)
            {
                var created = MergeStep.Create(item, write, i, write.Id ?? Ids.NewStep(scope.Time.GetUtcNow()), row.RunNo, row.NextOrd);
                if (created is null) return false;
                if (write.Order is null) row.NextOrd++;
                step = change.Add(created, isNew: true);
            }
            else if (!MergeStep.Into(step.Row, item, write, i, scope.Now))
            {
                return false;
            }

            change.Touch(step);
            Payloads(change, step, write, item.StepPayloads[i], stored);
        }

        if (row.Extra is null) row.Extra = change.Place(item.Extra, null, null, stored);
        else if (item.Extra is not null || item.Run.Clear is not null || item.Run.ErrorMessage is not null) row.Extra = change.PlaceMerged(item.Run, stored);
        if (!change.IsNew && item.Run.Clear is { } cleared) await BackToSumsAsync(row, cleared, cancellationToken);
        if (change.Steps.Count > 0) await TotalsAsync(change, cancellationToken);
        return true;
    }

    static void Payloads(RunChange change, StepChange step, StepWrite write, (PayloadRef? Input, PayloadRef? Output, PayloadRef? Extra) arrived, PayloadSet stored)
    {
        var row = step.Row;
        var inPieces = write.FillOnly || write.InputParts is not null || write.OutputParts is not null;
        if (!inPieces || row.Extra is null && row.Input is null && row.Output is null)
        {
            row.Input = change.Place(arrived.Input, write.Input, row.Input, stored);
            row.Output = change.Place(arrived.Output, write.Output, row.Output, stored);
            if (row.Extra is null) row.Extra = change.Place(arrived.Extra, null, null, stored);
            else if (arrived.Extra is not null || write.Clear is not null || write.ErrorMessage is not null) row.Extra = change.PlaceMerged(step, write, stored);
            return;
        }

        // Pieces never take the place of a payload that came whole, nor does a whole one of a log record that of the span's.
        var held = step.Extra ?? StepExtra.Read(stored[row.Extra]);
        if (row.Input is not null && held.InputParts is null) write = write with { Input = null, InputParts = null };
        if (row.Output is not null && held.OutputParts is null) write = write with { Output = null, OutputParts = null };
        row.Extra = change.PlaceMerged(step, write, stored);
        if (write.Input is not null) row.Input = change.Place(arrived.Input, write.Input, row.Input, stored);
        else if (write.InputParts is not null) row.Input = change.PlaceWhole(PayloadParts.Whole(step.Extra!.InputParts)!.Value, row.Input, stored);
        if (write.Output is not null) row.Output = change.Place(arrived.Output, write.Output, row.Output, stored);
        else if (write.OutputParts is not null) row.Output = change.PlaceWhole(PayloadParts.Whole(step.Extra!.OutputParts)!.Value, row.Output, stored);
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
            if (input?.Length == step.Input?.Length || writes[i].InputParts is not null) wanted.Add(step.Input);
            if (output?.Length == step.Output?.Length || writes[i].OutputParts is not null) wanted.Add(step.Output);
            if (extra is not null || writes[i].FillOnly || writes[i].Clear is not null || writes[i].ErrorMessage is not null) wanted.Add(step.Extra);
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
            change.HasAllSteps = true;
            return;
        }

        foreach (var write in writes)
        {
            if (write.Id is null || change.Find(write.Id) is not null) continue;
            var step = await scope.Sql.Prepare(FindStepSql).With(change.Row.RunNo, write.Id).FirstAsync(r => StepRow.Table.All.Read(r), cancellationToken);
            if (step is not null) change.Add(step, isNew: false);
        }
    }

    /// <summary>Every step of the run, beside those this write brings.</summary>
    async Task LoadAllStepsAsync(RunChange change, CancellationToken cancellationToken)
    {
        if (change.HasAllSteps) return;
        change.HasAllSteps = true;
        if (change.IsNew || change.Row.StepCount == 0) return;
        foreach (var step in await scope.Sql.Prepare(AllStepsSql).With(change.Row.RunNo).ListAsync(r => StepRow.Table.All.Read(r), cancellationToken))
            if (change.Find(step.Id) is null) change.Add(step, isNew: false);
    }

    /// <summary>Loads the steps and gives spans the ids of the steps that were reported with them.</summary>
    async ValueTask<IReadOnlyList<StepWrite>> JoinStepsAsync(RunChange change, IReadOnlyList<StepWrite> writes, CancellationToken cancellationToken)
    {
        await LoadAllStepsAsync(change, cancellationToken);
        var trace = change.Item.Run.TraceId ?? change.Row.TraceId;
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var step in change.Rows)
            if (trace is not null && step.SpanId is { } span) ids[Ids.OfSpan(change.Row.TenantNo, trace, span.ToLowerInvariant())] = step.Id;
        return [.. writes.Select(w => w with { Id = Known(w.Id), ParentStepId = Known(w.ParentStepId) })];

        string? Known(string? id) => id is not null && ids.TryGetValue(id, out var known) ? known : id;
    }

    /// <summary>A total that is removed is what its steps say again, and goes on from there.</summary>
    async ValueTask BackToSumsAsync(RunRow row, IReadOnlyList<string> cleared, CancellationToken cancellationToken)
    {
        if (row.StepCount == 0 || !cleared.Any(c => c is "tokens" or "compute_ms" or "cost_usd")) return;
        var (tokens, compute, cost) = await scope.Sql.Prepare("SELECT CAST(sum(tokens) AS bigint), CAST(sum(compute_ms) AS bigint), CAST(sum(cost_nano) AS bigint) FROM steps WHERE run_no = @run_no")
            .With(row.RunNo).FirstAsync(r => (r.Long(0), r.Long(1), r.Long(2)), cancellationToken);
        if (!row.Flags.HasFlag(RunFlags.TokensGiven)) row.Tokens = tokens;
        if (!row.Flags.HasFlag(RunFlags.ComputeGiven)) row.ComputeMs = compute;
        if (!row.Flags.HasFlag(RunFlags.CostGiven)) row.CostNano = cost;
    }

    /// <summary>Sums and counts the row keeps of its steps.</summary>
    async ValueTask TotalsAsync(RunChange change, CancellationToken cancellationToken)
    {
        var row = change.Row;
        if (change.State is { } state)
        {
            state.Subtree |= change.Steps.Any(s => s.Row.SubtreeUsage is not null);
            if (state.Subtree)
            {
                await LoadAllStepsAsync(change, cancellationToken);
                foreach (var changed in SettleUsage.Apply(change.Rows)) change.Touch(change.Find(changed.Id)!);
            }
        }

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
            anyTokens |= step.Row.Tokens is not null || old.Tokens != 0;
            anyCompute |= step.Row.ComputeMs is not null || old.ComputeMs != 0;
            anyCost |= step.Row.CostNano is not null || old.CostNano != 0;
            row.Models = TextList.Add(row.Models, step.Row.Model);
        }

        if (anyTokens && !row.Flags.HasFlag(RunFlags.TokensGiven)) row.Tokens = (row.Tokens ?? 0) + tokens;
        if (anyCompute && !row.Flags.HasFlag(RunFlags.ComputeGiven)) row.ComputeMs = (row.ComputeMs ?? 0) + compute;
        if (anyCost && !row.Flags.HasFlag(RunFlags.CostGiven)) row.CostNano = (row.CostNano ?? 0) + cost;
    }
}
