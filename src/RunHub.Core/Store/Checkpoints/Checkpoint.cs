namespace RunHub.Store.Checkpoints;

/// <summary>A value as a saver serialised it. RunHub keeps the bytes and loads none but JSON.</summary>
/// <param name="Type"><c>json, msgpack, bytes, bytearray, null, pickle</c>, or what a later serialiser calls itself.</param>
/// <param name="Bytes">As they came; for <c>json</c> UTF-8 text, for <c>null</c> empty.</param>
public readonly record struct CheckpointValue(string Type, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Text that may be read as JSON.</summary>
    public bool IsJson => Type == "json";
}

/// <summary>A checkpoint of a run's state: what LangGraph's table <c>checkpoints</c> holds, with the run in place of the thread.</summary>
/// <param name="Ns">Namespace: empty for the root graph, <c>node:task_id</c> for a subgraph, nested by <c>|</c>.</param>
/// <param name="Id">Checkpoint id; sorts by time within the run.</param>
/// <param name="ParentId">The checkpoint it follows, in the same namespace.</param>
/// <param name="Value">The checkpoint.</param>
/// <param name="Metadata">A JSON object: <c>source, step, parents</c> and what users add.</param>
/// <param name="Source"><c>input, loop, update, fork</c> of the metadata.</param>
/// <param name="Step">-1 for the input, 0 for the first loop.</param>
/// <param name="At">Its own time, else when it arrived; microseconds since 1970, UTC. 0 in a draft: now.</param>
public sealed record Checkpoint(string Ns, string Id, string? ParentId, CheckpointValue Value, ReadOnlyMemory<byte> Metadata, string? Source, long? Step, long At)
{
    /// <summary>Writes that come with it.</summary>
    public IReadOnlyList<CheckpointWrite> Writes { get; init; } = [];
}

/// <summary>A checkpoint in a list: everything but its value.</summary>
/// <param name="Ns">Namespace.</param>
/// <param name="Id">Id.</param>
/// <param name="ParentId">The one before it.</param>
/// <param name="Type">How its value is encoded.</param>
/// <param name="Source">Of the metadata.</param>
/// <param name="Step">Of the metadata.</param>
/// <param name="At">Microseconds since 1970, UTC.</param>
/// <param name="Size">Bytes of its value.</param>
/// <param name="Metadata">A JSON object.</param>
/// <param name="Writes">How many writes hang on it.</param>
/// <param name="Specials">Special channels among them: <c>__error__, __interrupt__, __resume__, __scheduled__</c>.</param>
public sealed record CheckpointSummary(string Ns, string Id, string? ParentId, string Type, string? Source, long? Step, long At, long Size, ReadOnlyMemory<byte> Metadata, long Writes, IReadOnlyList<string> Specials);

/// <summary>A pending write: what a task of the step after a checkpoint wrote to a channel.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="TaskPath">Its place in the graph; may be empty.</param>
/// <param name="Idx">Place among the task's writes; below 0 for the special channels.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Value">The value.</param>
public sealed record CheckpointWrite(string TaskId, string TaskPath, long Idx, string Channel, CheckpointValue Value)
{
    static readonly string[] SpecialByIdx = ["", "__error__", "__scheduled__", "__interrupt__", "__resume__"];

    /// <summary>The fixed place of a special channel; else <paramref name="otherwise"/>.</summary>
    public static long IdxOf(string channel, long otherwise) => Array.IndexOf(SpecialByIdx, channel) is > 0 and var i ? -i : otherwise;

    /// <summary>The special channel at a place; null: an ordinary one.</summary>
    public static string? SpecialAt(long idx) => idx is < 0 and >= -4 ? SpecialByIdx[-idx] : null;
}
