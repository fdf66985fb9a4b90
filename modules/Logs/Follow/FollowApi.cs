using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Http;
using RunHub.Json;
using RunHub.Store;
using RunHub.Store.Events;
using RunHub.Store.Logs;

namespace RunHub.Logs;

/// <summary>
/// <c>GET /api/runs/{id}/logs/stream</c>: a run's lines as they arrive, as Server-Sent Events. <c>event: log</c> with the
/// line's JSON and its number among the run's lines as <c>id</c>; <c>Last-Event-ID</c> resumes after it.
/// </summary>
static class FollowApi
{
    static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    const int PerQuery = 1000;

    /// <summary>More missed lines than this are a gap: reading the list anew is cheaper for both.</summary>
    const int MaxMissed = 5000;

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/logs/stream", Allow.Viewers, LogDocs.Follow, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        var (id, tenantNo) = ((string)context.Request.RouteValues["id"]!, context.Caller().Tenant.No);
        var ask = LogAsk.Parse(context.Request.Query);
        var resume = Resume(context);
        var database = services.GetRequiredService<Database>();
        // By its own id, which may be another than the one asked for; then listening, then reading, so that no line falls between.
        id = await OwnIdAsync(database, id, tenantNo, stop.Token);
        using var reader = await services.GetRequiredService<EventFeed>().ListenAsync(FeedKey.Run(tenantNo, id), stop.Token);
        var follower = await Follower.OfAsync(database, id, tenantNo, ask, stop.Token);
        var watch = services.GetRequiredService<StillAllowed>().WatchAsync(context, Allow.Viewers, stop);
        try
        {
            await follower.SendAsync(SseWriter.Begin(context.Response), reader, resume, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The listener is gone, takes nothing, or may no longer listen; or the hub stops.
        }

        await stop.CancelAsync();
        await watch;
    }

    static async Task<string> OwnIdAsync(Database database, string id, long tenantNo, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return (await RunReader.GetAsync(sql, tenantNo, id, cancellationToken)).Id;
    }

    static long? Resume(HttpContext context)
    {
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        var (path, text) = header.Length > 0 ? ("header.Last-Event-ID", header) : ("query.last_event_id", context.Request.Query["last_event_id"].ToString());
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : throw ProblemException.Invalid(path, "The number of a line, as it came in an id.");
    }

    /// <summary>One listener's place among the lines of its run.</summary>
    sealed class Follower(Database database, string id, long runNo, LogQuery query, long sent)
    {
        long sent = sent;

        public static async Task<Follower> OfAsync(Database database, string id, long tenantNo, LogAsk ask, CancellationToken cancellationToken)
        {
            await using var sql = await database.ReadAsync(cancellationToken);
            var run = await RunReader.GetAsync(sql, tenantNo, id, cancellationToken);
            return new Follower(database, id, run.RunNo, await ask.ForRunAsync(sql, run.RunNo, cancellationToken), (await LogReader.TotalsAsync(sql, run.RunNo, cancellationToken)).Lines);
        }

        public async Task SendAsync(SseWriter sse, FeedReader reader, long? resume, CancellationToken cancellationToken)
        {
            var now = sent;
            var after = resume ?? now;
            await sse.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"retry: 2000\nid: {after}\nevent: hello\ndata: {{\"seq\":{after},\"lines\":{now}}}\n\n"), cancellationToken);
            if (after > now || now - after > MaxMissed)
                await sse.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {now}\nevent: gap\ndata: {{\"from\":{after},\"to\":{now},\"reason\":\"{(after > now ? "unknown" : "too_many")}\"}}\n\n"), cancellationToken);
            else if (after < now) await LinesAsync(sse, after, now, long.MinValue, long.MaxValue, cancellationToken);
            while (true)
            {
                if (await reader.NextAsync(KeepAlive, cancellationToken) is not { } events)
                {
                    await sse.WriteAsync(": \n\n", cancellationToken);
                    continue;
                }

                foreach (var e in events)
                    if (!await OnAsync(sse, e, cancellationToken)) return;
            }
        }

        /// <summary>False: the run is gone.</summary>
        async Task<bool> OnAsync(SseWriter sse, HubEvent e, CancellationToken cancellationToken)
        {
            if (e.RunNo != runNo) return true;
            if (e.Type == EventType.RunDeleted)
            {
                await sse.WriteAsync("event: deleted\ndata: {}\n\n", cancellationToken);
                return false;
            }

            if (e.Logs is { } added && added.LastSeq > sent)
            {
                await LinesAsync(sse, sent, added.LastSeq, added.FromAt, added.ToAt, cancellationToken);
                sent = added.LastSeq;
            }

            if (e.Type != EventType.RunUpdated) await sse.WriteAsync($"event: status\ndata: {{\"status\":\"{e.Run.Status.ToName()}\"}}\n\n", cancellationToken);
            return true;
        }

        async Task LinesAsync(SseWriter sse, long after, long upTo, long from, long to, CancellationToken cancellationToken)
        {
            while (true)
            {
                var lines = await ReadAsync(after, from, to, cancellationToken);
                var frames = new StringBuilder();
                foreach (var line in lines.Where(l => l.Seq <= upTo)) frames.Append(CultureInfo.InvariantCulture, $"id: {line.Seq}\nevent: log\ndata: {Json(line)}\n\n");
                if (frames.Length > 0) await sse.WriteAsync(frames.ToString(), cancellationToken);
                if (lines.Count < PerQuery || lines[^1].Seq >= upTo) return;
                after = lines[^1].Seq;
            }
        }

        async Task<List<LogRow>> ReadAsync(long after, long from, long to, CancellationToken cancellationToken)
        {
            await using var sql = await database.ReadAsync(cancellationToken);
            return await LogReader.ArrivedAsync(sql, runNo, query, after, from, to, PerQuery, cancellationToken);
        }

        string Json(LogRow line)
        {
            var buffer = new ArrayBufferWriter<byte>(512);
            using (var json = new Utf8JsonWriter(buffer, RunJson.WriterOptions)) LogJson.Write(json, line, id);
            // Attributes stand as they came, line breaks between their members included.
            return Encoding.UTF8.GetString(buffer.WrittenSpan).Replace('\r', ' ').Replace('\n', ' ');
        }
    }
}
