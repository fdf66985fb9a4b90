namespace RunHub.Benchmarks.Floors;

/// <summary>A run as the frozen schema stores it: text as UTF-8, payloads as the JSON text they came as.</summary>
sealed class FloorRun
{
    public byte[] Id = [];
    public byte[] Type = [];
    public byte[] WorkflowName = [];
    public byte[] WorkflowVersion = [];
    public byte[] Environment = [];
    public long Status;
    public long StartedAt;
    public long CompletedAt;
    public long DurationMs;
    public byte[] Actor = [];
    public byte[] Hitl = [];
    public byte[] BusinessEventId = [];
    public byte[] Inputs = [];
    public byte[] Outputs = [];
    public long FirstPassSuccess;
    public double Accuracy;
    public double ThroughputDelta;
    public byte[] TraceId = [];
    public long Tokens;
    public long ComputeMs;
    public byte[] ErrorCode = [];
    public byte[] ErrorMessage = [];
    public byte[] Tags = [];
    public byte[] Annotations = [];
    public List<FloorStep> Steps = [];
}

/// <summary>A step as the frozen schema stores it.</summary>
sealed class FloorStep
{
    public byte[] Id = [];
    public byte[] Name = [];
    public long Type;
    public long Status;
    public long StartedAt;
    public long CompletedAt;
    public long DurationMs;
    public long Retries;
    public byte[] Model = [];
    public long Tokens;
    public byte[] Parameters = [];
    public byte[] Input = [];
    public byte[] Output = [];
}
