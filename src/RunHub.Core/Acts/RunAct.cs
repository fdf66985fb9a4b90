using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store.Annotations;
using RunHub.Store.Payloads;

namespace RunHub.Acts;

/// <summary>
/// Something a person (or a program with the scope <c>operate</c>) does to a run that exists. The page, the API and bulk
/// actions carry out the same one through <see cref="ActOnRuns"/>. Plain data: it is kept as JSON with a bulk action.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TagRun), "tag")]
[JsonDerivedType(typeof(AssignRun), "assign")]
[JsonDerivedType(typeof(ResolveRun), "resolve")]
[JsonDerivedType(typeof(ReopenRun), "reopen")]
[JsonDerivedType(typeof(AnnotateRun), "annotate")]
[JsonDerivedType(typeof(MeasureRun), "measure")]
[JsonDerivedType(typeof(RestoreResolution), "restore_resolution")]
public abstract record RunAct
{
    /// <summary>What the audit trail calls it: past tense, <c>run.tagged</c>.</summary>
    [JsonIgnore]
    public abstract string AuditAction { get; }

    /// <summary>What it brings in, the same for every run: goes through validation and redaction before the write lane.</summary>
    internal abstract RunWrite Content(Caller caller, DateTimeOffset now);

    /// <summary>What to write to this run; null: it is so already.</summary>
    /// <param name="row">The run as it is.</param>
    /// <param name="content">What <see cref="Content"/> made, after the filters.</param>
    internal abstract RunWrite? Change(RunRow row, RunWrite content);

    /// <summary>The act that takes it back; null where nothing can.</summary>
    /// <param name="row">The run as it was.</param>
    /// <param name="content">What <see cref="Content"/> made, after the filters.</param>
    internal virtual RunAct? Undo(RunRow row, RunWrite content) => null;
}

/// <summary>Adds and removes tags.</summary>
/// <param name="Add">Tags to add; one that is there stays. Null: none.</param>
/// <param name="Remove">Tags to remove; one that is not there is no fault. Null: none.</param>
public sealed record TagRun(IReadOnlyList<string>? Add = null, IReadOnlyList<string>? Remove = null) : RunAct
{
    /// <inheritdoc/>
    public override string AuditAction => "run.tagged";

    internal override RunWrite Content(Caller caller, DateTimeOffset now) => Add is { Count: > 0 } || Remove is { Count: > 0 }
        ? new() { Tags = Add ?? [] }
        : throw ProblemException.Invalid("$.add", "Say which tags to add or to remove: {\"add\": [], \"remove\": []}.");

    internal override RunWrite? Change(RunRow row, RunWrite content)
    {
        var tags = TextList.Split(row.TagsText);
        var wanted = tags.Except(Remove ?? [], StringComparer.Ordinal).Union(content.Tags ?? [], StringComparer.Ordinal).ToList();
        if (wanted.SequenceEqual(tags, StringComparer.Ordinal)) return null;
        if (wanted.Count > Limits.Tags) throw ProblemException.Invalid("$.add", $"A run has at most {Limits.Tags} tags, {row.Id} would have {wanted.Count}.");
        return new RunWrite { Tags = wanted };
    }

    internal override RunAct Undo(RunRow row, RunWrite content)
    {
        var tags = TextList.Split(row.TagsText);
        return new TagRun([.. (Remove ?? []).Intersect(tags, StringComparer.Ordinal)], [.. (content.Tags ?? []).Except(tags, StringComparer.Ordinal)]);
    }
}

/// <summary>Says who looks after it.</summary>
/// <param name="Owner">Usually an email address; null: nobody.</param>
public sealed record AssignRun(string? Owner) : RunAct
{
    /// <inheritdoc/>
    public override string AuditAction => "run.assigned";

    internal override RunWrite Content(Caller caller, DateTimeOffset now) => new() { Owner = Owner };

    internal override RunWrite? Change(RunRow row, RunWrite content)
    {
        if (string.Equals(row.Owner, content.Owner, StringComparison.Ordinal)) return null;
        return content.Owner is null ? new RunWrite { Clear = ["owner"] } : new RunWrite { Owner = content.Owner };
    }

    internal override RunAct Undo(RunRow row, RunWrite content) => new AssignRun(row.Owner);
}

/// <summary>Marks it as dealt with: <c>resolved</c> becomes <c>{"reason", "note", "by", "at"}</c>.</summary>
/// <param name="Reason">One word or line, such as <c>fixed</c>.</param>
/// <param name="Note">More, if there is more to say.</param>
public sealed record ResolveRun(string? Reason = null, string? Note = null) : RunAct
{
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public override string AuditAction => "run.resolved";

    internal override RunWrite Content(Caller caller, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(Reason)) throw ProblemException.Invalid("$.reason", "Say why it is dealt with, such as \"fixed\".");
        if (Reason.Length > Limits.Name) throw ProblemException.Invalid("$.reason", $"At most {Limits.Name} characters, this has {Reason.Length}.");
        if (Note?.Length > Limits.Note) throw ProblemException.Invalid("$.note", $"At most {Limits.Note} characters, this has {Note.Length}.");
        return new() { Resolved = JsonPayload.Parse(new JsonObject { ["reason"] = Reason, ["note"] = Note, ["by"] = caller.Name, ["at"] = Times.ToIso(now.ToMicros()) }.ToJsonString(Readable)) };
    }

    internal override RunWrite? Change(RunRow row, RunWrite content) => new() { Resolved = content.Resolved };

    internal override RunAct Undo(RunRow row, RunWrite content) => Before(row);

    internal static RunAct Before(RunRow row) => row.Resolved is { } json ? new RestoreResolution(json) : new ReopenRun();
}

