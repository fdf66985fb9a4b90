using System.Text.Json;
using static RunHub.Json.RunFields;

namespace RunHub.Json;

/// <summary>Reads one step object: all its levels fill the same <see cref="StepWrite"/>.</summary>
ref struct StepObject
{
    readonly StepWrite step = new();
    UInt128 given;

    StepObject(bool _) { }

    /// <summary>Reads the object the cursor stands on; null when it is none. Faults are left in the cursor.</summary>
    public static StepWrite? Read(ref JsonCursor cursor)
    {
        if (!cursor.IsObject()) return null;
        var reading = new StepObject(true);
        reading.Members(ref cursor, Step);
        reading.step.Clear = cursor.Clear is { Count: > 0 } clear ? [.. clear] : null;
        reading.CheckTimes(ref cursor);
        return reading.step;
    }

    void Members(ref JsonCursor c, NameTable table)
    {
        UInt128 seen = 0;
        while (c.NextMember(table, ref seen, out var name))
        {
            var field = (StepField)name.Field;
            var bit = UInt128.One << name.Field;
            if (field == StepField.Ignored || name.IsSynonym && (given & bit) != 0)
            {
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

    void Member(ref JsonCursor c, StepField field)
    {
        switch (field)
        {
            case StepField.Id: step.Id = c.Id(); break;
            case StepField.RunId: step.RunId = c.Id(); break;
            case StepField.Name: step.Name = c.Name(); break;
            case StepField.Type: step.Type = Type(ref c); break;
            case StepField.NodeId: step.NodeId = c.Name(); break;
            case StepField.Label: step.Label = c.Name(); break;
            case StepField.ParentStepId: step.ParentStepId = c.Id(); break;
            case StepField.Status: step.Status = c.Status(); break;
            case StepField.StartedAt: step.StartedAt = c.Time(); break;
            case StepField.CompletedAt: step.CompletedAt = c.Time(); break;
            case StepField.DurationMs: step.DurationMs = c.Long(0, RunObject.MaxMs); break;
            case StepField.Retries: step.Retries = c.Int(0, 1_000_000); break;
            case StepField.TokensIn: step.TokensIn = c.Long(0, Limits.Count); break;
            case StepField.TokensOut: step.TokensOut = c.Long(0, Limits.Count); break;
            case StepField.CostUsd: step.CostUsd = c.Money(); break;
            case StepField.ErrorClass: step.ErrorClass = c.OneOf("transient", "validation_failed", "external_api", "policy_denied", "bug"); break;
            case StepField.ErrorStack: step.ErrorStack = c.Text(); break;
            case StepField.Details: Group(ref c, StepDetails); break;
            case StepField.Model: step.Model = c.Name(); break;
            case StepField.Tool: step.Tool = c.Name(); break;
            case StepField.Endpoint: step.Endpoint = c.Name(Limits.Endpoint); break;
            case StepField.Parameters: step.Parameters = c.Payload(); break;
            case StepField.Io: Group(ref c, StepIo); break;
            case StepField.Input: step.Input = c.Payload(); break;
            case StepField.Output: step.Output = c.Payload(); break;
            case StepField.Diagnostics: Group(ref c, StepDiagnostics); break;
            case StepField.SpanId: step.SpanId = c.Name(); break;
            case StepField.ErrorCode: step.ErrorCode = c.Name(); break;
            case StepField.ErrorMessage: step.ErrorMessage = c.Text(); break;
            case StepField.ResourceUsage: Group(ref c, StepResourceUsage); break;
            case StepField.Tokens: step.Tokens = c.Long(0, Limits.Count); break;
            case StepField.ComputeMs: step.ComputeMs = c.Long(0, RunObject.MaxMs); break;
            case StepField.Validation: Group(ref c, StepValidation); break;
            case StepField.ValidationPassed: step.ValidationPassed = c.Bool(); break;
            case StepField.ValidationScore: step.ValidationScore = c.Double(); break;
            case StepField.Attributes:
                if (c.IsObject()) step.Attributes = c.Payload();
                break;
            case StepField.ValidationReasons: step.ValidationReasons = Reasons(ref c); break;
            default: throw new InvalidOperationException($"{field} is not read.");
        }
    }

    void Group(ref JsonCursor c, NameTable table)
    {
        if (c.IsObject()) Members(ref c, table);
    }

    static StepType? Type(ref JsonCursor c)
    {
        return c.OneOf("tool", "model", "decision", "io") is { } word && StepTypes.TryParse(word, out var type) ? type : null;
    }

    static JsonPayload? Reasons(ref JsonCursor c)
    {
        if (c.Reader.TokenType is JsonTokenType.StartArray or JsonTokenType.String) return c.Payload();
        c.Wrong("an array or text");
        return null;
    }

    readonly void ClearField(ref JsonCursor c, StepField field, string name)
    {
        switch (field)
        {
            case StepField.Id or StepField.Name or StepField.Status or StepField.Type:
                c.Fault("This cannot be removed.");
                break;
            case StepField.RunId: break;
            case StepField.Details: c.Clear!.AddRange(StepDetails.Proper); break;
            case StepField.Io: c.Clear!.AddRange(StepIo.Proper); break;
            case StepField.ResourceUsage: c.Clear!.AddRange(StepResourceUsage.Proper); break;
            case StepField.Diagnostics: c.Clear!.AddRange([.. StepDiagnostics.Proper.Where(n => n != "resource_usage"), .. StepResourceUsage.Proper]); break;
            case StepField.Validation: c.Clear!.AddRange(StepValidation.Proper); break;
            default: c.Clear!.Add(name); break;
        }
    }

    readonly void CheckTimes(ref JsonCursor c)
    {
        if (step.StartedAt is { } started && step.CompletedAt is { } completed && completed < started)
            c.Fault($"The step cannot end before it starts ({Times.ToIso(started.ToMicros())}).", "completed_at");
    }
}
