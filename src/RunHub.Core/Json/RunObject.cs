using System.Text.Json;
using static RunHub.Json.RunFields;

namespace RunHub.Json;

/// <summary>Reads one run object: all its levels fill the same <see cref="RunWrite"/>.</summary>
ref struct RunObject
{
    /// <summary>A hundred years.</summary>
    internal const long MaxMs = 100L * 366 * 86_400_000;
    readonly RunWrite run = new();
    UInt128 given;

    RunObject(bool _) { }

    /// <summary>Reads the object the cursor stands on; null when it is none. Faults are left in the cursor.</summary>
    public static RunWrite? Read(ref JsonCursor cursor)
    {
        if (!cursor.IsObject()) return null;
        var reading = new RunObject(true);
        reading.Members(ref cursor, Run);
        reading.run.Clear = cursor.Clear is { Count: > 0 } clear ? [.. clear] : null;
        reading.CheckTimes(ref cursor);
        return reading.run;
    }

    void Members(ref JsonCursor c, NameTable table)
    {
        UInt128 seen = 0;
        while (c.NextMember(table, ref seen, out var name))
        {
            var field = (RunField)name.Field;
            var bit = UInt128.One << name.Field;
            if (field == RunField.Ignored || name.IsSynonym && (given & bit) != 0)
            {
                // The proper name was there: the synonym beside it (as in our own answers) is not looked at.
                c.Payload();
            }
            else if (c.Reader.TokenType == JsonTokenType.Null)
            {
                ClearField(ref c, field, name.Text);
            }
            else
            {
                Member(ref c, field);
                if (!name.IsSynonym) given |= bit;
            }

            c.Pop();
        }
    }

    void Member(ref JsonCursor c, RunField field)
    {
        switch (field)
        {
            case RunField.Id: run.Id = c.Id(); break;
            case RunField.TenantId: run.TenantId = c.Name(); break;
            case RunField.Name: run.Name = c.Name(); break;
            case RunField.Type: run.Type = c.Name(64); break;
            case RunField.WorkflowName: run.WorkflowName = c.Name(); break;
            case RunField.WorkflowVersion: Version(ref c); break;
            case RunField.Environment: run.Environment = c.Name(64); break;
            case RunField.Status: run.Status = c.Status(); break;
            case RunField.CreatedAt: run.CreatedAt = c.Time(); break;
            case RunField.StartedAt: run.StartedAt = c.Time(); break;
            case RunField.CompletedAt: run.CompletedAt = c.Time(); break;
            case RunField.DurationMs: run.DurationMs = c.Long(0, MaxMs); break;
            case RunField.Actor: run.Actor = c.Name(); break;
            case RunField.Hitl: run.Hitl = c.OneOf("requested", "approved", "rejected"); break;
            case RunField.Trigger: run.Trigger = c.OneOf("manual", "schedule", "api"); break;
            case RunField.StartedBy: run.StartedBy = c.Name(); break;
            case RunField.Owner: run.Owner = c.Name(); break;
            case RunField.BusinessEventId: run.BusinessEventId = c.Name(); break;
            case RunField.LeadId: run.LeadId = c.Name(); break;
            case RunField.BatchId: run.BatchId = c.Name(); break;
            case RunField.ThreadId: run.ThreadId = c.Name(); break;
            case RunField.AgentId: run.AgentId = c.Name(); break;
            case RunField.ParentRunId: run.ParentRunId = c.Id(); break;
            case RunField.RootRunId: run.RootRunId = c.Id(); break;
            case RunField.Attempt: run.Attempt = c.Int(1, 1_000_000); break;
            case RunField.Progress: run.Progress = c.Double(0, 100); break;
            case RunField.CostUsd: run.CostUsd = c.Money(); break;
            case RunField.ErrorClass: run.ErrorClass = c.OneOf("transient", "validation_failed", "external_api", "policy_denied", "bug"); break;
            case RunField.ErrorStepId: run.ErrorStepId = c.Name(); break;
            case RunField.ErrorStack: run.ErrorStack = c.Text(); break;
            case RunField.InputsSummary: run.InputsSummary = c.Payload(); break;
            case RunField.OutputsSummary: run.OutputsSummary = c.Payload(); break;
            case RunField.CustomerExperienceIndex: run.CustomerExperienceIndex = c.Double(); break;
            case RunField.ExperienceNotes: run.ExperienceNotes = c.Text(); break;
            case RunField.TimeToFeature: run.TimeToFeature = c.Long(0, MaxMs); break;
            case RunField.Resolved: run.Resolved = c.IsObject() ? c.Payload() : null; break;
            case RunField.Tags: run.Tags = Tags(ref c); break;
            case RunField.Annotations: run.Annotations = Annotations(ref c); break;
            case RunField.Steps: run.Steps = Steps(ref c); break;
            case RunField.Logs: run.Logs = LogObject.ReadAll(ref c); break;
            case RunField.Effectiveness: Group(ref c, Effectiveness); break;
            case RunField.Diagnostics: Group(ref c, Diagnostics); break;
            case RunField.ResourceUsage: Group(ref c, ResourceUsage); break;
            case RunField.FirstPassSuccess: run.FirstPassSuccess = c.Bool(); break;
            case RunField.Accuracy: run.Accuracy = c.Double(); break;
            case RunField.ThroughputDelta: run.ThroughputDelta = c.Double(); break;
            case RunField.TraceId: run.TraceId = c.Name(); break;
            case RunField.ErrorCode: run.ErrorCode = c.Name(); break;
            case RunField.ErrorMessage: run.ErrorMessage = c.Text(); break;
            case RunField.Tokens: run.Tokens = c.Long(0, Limits.Count); break;
            case RunField.ComputeMs: run.ComputeMs = c.Long(0, MaxMs); break;
            default: throw new InvalidOperationException($"{field} is not read.");
        }
    }

    void Group(ref JsonCursor c, NameTable table)
    {
        if (c.IsObject()) Members(ref c, table);
    }

    void Version(ref JsonCursor c)
    {
        if (c.Reader.TokenType == JsonTokenType.Number && c.Reader.ValueSpan.Length <= 32)
        {
            run.WorkflowVersion = StringCache.Current.Get(c.Reader.ValueSpan);
            run.WorkflowVersionIsNumber = true;
        }
        else
        {
            run.WorkflowVersion = c.Name();
        }
    }

    static List<string>? Tags(ref JsonCursor c)
    {
        if (!c.IsArray()) return null;
        var tags = new List<string>(4);
        for (var i = 0; c.Reader.Read() && c.Reader.TokenType != JsonTokenType.EndArray; i++)
        {
            c.Push(i);
            if (c.Name(Limits.Tag) is { } tag)
            {
                if (i == Limits.Tags) c.Fault($"A run has at most {Limits.Tags} tags.");
                else if (i < Limits.Tags && !tags.Contains(tag, StringComparer.Ordinal)) tags.Add(tag);
            }
            else if (!c.HasFaults)
            {
                c.Fault("A tag cannot be empty.");
            }

            c.Pop();
        }

        return tags;
    }

    static List<AnnotationWrite>? Annotations(ref JsonCursor c)
    {
        if (!c.IsArray()) return null;
        var notes = new List<AnnotationWrite>(1);
        for (var i = 0; c.Reader.Read() && c.Reader.TokenType != JsonTokenType.EndArray; i++)
        {
            c.Push(i);
            if (c.IsObject() && Annotation(ref c) is { } note) notes.Add(note);
            c.Pop();
        }

        return notes;
    }

    static AnnotationWrite? Annotation(ref JsonCursor c)
    {
        string? author = null, note = null, step = null;
        DateTimeOffset? at = null;
        JsonPayload? anchor = null;
        UInt128 seen = 0;
        while (c.NextMember(RunFields.Annotation, ref seen, out var name))
        {
            if (c.Reader.TokenType != JsonTokenType.Null)
            {
                switch ((AnnotationField)name.Field)
                {
                    case AnnotationField.Author: author = c.Name(); break;
                    case AnnotationField.Note: note = c.Text(Limits.Note); break;
                    case AnnotationField.At: at = c.Time(); break;
                    case AnnotationField.StepId: step = c.Name(); break;
                    case AnnotationField.Anchor: anchor = c.IsObject() ? c.Payload() : null; break;
                    default: c.Payload(); break;
                }
            }

            c.Pop();
        }

        if (note is not null) return new AnnotationWrite(author, note, at) { StepId = step, Anchor = anchor };
        if (!c.HasFaults) c.Fault("A note has a text.", "note");
        return null;
    }

    static List<StepWrite>? Steps(ref JsonCursor c)
    {
        if (!c.IsArray()) return null;
        // A null in a step of a run that is being patched clears the step's field, not the run's.
        var runClear = c.Clear;
        var steps = new List<StepWrite>(4);
        for (var i = 0; c.Reader.Read() && c.Reader.TokenType != JsonTokenType.EndArray; i++)
        {
            c.Push(i);
            if (i == c.Context.MaxItems) c.Fault($"At most {c.Context.MaxItems} steps are accepted at once.");
            if (runClear is not null) c.Clear = [];
            if (StepObject.Read(ref c) is { } step && i < c.Context.MaxItems) steps.Add(step);
            c.Pop();
        }

        c.Clear = runClear;
        return steps;
    }

    readonly void ClearField(ref JsonCursor c, RunField field, string name)
    {
        switch (field)
        {
            case RunField.Id or RunField.WorkflowName or RunField.Status or RunField.Type or RunField.Environment or RunField.CreatedAt:
                c.Fault("This cannot be removed.");
                break;
            case RunField.TenantId or RunField.Steps or RunField.Annotations or RunField.Logs: break;
            case RunField.Effectiveness: c.Clear!.AddRange(Effectiveness.Proper); break;
            case RunField.ResourceUsage: c.Clear!.AddRange(ResourceUsage.Proper); break;
            case RunField.Diagnostics: c.Clear!.AddRange([.. Diagnostics.Proper.Where(n => n != "resource_usage"), .. ResourceUsage.Proper]); break;
            default: c.Clear!.Add(name); break;
        }
    }

    readonly void CheckTimes(ref JsonCursor c)
    {
        if (run.StartedAt is { } started && run.CompletedAt is { } completed && completed < started)
            c.Fault($"The run cannot end before it starts ({Times.ToIso(started.ToMicros())}).", "completed_at");
    }
}
