using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.Feed;
using RunHub.Http;

namespace RunHub.Runs.Bulk;

/// <summary>
/// <c>GET /api/bulk-actions/{id}/stream</c>: Server-Sent Events that say that a bulk action moved, at most five a second; ends when it is
/// completed or aborted, and not while it is paused.
/// </summary>
sealed class BulkStream
{
    static readonly AccessAttribute Access = Allow.Viewers;
    static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    readonly BulkActions actions;
    readonly Dictionary<string, List<Channel<bool>>> listeners = new(StringComparer.Ordinal);
    readonly Lock gate = new();

    public BulkStream(BulkActions actions, Signals signals)
    {
        this.actions = actions;
        signals.On(BulkActions.Moved, Heard);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/bulk-actions/{id}/stream", Access, BulkDocs.Stream,
        context => context.RequestServices.GetRequiredService<BulkStream>().HandleAsync(context));

    async Task HandleAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        var tenantNo = context.Caller().Tenant.No;
        var life = context.RequestServices.GetRequiredService<IHostApplicationLifetime>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        if (await actions.FindAsync(tenantNo, id, stop.Token) is not { } bulk) throw ProblemException.NotFound("bulk action", id);
        var key = string.Create(CultureInfo.InvariantCulture, $"{tenantNo}:{id}");
        var news = Listen(key);
        var watch = context.RequestServices.GetRequiredService<StillAllowed>().WatchAsync(context, Access, stop);
        try
        {
            var sse = SseWriter.Begin(context.Response);
            var said = "";
            while (true)
            {
                var now = string.Create(CultureInfo.InvariantCulture,
                    $"event: progress\ndata: {{\"state\":\"{ApiJson.Lower(bulk.State)}\",\"total\":{bulk.Total},\"done\":{bulk.Done},\"unchanged\":{bulk.Unchanged},\"failed\":{bulk.Failed}}}\n\n");
                // Where nothing moved a word keeps the line open.
                await sse.WriteAsync(now == said ? ":\n\n" : now, stop.Token);
                said = now;
                if (!bulk.IsOpen) break;
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
                patience.CancelAfter(Look);
                await ((Task)news.Reader.WaitToReadAsync(patience.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stop.Token.ThrowIfCancellationRequested();
                news.Reader.TryRead(out _);
                if (await actions.FindAsync(tenantNo, id, stop.Token) is not { } read) break;
                bulk = read;
            }
        }
        catch (OperationCanceledException)
        {
            // The listener is gone or may no longer listen, or the hub stops.
        }
        finally
        {
            Leave(key, news);
            await stop.CancelAsync();
            await watch;
        }
    }

    Channel<bool> Listen(string key)
    {
        var news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        lock (gate)
        {
            if (!listeners.TryGetValue(key, out var all)) listeners[key] = all = [];
            all.Add(news);
        }

        return news;
    }

    void Leave(string key, Channel<bool> news)
    {
        lock (gate)
        {
            if (listeners[key].Remove(news) && listeners[key].Count == 0) listeners.Remove(key);
        }
    }

    void Heard(string key)
    {
        lock (gate)
        {
            if (key.Length == 0) foreach (var news in listeners.Values.SelectMany(l => l)) news.Writer.TryWrite(true);
            else if (listeners.TryGetValue(key, out var all)) foreach (var news in all) news.Writer.TryWrite(true);
        }
    }
}
