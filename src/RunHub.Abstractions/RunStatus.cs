namespace RunHub;

/// <summary>Where a run or a step stands. The numbers are stored; never renumber.</summary>
public enum RunStatus
{
    /// <summary>Known, not started. JSON <c>queued</c>.</summary>
    Queued = 0,

    /// <summary>At work. JSON <c>running</c>.</summary>
    Running = 1,

    /// <summary>Stopped until a person decides. JSON <c>waiting_human</c>.</summary>
    WaitingHuman = 2,

    /// <summary>Final: ended well. JSON <c>completed</c>.</summary>
    Completed = 3,

    /// <summary>Final: ended with an error. JSON <c>failed</c>.</summary>
    Failed = 4,

    /// <summary>Final: stopped by someone. JSON <c>canceled</c>.</summary>
    Canceled = 5,
}

/// <summary>Names of <see cref="RunStatus"/> on the wire.</summary>
public static class RunStatuses
{
    static readonly string[] Names = ["queued", "running", "waiting_human", "completed", "failed", "canceled"];

    /// <summary>All six, in the order of the flow.</summary>
    public static IReadOnlyList<RunStatus> All { get; } = Enum.GetValues<RunStatus>();

    /// <summary>RunHub's word: <c>queued, running, waiting_human, completed, failed, canceled</c>.</summary>
    public static string ToName(this RunStatus status) => Names[(int)status];

    /// <summary>True for completed, failed and canceled: a final status stays.</summary>
    public static bool IsFinal(this RunStatus status) => status >= RunStatus.Completed;

    /// <summary>
    /// Reads a status in any case: RunHub's words and the other documents' (<c>pending, paused, success, error,
    /// cancelled</c>).
    /// </summary>
    /// <returns>False when the word is none of them.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out RunStatus status)
    {
        Span<char> lower = stackalloc char[16];
        var length = text.Length <= 16 ? text.ToLowerInvariant(lower) : 0;
        RunStatus? found = lower[..Math.Max(0, length)] switch
        {
            "queued" or "pending" => RunStatus.Queued,
            "running" => RunStatus.Running,
            "waiting_human" or "paused" => RunStatus.WaitingHuman,
            "completed" or "success" => RunStatus.Completed,
            "failed" or "error" => RunStatus.Failed,
            "canceled" or "cancelled" => RunStatus.Canceled,
            _ => null,
        };
        status = found.GetValueOrDefault();
        return found is not null;
    }
}

/// <summary>What a step does.</summary>
public enum StepType
{
    /// <summary>A call of a tool or function. JSON <c>tool</c>.</summary>
    Tool = 0,

    /// <summary>A call of a model. JSON <c>model</c>.</summary>
    Model = 1,

    /// <summary>A branch, plan or judgement. JSON <c>decision</c>.</summary>
    Decision = 2,

    /// <summary>Anything that reads or writes: HTTP, database, file, or plain code. JSON <c>io</c>.</summary>
    Io = 3,
}

/// <summary>Names of <see cref="StepType"/> on the wire.</summary>
public static class StepTypes
{
    static readonly string[] Names = ["tool", "model", "decision", "io"];

    /// <summary><c>tool, model, decision, io</c>.</summary>
    public static string ToName(this StepType type) => Names[(int)type];

    /// <summary>Reads a step type in any case.</summary>
    public static bool TryParse(string? text, out StepType type)
    {
        var at = Array.FindIndex(Names, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        type = (StepType)Math.Max(0, at);
        return at >= 0;
    }
}
