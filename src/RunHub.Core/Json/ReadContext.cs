using System.Runtime.InteropServices;
using RunHub.Http;

namespace RunHub.Json;

/// <summary>What reading needs to know beside the body.</summary>
/// <param name="Now">The present, to find times that lie in the future.</param>
/// <param name="MaxDepth">How deep JSON may nest, counted from the item.</param>
/// <param name="MaxItems">How many items a body may hold.</param>
/// <param name="MaxFuture">How far in the future a time may lie.</param>
/// <param name="Strict">True: an unknown field is a fault. False: it is ignored and counted among the warnings.</param>
public sealed record ReadContext(DateTimeOffset Now, int MaxDepth = 128, int MaxItems = 10_000, TimeSpan? MaxFuture = null, bool Strict = false)
{
    /// <summary>From the configuration.</summary>
    public static ReadContext From(IngestOptions options, TimeProvider time, bool strict) =>
        new(time.GetUtcNow(), Math.Clamp(options.MaxDepth, 8, 512), Math.Max(1, options.MaxItems), TimeSpan.FromHours(options.FutureHours), strict);
}

/// <summary>Things that were wrong but did not stop the write.</summary>
public sealed class ReadWarnings
{
    const int MaxKinds = 50;
    readonly Dictionary<string, (string Reason, int Count)> unknown = new(StringComparer.Ordinal);

    /// <summary>Unknown fields that were ignored: path within the item, what may have been meant, how often.</summary>
    public IEnumerable<(string Path, string Reason, int Count)> Unknown => unknown.Select(u => (u.Key, u.Value.Reason, u.Value.Count));

    /// <summary>How many characters (U+0000 and halves of surrogate pairs) were replaced by U+FFFD.</summary>
    public int ReplacedCharacters { get; internal set; }

    /// <summary>True when there is nothing to tell.</summary>
    public bool IsEmpty => unknown.Count == 0 && ReplacedCharacters == 0;

    internal bool IsKnown(string path) => unknown.ContainsKey(path);

    internal void Add(string path, string reason)
    {
        if (unknown.Count >= MaxKinds && !unknown.ContainsKey(path)) (path, reason) = ("$", "More fields are unknown and were ignored.");
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(unknown, path, out var known);
        entry = known ? (entry.Reason, entry.Count + 1) : (reason, 1);
    }
}

/// <summary>An item that was understood.</summary>
/// <param name="Index">Its place in the body, from 0.</param>
/// <param name="Value">What it says.</param>
public readonly record struct ReadItem<T>(int Index, T Value);

/// <summary>An item that was not understood.</summary>
/// <param name="Index">Its place in the body, from 0.</param>
/// <param name="Id">Its id, where one could be read.</param>
/// <param name="Faults">What is wrong with it; paths are relative to the item.</param>
public sealed record ReadFault(int Index, string? Id, IReadOnlyList<Fault> Faults);

/// <summary>A body after reading: what was understood, what was not.</summary>
/// <param name="IsBatch">True for an array or NDJSON, false for one object.</param>
/// <param name="Items">Understood, in order.</param>
/// <param name="Faulty">Not understood, in order.</param>
/// <param name="Warnings">What else is worth telling.</param>
public sealed record ReadResult<T>(bool IsBatch, IReadOnlyList<ReadItem<T>> Items, IReadOnlyList<ReadFault> Faulty, ReadWarnings Warnings);
