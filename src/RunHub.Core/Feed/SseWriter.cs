using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using RunHub.Filter;
using RunHub.Store.Events;

namespace RunHub.Feed;

/// <summary>Writes events to one listener; gives up when it takes nothing for some seconds, so that nobody waits for it.</summary>
public sealed class SseWriter(PipeWriter pipe, TimeSpan patience)
{
    /// <summary>How long a listener may take nothing, as a rule.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Begins an answer of events: nothing between here and the listener may keep or gather them.</summary>
    public static SseWriter Begin(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        return new SseWriter(response.BodyWriter, Patience);
    }

    /// <summary>Writes text as it stands: whole frames.</summary>
    /// <exception cref="OperationCanceledException">The listener is gone or takes nothing.</exception>
    public ValueTask WriteAsync(string text, CancellationToken cancellationToken)
    {
        pipe.Write(Encoding.UTF8.GetBytes(text));
        return FlushAsync(cancellationToken);
    }

    /// <summary>Writes the events that match the filter.</summary>
    /// <exception cref="OperationCanceledException">The listener is gone or takes nothing.</exception>
    public ValueTask WriteAsync(IReadOnlyList<HubEvent> events, RunFilter filter, CancellationToken cancellationToken)
    {
        var any = false;
        foreach (var e in events)
        {
            // A deleted run is known by its id alone: everyone hears of it.
            if (e.Type != EventType.RunDeleted && !filter.IsEmpty && !filter.Matches(e.Run)) continue;
            pipe.Write(e.Sse.Span);
            any = true;
        }

        return any ? FlushAsync(cancellationToken) : default;
    }

    async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var flush = pipe.FlushAsync(cancellationToken);
        try
        {
            var result = flush.IsCompleted ? await flush : await flush.AsTask().WaitAsync(patience, cancellationToken);
            if (result.IsCompleted) throw new OperationCanceledException("The listener is gone.");
        }
        catch (TimeoutException e)
        {
            throw new OperationCanceledException("The listener takes nothing.", e);
        }
    }
}
