namespace RunHub.Store.Events;

/// <summary>What happened to a run; the number is stored.</summary>
public enum EventType
{
    /// <summary>A run became known and waits. <c>run.queued</c>.</summary>
    RunQueued = 0,

    /// <summary><c>run.started</c>.</summary>
    RunStarted = 1,

    /// <summary><c>run.waiting_human</c>.</summary>
    RunWaitingHuman = 2,

    /// <summary><c>run.completed</c>.</summary>
    RunCompleted = 3,

    /// <summary><c>run.failed</c>.</summary>
    RunFailed = 4,

    /// <summary><c>run.canceled</c>.</summary>
    RunCanceled = 5,

    /// <summary>Fields, steps, tags or notes changed; the status did not. <c>run.updated</c>.</summary>
    RunUpdated = 6,

    /// <summary><c>run.deleted</c>.</summary>
    RunDeleted = 7,
}

/// <summary>An event about to be written.</summary>
/// <param name="TenantNo">The run's tenant.</param>
/// <param name="RunNo">The run.</param>
/// <param name="Type">What happened.</param>
/// <param name="Data">Made by <see cref="EventText"/>.</param>
public readonly record struct EventDraft(long TenantNo, long RunNo, EventType Type, string Data);

/// <summary>Names of <see cref="EventType"/> on the wire.</summary>
public static class EventTypes
{
    static readonly string[] Names = ["run.queued", "run.started", "run.waiting_human", "run.completed", "run.failed", "run.canceled", "run.updated", "run.deleted"];

    /// <summary><c>run.completed</c> and so on.</summary>
    public static string ToName(this EventType type) => Names[(int)type];
}
