using System.Runtime.CompilerServices;
using RunHub.Feed;

namespace RunHub.Runs.Stream;

/// <summary>Hands a resuming listener what it missed, or says that it cannot.</summary>
sealed class ReplayEvents(EventFeed feed)
{
    const int PageSize = 500;

    /// <summary>More than this is a gap: loading the list anew is cheaper for both.</summary>
    const int MaxEvents = 20_000;

    /// <summary>A page of events, or the reason of a gap, after which nothing more comes.</summary>
    public readonly record struct Missed(IReadOnlyList<HubEvent> Events, string? Gap);

    /// <summary>Events of the reader's topic after <paramref name="after"/> up to where the reader begins, oldest first.</summary>
    public async IAsyncEnumerable<Missed> HandleAsync(FeedReader reader, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (topic, upTo) = (reader.Key, reader.From);
        if (after > upTo)
        {
            // Another node handed it out before this one heard of it; else it is of another database.
            if (after <= await feed.NewestAsync(cancellationToken)) reader.Skip(after);
            else yield return new Missed([], "unknown");
            yield break;
        }

        if (after < upTo && await feed.OldestAsync(cancellationToken) > after + 1 && after > 0)
        {
            yield return new Missed([], "expired");
            yield break;
        }

        for (var sent = 0; after < upTo;)
        {
            var page = await feed.ReadAsync(topic.TenantNo, after, upTo, PageSize, cancellationToken);
            if (page.Count == 0) yield break;
            after = page[^1].Seq;
            if ((sent += page.Count) > MaxEvents)
            {
                yield return new Missed([], "too_many");
                yield break;
            }

            yield return new Missed([.. page.Where(e => LiveTopic.Matches(topic.Topic, e.Run))], null);
            if (page.Count < PageSize) yield break;
        }
    }
}
