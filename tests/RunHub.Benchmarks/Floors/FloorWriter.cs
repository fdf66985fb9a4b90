namespace RunHub.Benchmarks.Floors;

/// <summary>Two prepared INSERTs into the frozen schema. Begin and commit are the caller's.</summary>
sealed class FloorWriter(FloorDatabase database)
{
    readonly FloorStatement begin = database.Prepare("BEGIN IMMEDIATE");
    readonly FloorStatement commit = database.Prepare("COMMIT");
    readonly FloorStatement run = database.Prepare($"INSERT INTO runs VALUES ({string.Join(',', Enumerable.Repeat('?', 27))})");
    readonly FloorStatement step = database.Prepare($"INSERT INTO steps VALUES ({string.Join(',', Enumerable.Repeat('?', 15))})");
    long lastRun;

    public void Begin() => begin.Execute();

    public void Commit() => commit.Execute();

    public void Insert(FloorRun r)
    {
        var no = ++lastRun;
        run.Bind(no).Bind(1).Bind(r.Id).Bind(r.Type).Bind(r.WorkflowName).Bind(r.WorkflowVersion).Bind(r.Environment).Bind(r.Status).Bind(r.StartedAt)
            .Bind(r.StartedAt).Bind(r.CompletedAt).Bind(r.DurationMs).Bind(r.Actor).Bind(r.Hitl).Bind(r.BusinessEventId).Bind(r.Inputs).Bind(r.Outputs)
            .Bind(r.FirstPassSuccess).Bind(r.Accuracy).Bind(r.ThroughputDelta).Bind(r.TraceId).Bind(r.Tokens).Bind(r.ComputeMs)
            .Bind(r.ErrorCode).Bind(r.ErrorMessage).Bind(r.Tags).Bind(r.Annotations).Execute();
        for (var i = 0; i < r.Steps.Count; i++)
        {
            var s = r.Steps[i];
            step.Bind(no << 12 | (long)i).Bind(no).Bind(s.Id).Bind(s.Name).Bind(s.Type).Bind(s.Status).Bind(s.StartedAt).Bind(s.CompletedAt)
                .Bind(s.DurationMs).Bind(s.Retries).Bind(s.Model).Bind(s.Tokens).Bind(s.Parameters).Bind(s.Input).Bind(s.Output).Execute();
        }
    }
}
