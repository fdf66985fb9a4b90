using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RunHub.Feed;
using RunHub.Filter;
using RunHub.Store.Events;

namespace RunHub.Runs.Stream;

/// <summary>
/// Gathers what happened until it is sent: each run once, with what a page needs to know of it. One Server-Sent Event
/// <c>event: runs</c>, <c>{"seq": 7, "runs": [{"id", "sort_at", "matches", "deleted"}], "more": 0, "more_matching": 0}</c>;
/// <c>sort_at</c> in microseconds since 1970. Of very many runs <see cref="Most"/> are named, the watched one and the newest first, the rest are counted.
/// </summary>
/// <param name="filter">What <c>matches</c> asks of a run as it is now; a filter that is not live matches none.</param>
/// <param name="watched">Id of a run that is named however many others there are; null: none.</param>
sealed class BriefFrame(RunFilter filter, string? watched)
{
    /// <summary>Runs that a frame names.</summary>
    public const int Most = 200;

    /// <summary>Time between two frames.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Time between two frames when more happens than a frame names.</summary>
    public static readonly TimeSpan CrowdPause = TimeSpan.FromSeconds(1);

    // Beyond it runs may be counted twice: nobody counts that far.
    const int MostHeld = 5_000;
    readonly Dictionary<string, Change> runs = new(StringComparer.Ordinal);
    readonly bool isLive = filter.IsLive;
    int uncounted, uncountedMatching;
    long seq;

    /// <summary>Nothing to send.</summary>
    public bool IsEmpty => runs.Count + uncounted == 0;

    /// <summary>The last frame could not name all.</summary>
    public bool WasCrowded { get; private set; }

    readonly record struct Change(string Id, long SortAt, bool Matches, bool IsDeleted);

    /// <summary>Adds events, in order.</summary>
    public void Add(IReadOnlyList<HubEvent> events)
    {
        foreach (var e in events)
        {
            seq = e.Seq;
            var run = e.Run;
            var deleted = e.Type == EventType.RunDeleted;
            var change = new Change(run.Id, deleted ? 0 : run.SortAt, !deleted && isLive && filter.Matches(run), deleted);
            if (runs.Count < MostHeld || change.Id == watched || runs.ContainsKey(change.Id)) runs[change.Id] = change;
            else
            {
                uncounted++;
                if (change.Matches) uncountedMatching++;
            }
        }
    }

    /// <summary>The frame; begins the next one.</summary>
    public string Take()
    {
        IReadOnlyCollection<Change> all = runs.Values;
        IEnumerable<Change> named = all;
        WasCrowded = all.Count > Most;
        var (more, moreMatching) = (uncounted, uncountedMatching);
        if (WasCrowded)
        {
            var list = all.OrderByDescending(c => c.Id == watched || c.IsDeleted).ThenByDescending(c => c.SortAt).ToList();
            named = list.Take(Most);
            more += list.Count - Most;
            moreMatching += list.Skip(Most).Count(c => c.Matches);
        }

        var buffer = new ArrayBufferWriter<byte>(64 * Math.Min(all.Count, Most) + 64);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("seq", seq);
            json.WriteStartArray("runs");
            foreach (var change in named)
            {
                json.WriteStartObject();
                json.WriteString("id", change.Id);
                if (change.IsDeleted) json.WriteBoolean("deleted", value: true);
                else
                {
                    json.WriteNumber("sort_at", change.SortAt);
                    json.WriteBoolean("matches", change.Matches);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("more", more);
            json.WriteNumber("more_matching", moreMatching);
            json.WriteEndObject();
        }

        runs.Clear();
        (uncounted, uncountedMatching) = (0, 0);
        return string.Create(CultureInfo.InvariantCulture, $"id: {seq}\nevent: runs\ndata: {Encoding.UTF8.GetString(buffer.WrittenSpan)}\n\n");
    }
}
