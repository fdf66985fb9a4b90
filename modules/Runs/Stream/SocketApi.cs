using System.Net.WebSockets;
using Microsoft.Extensions.Hosting;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Http;

namespace RunHub.Runs.Stream;

/// <summary>
/// <c>/api/ws</c>: the live feed over WebSocket. The client sends
/// <c>{"type":"subscribe","topics":["runs","run:{id}","agent:{id}"],"filter":"status=failed","last_event_id":12}</c>,
/// <c>{"type":"unsubscribe","topics":[…]}</c> or <c>{"type":"ping"}</c>; the hub sends
/// <c>{"type":"run_update","topic":…,"seq":…,"data":{…}}</c>, <c>subscribed</c>, <c>gap</c>, <c>pong</c> and
/// <c>{"type":"error","reason":…}</c>.
/// </summary>
static class SocketApi
{
    static readonly AccessAttribute Access = Allow.Viewers;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/api/ws", HandleAsync).Access(Access)
        .WithName("LiveSocket").WithTags("Live").WithSummary("Live feed over WebSocket").Produces(StatusCodes.Status101SwitchingProtocols);

    static async Task HandleAsync(HttpContext context, EventFeed feed, ReplayEvents replay, StillAllowed still, Store.Database database, IHostApplicationLifetime life)
    {
        if (!context.WebSockets.IsWebSocketRequest) throw new ProblemException(426, "This address speaks WebSocket.", "Ask with Upgrade: websocket, or use /api/stream.");
        if (!IsSameOrigin(context.Request)) throw new ProblemException(403, "Foreign origin.", "A browser may connect from the hub's own pages only.");
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = TimeSpan.FromSeconds(15) });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        await using var session = new LiveSocket(socket, context.Caller().Tenant.No, feed, replay, database);
        var watch = still.WatchAsync(context, Access, stop);
        try
        {
            await session.RunAsync(stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The peer is gone, may no longer listen, or the hub stops.
        }

        await stop.CancelAsync();
        await watch;
    }

    static bool IsSameOrigin(HttpRequest request) => request.Headers.Origin.Count == 0
        || Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin)
        && string.Equals(origin.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
