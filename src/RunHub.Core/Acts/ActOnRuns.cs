using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Acts;

/// <summary>What became of an act on one run.</summary>
/// <param name="Id">The run's public id.</param>
/// <param name="Changed">False: it was so already, nothing was written.</param>
/// <param name="Undo">The act that takes it back; null where nothing can.</param>
public sealed record ActOutcome(string Id, bool Changed, RunAct? Undo)
{
    /// <summary>Id of the annotation that was added; null: none was.</summary>
    public string? AnnotationId { get; init; }
}

/// <summary>An act ready for the write lane: what it brings in went through validation and redaction.</summary>
public sealed class PreparedAct
{
    internal PreparedAct(Caller caller, RunAct act, RunWrite content) => (Caller, Act, Content) = (caller, act, content);

    /// <summary>Who acts.</summary>
    public Caller Caller { get; }

    /// <summary>What is done.</summary>
    public RunAct Act { get; }

    internal RunWrite Content { get; }
}

/// <summary>
/// Carries out a <see cref="RunAct"/>: writes it the way reports are written (so that rollups, events and live pages follow)
/// and leaves an audit row in the same transaction.
/// </summary>
public sealed class ActOnRuns(WriteLane lane, IngestRuns ingest, ActOnAnnotations annotations, TimeProvider time)
{
    /// <summary>Validates what the act brings in; off the lane.</summary>
    /// <exception cref="ProblemException">400: something in it is not what it should be.</exception>
    public PreparedAct Prepare(Caller caller, RunAct act)
    {
        var item = ingest.Prepare(caller, new RunBatch { Runs = [act.Content(caller, time.GetUtcNow())] }).Items[0];
        if (item.Rejection is { } wrong) throw new ProblemException(wrong.Status, "The request is not valid.", wrong.Path + ": " + wrong.Reason, new Fault(wrong.Path, wrong.Reason));
        return new PreparedAct(caller, act, item.Run);
    }

    /// <summary>Does it to one run, on its own.</summary>
    /// <exception cref="ProblemException">404: no such run in the caller's tenant; 400, 409: it cannot be done to this run.</exception>
    public async Task<ActOutcome> HandleAsync(Caller caller, RunAct act, string id, CancellationToken cancellationToken)
    {
        var prepared = Prepare(caller, act);
        var outcome = await lane.Run((scope, ct) => ApplyAsync(scope, prepared, id, null, ct), cancellationToken);
        if (outcome.AnnotationId is not null) annotations.Forget();
        return outcome;
    }

    /// <summary>Does it to one run inside the lane.</summary>
    /// <param name="scope">The open transaction.</param>
    /// <param name="prepared">From <see cref="Prepare"/>.</param>
    /// <param name="id">The run's public id.</param>
    /// <param name="because">What the audit row says beside the act, such as the bulk action it belongs to.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProblemException">It cannot be done to this run; nothing of it was written.</exception>
    public async ValueTask<ActOutcome> ApplyAsync(WriteScope scope, PreparedAct prepared, string id, string? because, CancellationToken cancellationToken)
    {
        var (caller, act, content) = (prepared.Caller, prepared.Act, prepared.Content);
        // What an act writes follows from what it reads: two of them at one run take turns.
        var row = await RunReader.GetAsync(scope, caller.Tenant.No, id, cancellationToken);
        var undo = act.Undo(row, content);
        if (act is AnnotateRun { StepId: { } step } && await RunReader.StepAsync(scope.Sql, row.RunNo, step, cancellationToken) is null) throw ProblemException.NotFound("step", step);
        if (act.Change(row, content) is not { } change) return new ActOutcome(row.Id, false, null);
        change.Id = row.Id;
        var result = await ingest.WriteAsync(scope, ingest.Ready(caller, change), cancellationToken);
        if (result.Rejected is [var wrong, ..]) throw new ProblemException(wrong.Status, "This cannot be done to the run.", wrong.Reason, new Fault(wrong.Path, wrong.Reason));
        var note = act is AnnotateRun ? AnnotationRow.Of(row.RunNo, content.Annotations![0], caller, scope.Now) : null;
        if (note is not null) await annotations.AuthoredAsync(scope, caller, row, note, (AnnotateRun)act, cancellationToken);
        await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, act.AuditAction, "run", row.Id, Detail(act, note, because)), cancellationToken);
        return new ActOutcome(row.Id, true, undo) { AnnotationId = note?.Id };
    }

    static object? Detail(RunAct act, AnnotationRow? note, string? because) => act switch
    {
        TagRun tag => new { tag.Add, tag.Remove, because },
        AssignRun assign => new { assign.Owner, because },
        ResolveRun resolve => new { resolve.Reason, because },
        MeasureRun measure => new { measure.FirstPassSuccess, measure.Accuracy, measure.ThroughputDelta, measure.CustomerExperienceIndex, measure.TimeToFeature, because },
        AnnotateRun => new { annotation = note?.Id, note?.StepId, because },
        _ => because is null ? null : new { because },
    };
}
