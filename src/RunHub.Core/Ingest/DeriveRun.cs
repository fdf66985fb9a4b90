using RunHub.Model;

namespace RunHub.Ingest;

/// <summary>
/// A run's fields and status as a function of the spans held, for runs that traces make or that traces join. What somebody
/// reported stays; a status that was ever reported is never derived again.
/// </summary>
static class DeriveRun
{
    sealed record Field(Func<RunRow, bool> Has, Func<RunWrite, bool> Given, Action<RunRow, RunWrite> Set);

    static readonly Dictionary<string, Field> Fields = new(StringComparer.Ordinal)
    {
        ["name"] = new(r => r.Name is not null, w => w.Name is not null, (r, w) => r.Name = w.Name),
        ["type"] = new(_ => true, w => w.Type is not null, (r, w) => r.Type = w.Type!),
        ["workflow_name"] = new(_ => true, w => w.WorkflowName is not null, (r, w) => r.WorkflowName = w.WorkflowName!),
        ["workflow_version"] = new(r => r.WorkflowVersion is not null, w => w.WorkflowVersion is not null, (r, w) => r.WorkflowVersion = w.WorkflowVersion),
        ["environment"] = new(_ => true, w => w.Environment is not null, (r, w) => r.Environment = w.Environment!),
        ["actor"] = new(r => r.Actor is not null, w => w.Actor is not null, (r, w) => r.Actor = w.Actor),
        ["started_by"] = new(r => r.StartedBy is not null, w => w.StartedBy is not null, (r, w) => r.StartedBy = w.StartedBy),
        ["owner"] = new(r => r.Owner is not null, w => w.Owner is not null, (r, w) => r.Owner = w.Owner),
        ["thread_id"] = new(r => r.ThreadId is not null, w => w.ThreadId is not null, (r, w) => r.ThreadId = w.ThreadId),
        ["agent_id"] = new(r => r.AgentId is not null, w => w.AgentId is not null, (r, w) => r.AgentId = w.AgentId),
        ["business_event_id"] = new(r => r.BusinessEventId is not null, w => w.BusinessEventId is not null, (r, w) => r.BusinessEventId = w.BusinessEventId),
        ["lead_id"] = new(r => r.LeadId is not null, w => w.LeadId is not null, (r, w) => r.LeadId = w.LeadId),
        ["batch_id"] = new(r => r.BatchId is not null, w => w.BatchId is not null, (r, w) => r.BatchId = w.BatchId),
        ["tags"] = new(r => r.TagsText is not null, w => w.Tags is not null, (r, w) => r.TagsText = TextList.Join(w.Tags!)),
        ["trace_id"] = new(r => r.TraceId is not null, w => w.TraceId is not null, (r, w) => r.TraceId = w.TraceId),
        // Payloads are placed by the writer, which asks TakesPayload; times, error and duration are worked out in Settle.
        ["inputs_summary"] = new(r => r.Inputs is not null, w => w.InputsSummary is not null, static (_, _) => { }),
        ["outputs_summary"] = new(r => r.Outputs is not null, w => w.OutputsSummary is not null, static (_, _) => { }),
        ["started_at"] = new(r => r.StartedAt is not null, w => w.StartedAt is not null, static (_, _) => { }),
        ["completed_at"] = new(r => r.CompletedAt is not null, w => w.CompletedAt is not null, static (_, _) => { }),
        ["error_message"] = new(r => r.ErrorMessage is not null, w => w.ErrorMessage is not null || w.ErrorCode is not null, static (_, _) => { }),
    };

    /// <summary>Takes what a derived write says about its run.</summary>
    public static void Into(RunChange change)
    {
        var (row, write) = (change.Row, change.Item.Run);
        var derived = write.Derived!;
        var state = change.State = DerivedState.Read(row.Derived);
        if (row.Derived is null && !change.IsNew)
        {
            foreach (var (name, field) in Fields)
                if (field.Has(row)) state.Keys[name] = DerivedState.Reported;
        }

        if (derived.SilentSince is { } since && state.Root is null && row.UpdatedAt <= since.ToMicros() && row.Flags.HasFlag(RunFlags.DerivedStatus))
            state.Silent = true;
        state.Add(derived);
        foreach (var (name, key) in derived.Keys)
        {
            if (!Fields.TryGetValue(name, out var field)) throw new InvalidOperationException($"{name} is not derived from spans.");
            if (field.Given(write) && state.Wins(name, key)) field.Set(row, write);
        }

        if (row.TraceId is null && write.TraceId is not null) row.TraceId = write.TraceId;
    }