/// <summary>It is not dealt with after all.</summary>
public sealed record ReopenRun : RunAct
{
    /// <inheritdoc/>
    public override string AuditAction => "run.reopened";

    internal override RunWrite Content(Caller caller, DateTimeOffset now) => new();

    internal override RunWrite? Change(RunRow row, RunWrite content) => row.Resolved is null ? null : new RunWrite { Clear = ["resolved"] };

    internal override RunAct Undo(RunRow row, RunWrite content) => ResolveRun.Before(row);
}

/// <summary>Gives back the resolution a run had: only ever made by undoing.</summary>
/// <param name="Json">As it stood.</param>
public sealed record RestoreResolution(string Json) : RunAct
{
    /// <inheritdoc/>
    public override string AuditAction => "run.resolved";

    internal override RunWrite Content(Caller caller, DateTimeOffset now) => new() { Resolved = JsonPayload.Parse(Json) };

    internal override RunWrite? Change(RunRow row, RunWrite content) => string.Equals(row.Resolved, Json, StringComparison.Ordinal) ? null : new RunWrite { Resolved = content.Resolved };

    internal override RunAct Undo(RunRow row, RunWrite content) => ResolveRun.Before(row);
}

/// <summary>Adds a note, written by the caller now.</summary>
/// <param name="Note">The text.</param>
/// <param name="StepId">The step it is about; null: the run.</param>
/// <param name="Anchor">The part of a payload it is about, found there (<see cref="ReadAnnotations.PlaceAsync"/>); null: no part of one.</param>
/// <param name="AnchoredIn">Where that payload lay.</param>
public sealed record AnnotateRun(string Note, string? StepId = null, Anchor? Anchor = null, PayloadRef? AnchoredIn = null) : RunAct
{
    /// <inheritdoc/>
    public override string AuditAction => "run.annotated";

    internal override RunWrite Content(Caller caller, DateTimeOffset now) => new() { Annotations = [new AnnotationWrite(caller.Name, Note, now) { StepId = StepId, Anchor = Anchor is null ? null : JsonPayload.Parse(Anchor.ToJson()) }] };

    internal override RunWrite? Change(RunRow row, RunWrite content) => new() { Annotations = content.Annotations };
}

/// <summary>Says what a run was worth: all six figures, null removes one.</summary>
/// <param name="FirstPassSuccess">It was right the first time.</param>
/// <param name="Accuracy">Usually 0 to 1.</param>
/// <param name="ThroughputDelta">Against before, in the workflow's unit.</param>
/// <param name="CustomerExperienceIndex">The index.</param>
/// <param name="TimeToFeature">Milliseconds, at most <see cref="MaxTime"/>.</param>
/// <param name="ExperienceNotes">Notes on the customer's experience.</param>
public sealed record MeasureRun(bool? FirstPassSuccess, double? Accuracy, double? ThroughputDelta, double? CustomerExperienceIndex, long? TimeToFeature, string? ExperienceNotes) : RunAct
{
    /// <summary>A hundred years.</summary>
    public const long MaxTime = 3_155_760_000_000;

    /// <inheritdoc/>
    public override string AuditAction => "run.measured";

    internal override RunWrite Content(Caller caller, DateTimeOffset now)
    {
        foreach (var (name, value) in new[] { ("accuracy", Accuracy), ("throughput_delta", ThroughputDelta), ("customer_experience_index", CustomerExperienceIndex) })
            if (value is { } number && !double.IsFinite(number)) throw ProblemException.Invalid("$." + name, "A number.");
        if (TimeToFeature is < 0 or > MaxTime) throw ProblemException.Invalid("$.time_to_feature", "Milliseconds, from 0.");
        if (ExperienceNotes?.Length > Limits.Note) throw ProblemException.Invalid("$.experience_notes", $"At most {Limits.Note} characters, this has {ExperienceNotes.Length}.");
        return new()
        {
            FirstPassSuccess = FirstPassSuccess, Accuracy = Accuracy, ThroughputDelta = ThroughputDelta, CustomerExperienceIndex = CustomerExperienceIndex,
            TimeToFeature = TimeToFeature, ExperienceNotes = string.IsNullOrWhiteSpace(ExperienceNotes) ? null : ExperienceNotes,
        };
    }

    internal override RunWrite? Change(RunRow row, RunWrite content)
    {
        var clear = new List<string>();
        if (content.FirstPassSuccess is null) clear.Add("first_pass_success");
        if (content.Accuracy is null) clear.Add("accuracy");
        if (content.ThroughputDelta is null) clear.Add("throughput_delta");
        if (content.CustomerExperienceIndex is null) clear.Add("customer_experience_index");
        if (content.TimeToFeature is null) clear.Add("time_to_feature");
        if (content.ExperienceNotes is null) clear.Add("experience_notes");
        return new RunWrite
        {
            FirstPassSuccess = content.FirstPassSuccess, Accuracy = content.Accuracy, ThroughputDelta = content.ThroughputDelta, CustomerExperienceIndex = content.CustomerExperienceIndex,
            TimeToFeature = content.TimeToFeature, ExperienceNotes = content.ExperienceNotes, Clear = clear,
        };
    }
}
