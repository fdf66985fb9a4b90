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
/// that what was missed is too old or too much and the client must load anew.
/// </summary>
static class StreamApi
{
    static readonly AccessAttribute Access = Allow.Viewers;
    static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    static readonly string[] Own = ["topic", "last_event_id"];

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/api/stream", HandleAsync).Access(Access)
        .WithName("StreamRuns").WithTags("Live").WithSummary("Live feed as Server-Sent Events")
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");

    static async Task HandleAsync(HttpContext context, EventFeed feed, ReplayEvents replay, StillAllowed still, IHostApplicationLifetime life)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        var cancel = stop.Token;
        var filter = RunFilter.Parse(context.Request.Query, Own);
        var tenantNo = context.Caller().Tenant.No;
        var topic = Topic(tenantNo, context.Request.Query["topic"].ToString());
        var resume = Resume(context);
        using var reader = await feed.ListenAsync(topic, cancel);
        var watch = still.WatchAsync(context, Access, stop);

        try
        {
            await SendAsync(context.Response, reader, replay, filter, resume, cancel);
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
            await foreach (var missed in replay.HandleAsync(reader.Key, after, reader.From, cancellationToken))
            {
                if (missed.Gap is { } gap) await sse.WriteAsync($"id: {reader.From}\nevent: gap\ndata: {{\"from\":{after},\"to\":{reader.From},\"reason\":\"{gap}\"}}\n\n", cancellationToken);
                else await sse.WriteAsync(missed.Events, filter, cancellationToken);
            }
        }

        while (true)
        {
            if (await reader.NextAsync(KeepAlive, cancellationToken) is { } events) await sse.WriteAsync(events, filter, cancellationToken);
            else await sse.WriteAsync(": \n\n", cancellationToken);
        }
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