    /// <summary>A report reached a run that spans made or joined: what it says stays, whatever spans say later.</summary>
    public static void NoteReport(RunChange change)
    {
        var (row, write) = (change.Row, change.Item.Run);
        if (row.Derived is null) return;
        var state = change.State = DerivedState.Read(row.Derived);
        foreach (var (name, field) in Fields)
            if (field.Given(write) || write.Clear?.Contains(name, StringComparer.Ordinal) is true) state.Keys[name] = DerivedState.Reported;
        if (write.Status is not { } reported || !row.Flags.HasFlag(RunFlags.DerivedStatus)) return;
        row.Flags &= ~RunFlags.DerivedStatus;
        if (!reported.IsFinal() && write.CompletedAt is null) row.CompletedAt = null;
        if (reported != RunStatus.Failed && !state.IsReported("error_message"))
            (row.ErrorCode, row.ErrorClass, row.ErrorMessage, row.ErrorStepId, row.FailedNode) = (null, null, null, null, null);
    }

    /// <summary>True when the run takes this write's payload for the field.</summary>
    public static bool TakesPayload(RunChange change, string field) =>
        change.Item.Run.Derived is not { } derived
        || derived.Keys.TryGetValue(field, out var key) && change.State!.Keys.TryGetValue(field, out var held) && string.Equals(held, key, StringComparison.Ordinal);

    /// <summary>Status and times, once the steps are merged.</summary>
    /// <param name="change">The change.</param>
    /// <param name="steps">All steps of the run as they shall be; needed only when the run ended by silence.</param>
    public static void Settle(RunChange change, IReadOnlyCollection<StepRow> steps)
    {
        var (row, state) = (change.Row, change.State!);
        if (!state.IsReported("started_at") && state.Start is not null) row.StartedAt = state.Start;
        if (!row.Flags.HasFlag(RunFlags.DerivedStatus)) return;
        long? ended = null;
        if (state.Root is { } root)
        {
            ended = root.End;
            row.Status = ended is null ? RunStatus.Running : root.Failed ? RunStatus.Failed : RunStatus.Completed;
        }
        else if (state.Silent)
        {
            ended = state.End ?? row.UpdatedAt;
            row.Status = Topmost(steps).Any(s => s.Status == RunStatus.Failed) ? RunStatus.Failed : RunStatus.Completed;
        }
        else
        {
            row.Status = RunStatus.Running;
        }

        if (!state.IsReported("completed_at")) row.CompletedAt = ended;
    }

    /// <summary>True when <see cref="Settle"/> or <see cref="Blame"/> has to see all steps.</summary>
    public static bool NeedsSteps(RunChange change) =>
        change.Row.Flags.HasFlag(RunFlags.DerivedStatus) && (change.State!.Silent && change.State.Root is null || change.State.Root?.Failed is true);

    /// <summary>
    /// Whose fault it was: from the failed root (or, without one, the failed topmost step that ended last) down through the
    /// failed child that ended last each time.
    /// </summary>
    public static void Blame(RunChange change, IReadOnlyCollection<StepRow> steps)
    {
        var (row, state) = (change.Row, change.State!);
        if (!row.Flags.HasFlag(RunFlags.DerivedStatus) || state.IsReported("error_message")) return;
        (row.ErrorCode, row.ErrorClass, row.ErrorMessage, row.ErrorStepId, row.FailedNode) = (null, null, null, null, null);
        if (row.Status != RunStatus.Failed) return;
        var failed = steps.Where(s => s.Status == RunStatus.Failed).ToList();
        var children = failed.Where(s => s.ParentStepId is not null).ToLookup(s => s.ParentStepId!, StringComparer.Ordinal);
        var first = state.Root is { } root ? failed.Find(s => string.Equals(s.Id, root.StepId, StringComparison.Ordinal)) : Last(Topmost(steps).Where(s => s.Status == RunStatus.Failed));
        var (step, said) = (first, first);
        // A chain of parents may be a ring when ids are nonsense.
        for (var i = 0; step is not null && i <= failed.Count; i++)
        {
            if (Last(children[step.Id]) is not { } deeper) break;
            step = deeper;
            if (step.ErrorMessage is not null) said = step;
        }

        if (step is null) return;
        row.ErrorStepId = step.Id;
        row.FailedNode = step.NodeId ?? step.Name;
        row.ErrorMessage = said!.ErrorMessage;
        row.ErrorCode = said.ErrorCode ?? step.ErrorCode;
        row.ErrorClass = said.ErrorClass ?? step.ErrorClass;
    }

    static StepRow? Last(IEnumerable<StepRow> steps) => steps.OrderByDescending(s => s.CompletedAt).ThenBy(s => s.Id, StringComparer.Ordinal).FirstOrDefault();

    static IEnumerable<StepRow> Topmost(IReadOnlyCollection<StepRow> steps)
    {
        var held = steps.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        return steps.Where(s => s.ParentStepId is null || !held.Contains(s.ParentStepId));
    }
}
