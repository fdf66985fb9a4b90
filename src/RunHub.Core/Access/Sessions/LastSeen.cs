using System.Collections.Concurrent;

namespace RunHub.Access.Sessions;

/// <summary>When people were last seen, until it is written.</summary>
public sealed class LastSeen
{
    readonly ConcurrentDictionary<long, long> at = new();

    /// <summary>This user is here at <paramref name="now"/>, µs since 1970.</summary>
    public void Mark(long userNo, long now) => at[userNo] = now;

    /// <summary>What has gathered; gone from here.</summary>
    public IReadOnlyList<(long UserNo, long At)> Take() =>
        [.. at.Keys.Select(no => (no, At: at.TryRemove(no, out var value) ? value : 0)).Where(e => e.At != 0)];
}
