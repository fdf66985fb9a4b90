using System.Globalization;
using Microsoft.Extensions.Hosting;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;

namespace RunHub.Runs.Stream;

/// <summary>
/// <c>GET /api/stream</c>: the live feed as Server-Sent Events. <c>event: run</c> with the event's JSON and its number as
/// <c>id</c>; <c>Last-Event-ID</c> (or <c>last_event_id</c>) resumes without loss or repetition; <c>event: gap</c> says
/// that what was missed is too old or too much and the client must load anew. With <c>brief</c> a listener hears which runs changed and
/// nothing else about them, a few times a second however much happens (<see cref="BriefFrame"/>): what a page needs to keep itself true.
/// </summary>
static class StreamApi
{
    static readonly AccessAttribute Access = Allow.Viewers;
    static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    // How soon a listener whose filter lets nothing through is told where it is, so that it resumes near there.
    static readonly TimeSpan Whereabouts = TimeSpan.FromSeconds(5);
    static readonly string[] Own = ["topic", "last_event_id", "brief", "watch", "back"];

    // What a page missed between the moment it was read and the one in which it listens: longer than any page takes.
    const int MaxBack = 60_000;

    // An event is stamped when its write begins and seen when it is on disk.
    const long CommitMargin = 2_000_000;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/api/stream", HandleAsync).Access(Access)
        .WithName("StreamRuns").WithTags("Live").WithSummary("Live feed as Server-Sent Events")
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");

    static async Task HandleAsync(HttpContext context, EventFeed feed, ReplayEvents replay, StillAllowed still, IHostApplicationLifetime life, TimeProvider time)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        var cancel = stop.Token;
        var filter = RunFilter.Parse(context.Request.Query, Own);
        var tenantNo = context.Caller().Tenant.No;
        var topic = Topic(tenantNo, context.Request.Query["topic"].ToString());
        var brief = context.Request.Flag("brief") ? new BriefFrame(filter, Watched(context.Request)) : null;
        var resume = Resume(context) ?? (Back(context.Request) is { } back ? await feed.LastBeforeAsync(time.GetUtcNow().ToMicros() - back * 1000L - CommitMargin, cancel) : null);
        using var reader = await feed.ListenAsync(topic, cancel);
        var watch = still.WatchAsync(context, Access, stop);

        try
        {
            if (brief is null) await SendAsync(context.Response, reader, replay, filter, resume, cancel);
            else await SendAsync(context.Response, reader, replay, brief, resume, cancel);
        }
        catch (OperationCanceledException)
        {
            // The listener is gone, takes nothing, or may no longer listen; or the hub stops.
        }

        await stop.CancelAsync();
        await watch;
    }

    static async Task SendAsync(HttpResponse response, FeedReader reader, ReplayEvents replay, RunFilter filter, long? resume, CancellationToken cancellationToken)
    {
        var sse = SseWriter.Begin(response);
        await sse.WriteAsync($"retry: 2000\nid: {resume ?? reader.From}\nevent: hello\ndata: {{\"seq\":{resume ?? reader.From}}}\n\n", cancellationToken);
        if (resume is { } after)
        {
            await foreach (var missed in replay.HandleAsync(reader, after, cancellationToken))
            {
                if (missed.Gap is { } gap) await sse.WriteAsync(Gap(after, reader.From, gap), cancellationToken);
                else await sse.WriteAsync(missed.Events, filter, cancellationToken);
            }
        }

        var (time, said, seen) = (response.HttpContext.RequestServices.GetRequiredService<TimeProvider>(), 0L, (long?)null);
        while (true)
        {
            if (await reader.NextAsync(seen is null ? KeepAlive : Whereabouts, cancellationToken) is { } events)
            {
                await sse.WriteAsync(events, filter, cancellationToken);
                if (filter.IsEmpty) continue;
                if (seen is null) said = time.GetTimestamp();
                seen = events[^1].Seq;
                if (time.GetElapsedTime(said) < Whereabouts) continue;
            }

            // A frame with a number and nothing else moves the listener's place and is no event to it.
            await sse.WriteAsync(seen is { } last ? string.Create(CultureInfo.InvariantCulture, $": \nid: {last}\n\n") : ": \n\n", cancellationToken);
            seen = null;
        }
    }

    static async Task SendAsync(HttpResponse response, FeedReader reader, ReplayEvents replay, BriefFrame frame, long? resume, CancellationToken cancellationToken)
    {
        var sse = SseWriter.Begin(response);
        await sse.WriteAsync($"retry: 2000\nid: {resume ?? reader.From}\nevent: hello\ndata: {{\"seq\":{resume ?? reader.From}}}\n\n", cancellationToken);
        if (resume is { } after)
        {
            await foreach (var missed in replay.HandleAsync(reader, after, cancellationToken))
            {
                if (missed.Gap is { } gap) await sse.WriteAsync(Gap(after, reader.From, gap), cancellationToken);
                else frame.Add(missed.Events);
            }
        }

        while (true)
        {
            if (!frame.IsEmpty)
            {
                await sse.WriteAsync(frame.Take(), cancellationToken);
                await Task.Delay(frame.WasCrowded ? BriefFrame.CrowdPause : BriefFrame.Pause, cancellationToken);
                while (reader.Next() is { } others) frame.Add(others);
            }
            else if (await reader.NextAsync(KeepAlive, cancellationToken) is { } events) frame.Add(events);
            else await sse.WriteAsync(": \n\n", cancellationToken);
        }
    }

    static string Gap(long from, long to, string reason) => $"id: {to}\nevent: gap\ndata: {{\"from\":{from},\"to\":{to},\"reason\":\"{reason}\"}}\n\n";

    static string? Watched(HttpRequest request) => request.Query["watch"].ToString() is { Length: > 0 } id
        ? Ids.WhatIsWrong(id) is { } wrong ? throw ProblemException.Invalid("query.watch", wrong) : id
        : null;

    static int? Back(HttpRequest request)
    {
        if (request.Query["back"].ToString() is not { Length: > 0 } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? Math.Min(ms, MaxBack) : throw ProblemException.Invalid("query.back", "Milliseconds.");
    }

    static FeedKey Topic(long tenantNo, string topic)
    {
        if (topic is "" or FeedKey.Runs) return new FeedKey(tenantNo, FeedKey.Runs);
        return LiveTopic.IsValid(topic) ? new FeedKey(tenantNo, topic) : throw ProblemException.Invalid("query.topic", LiveTopic.Reason);
    }

    static long? Resume(HttpContext context)
    {
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        var (path, text) = header.Length > 0 ? ("header.Last-Event-ID", header) : ("query.last_event_id", context.Request.Query["last_event_id"].ToString());
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : throw ProblemException.Invalid(path, "The number of an event, as it came in an id.");
    }
}

/// <summary>Topics a listener may name.</summary>
static class LiveTopic
{
    public const string Reason = "A topic is runs, run:{id} or agent:{id}.";

    public static bool IsValid(string topic) => topic is FeedKey.Runs
        || topic.StartsWith("run:", StringComparison.Ordinal) && Ids.WhatIsWrong(topic[4..]) is null
        || topic.StartsWith("agent:", StringComparison.Ordinal) && topic.Length is > 6 and <= 6 + Limits.Name;

    /// <summary>Does an event belong to a topic of its tenant.</summary>
    public static bool Matches(string topic, RunSummary run) => topic switch
    {
        FeedKey.Runs => true,
        _ when topic.StartsWith("run:", StringComparison.Ordinal) => topic.AsSpan(4).SequenceEqual(run.Id),
        _ => topic.AsSpan(6).SequenceEqual(run.AgentId),
    };
}
