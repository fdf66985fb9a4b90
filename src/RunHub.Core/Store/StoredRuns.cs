using RunHub.Model;
using RunHub.Plugins;
using RunHub.Store.Payloads;

namespace RunHub.Store;

/// <summary>Turns rows and payloads back into the messages of RunHub.Abstractions: what adapters, downloads and exports see.</summary>
public static class StoredRuns
{
    /// <summary>Everything known about a run.</summary>
    public static async Task<StoredRun> ReadAsync(SqlSession sql, RunRow row, string tenantId, CancellationToken cancellationToken)
    {
        var steps = await RunReader.StepsAsync(sql, row.RunNo, cancellationToken);
        var references = steps.SelectMany(s => new[] { s.Input, s.Output, s.Extra }).Concat([row.Inputs, row.Outputs, row.Extra]);
        var payloads = await RunReader.PayloadsAsync(sql, row.RunNo, references, cancellationToken);
        var notes = await RunReader.AnnotationsAsync(sql, row.RunNo, cancellationToken);
        var run = ToMessage(row, payloads, tenantId);
        run.Annotations = [.. notes.Select(n => new AnnotationWrite(n.Author, n.Note, Times.FromMicros(n.At)) { StepId = n.StepId, Anchor = n.Anchor is null ? null : JsonPayload.Parse(n.Anchor) })];
        return new StoredRun(run, [.. steps.Select(s => new StoredStep(ToMessage(s, row, payloads)))]);
    }

    /// <summary>A run's row as a message.</summary>
    public static RunWrite ToMessage(RunRow row, PayloadSet payloads, string tenantId)
    {
        var extra = RunExtra.Read(payloads[row.Extra]);
        return new RunWrite
        {
            Id = row.Id,
            TenantId = tenantId,
            Name = row.Name,
            Type = row.Type,
            WorkflowName = row.WorkflowName,
            WorkflowVersion = row.WorkflowVersion,
            WorkflowVersionIsNumber = row.Flags.HasFlag(RunFlags.VersionIsNumber),
            Environment = row.Environment,
            Status = row.Status,
            CreatedAt = Times.FromMicros(row.CreatedAt),
            StartedAt = Time(row.StartedAt),
            CompletedAt = Time(row.CompletedAt),
            DurationMs = row.DurationMs,
            Actor = row.Actor,
            Hitl = row.Hitl,
            Trigger = row.Trigger,
            StartedBy = row.StartedBy,
            Owner = row.Owner,
            BusinessEventId = row.BusinessEventId,
            LeadId = row.LeadId,
            BatchId = row.BatchId,
            ThreadId = row.ThreadId,
            AgentId = row.AgentId,
            TraceId = row.TraceId,
            ParentRunId = row.ParentRunId,
            RootRunId = row.RootRunId,
            Attempt = (int?)row.Attempt,
            Progress = row.Progress,
            Tokens = row.Tokens,
            ComputeMs = row.ComputeMs,
            CostUsd = row.CostNano is { } cost ? Money.FromNano(cost) : null,
            ErrorCode = row.ErrorCode,
            ErrorClass = row.ErrorClass,
            ErrorMessage = extra.ErrorMessage ?? row.ErrorMessage,
            ErrorStepId = row.ErrorStepId,
            ErrorStack = extra.ErrorStack,
            InputsSummary = payloads.Get(row.Inputs),
            OutputsSummary = payloads.Get(row.Outputs),
            FirstPassSuccess = row.FirstPassSuccess,
            Accuracy = row.Accuracy,
            ThroughputDelta = row.ThroughputDelta,
            CustomerExperienceIndex = row.CustomerExperienceIndex,
            ExperienceNotes = extra.ExperienceNotes,
            TimeToFeature = row.TimeToFeature,
            Resolved = row.Resolved is null ? null : JsonPayload.Parse(row.Resolved),
            Tags = TextList.Split(row.TagsText),
            AdapterData = extra.AdapterData,
        };
    }

    /// <summary>A step's row as a message.</summary>
    public static StepWrite ToMessage(StepRow row, RunRow run, PayloadSet payloads)
    {
        var extra = StepExtra.Read(payloads[row.Extra]);
        return new StepWrite
        {
            Id = row.Id,
            RunId = run.Id,
            Name = row.Name,
            Type = row.Type,
            NodeId = row.NodeId,
            Label = row.Label,
            ParentStepId = row.ParentStepId,
            Status = row.Status,
            StartedAt = Time(row.StartedAt),
            CompletedAt = Time(row.CompletedAt),
            DurationMs = row.DurationMs,
            Retries = (int)row.Retries,
            Model = row.Model,
            Tool = row.Tool,
            Endpoint = row.Endpoint,
            Parameters = extra.Parameters,
            Input = payloads.Get(row.Input),
            Output = payloads.Get(row.Output),
            Tokens = row.Tokens,
            TokensIn = row.TokensIn,
            TokensOut = row.TokensOut,
            ComputeMs = row.ComputeMs,
            CostUsd = row.CostNano is { } cost ? Money.FromNano(cost) : null,
            SpanId = row.SpanId,
            ErrorCode = row.ErrorCode,
            ErrorClass = row.ErrorClass,
            ErrorMessage = extra.ErrorMessage ?? row.ErrorMessage,
            ErrorStack = extra.ErrorStack,
            ValidationPassed = row.ValidationPassed,
            ValidationScore = row.ValidationScore,
            ValidationReasons = extra.Reasons,
            Attributes = extra.Attributes,
        };
    }

    static DateTimeOffset? Time(long? micros) => micros is { } m ? Times.FromMicros(m) : null;
}
