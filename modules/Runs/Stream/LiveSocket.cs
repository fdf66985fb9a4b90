using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using RunHub.Feed;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.Runs.Stream;

/// <summary>One WebSocket and its subscriptions, each a loop over its topic; they take turns to send.</summary>
sealed class LiveSocket(WebSocket socket, long tenantNo, EventFeed feed, ReplayEvents replay, Database database) : IAsyncDisposable
{
    const int MaxMessage = 16 * 1024;
    const int MaxTopics = 64;
    static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);
    static readonly string AgentRowSql = $"SELECT {RunRow.Table.All.Sql} FROM runs WHERE run_no = @run_no";
    readonly Dictionary<string, (CancellationTokenSource Stop, Task Loop)> topics = new(StringComparer.Ordinal);
    readonly SemaphoreSlim turn = new(1, 1);
    readonly byte[] buffer = new byte[4096];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await ReceiveAsync(cancellationToken) is { } message)
        {
            try
            {
                await AnswerAsync(message, cancellationToken);
            }
            catch (JsonException)
            {
                await ErrorAsync("A message is a JSON object with a type.", cancellationToken);
            }
            catch (ProblemException problem)
            {
                await ErrorAsync(problem.Detail ?? problem.Title, cancellationToken);
            }
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var topic in topics.Keys.ToList()) await LeaveAsync(topic);
        turn.Dispose();
    }

    async Task AnswerAsync(byte[] message, CancellationToken cancellationToken)
    {
        var wish = JsonSerializer.Deserialize<Wish>(message, JsonSerializerOptions.Web) ?? throw new JsonException();
        if (wish.Topics?.Contains(null) is true) throw ProblemException.Invalid("topics", LiveTopic.Reason);
        switch (wish.Type)
        {
            case "subscribe":
                foreach (var topic in wish.Topics ?? []) await JoinAsync(topic!, wish, cancellationToken);
                break;
            case "unsubscribe":
                foreach (var topic in wish.Topics ?? []) await LeaveAsync(topic!);
                break;
            case "ping":
                await SendAsync(json => json.WriteString("type", "pong"), cancellationToken);
                break;
            default:
                await ErrorAsync("A type is subscribe, unsubscribe or ping.", cancellationToken);
                break;
        }
    }

    async Task JoinAsync(string topic, Wish wish, CancellationToken cancellationToken)
    {
        if (!LiveTopic.IsValid(topic)) throw ProblemException.Invalid("topics", LiveTopic.Reason);
        var filter = RunFilter.Parse(wish.Filter ?? "");
        await LeaveAsync(topic);
        if (topics.Count >= MaxTopics) throw ProblemException.Invalid("topics", $"At most {MaxTopics} topics on one connection.");
        var reader = await feed.ListenAsync(new FeedKey(tenantNo, topic), cancellationToken);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        topics[topic] = (stop, LoopAsync(reader, filter, wish.LastEventId, stop.Token));
    }

    async Task LeaveAsync(string topic)
    {
        if (!topics.Remove(topic, out var entry)) return;
        await entry.Stop.CancelAsync();
        await entry.Loop;
        entry.Stop.Dispose();
    }

    async Task LoopAsync(FeedReader reader, RunFilter filter, long? after, CancellationToken cancellationToken)
    {
        using var listening = reader;
        var topic = reader.Key.Topic;
        try
        {
            await SendAsync(json =>
            {
                json.WriteString("type", "subscribed");
                json.WriteString("topic", topic);
                json.WriteNumber("seq", after ?? reader.From);
            }, cancellationToken);
            if (after is { } from)
            {
                await foreach (var missed in replay.HandleAsync(reader, from, cancellationToken))
                {
                    if (missed.Gap is { } gap) await GapAsync(topic, from, reader.From, gap, cancellationToken);
                    else await UpdatesAsync(topic, missed.Events, filter, cancellationToken);
                }
            }

            while (true)
                if (await reader.NextAsync(Quiet, cancellationToken) is { } events) await UpdatesAsync(topic, events, filter, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // Unsubscribed, or the connection is over: then receiving ends as well.
        }
        catch (Exception) when (socket.State == WebSocketState.Open)
        {
            // Reading failed; without this topic the client would wait for nothing.
            socket.Abort();
        }
    }

    async Task UpdatesAsync(string topic, IReadOnlyList<HubEvent> events, RunFilter filter, CancellationToken cancellationToken)
    {
        foreach (var e in events)
        {
            if (e.Type != EventType.RunDeleted && !filter.IsEmpty && !filter.Matches(e.Run)) continue;
            var data = topic.StartsWith("agent:", StringComparison.Ordinal) ? await AgentRunAsync(e, cancellationToken) : e.Json;
            if (data.Length == 0) continue;
            await SendAsync(json =>
            {
                json.WriteString("type", "run_update");
                json.WriteString("topic", topic);
                json.WriteNumber("seq", e.Seq);
                json.WritePropertyName("data");
                json.WriteRawValue(data.Span, skipInputValidation: true);
            }, cancellationToken);
        }
    }

    async ValueTask<ReadOnlyMemory<byte>> AgentRunAsync(HubEvent e, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await sql.Prepare(AgentRowSql).With(e.RunNo).FirstAsync(r => RunRow.Table.All.Read(r), cancellationToken);
        return run is null ? default : AgentRunJson.ToBytes(run);
    }

    Task GapAsync(string topic, long from, long to, string reason, CancellationToken cancellationToken) => SendAsync(json =>
    {
        json.WriteString("type", "gap");
        json.WriteString("topic", topic);
        json.WriteNumber("from", from);
        json.WriteNumber("to", to);
        json.WriteString("reason", reason);
    }, cancellationToken);

    Task ErrorAsync(string reason, CancellationToken cancellationToken) => SendAsync(json =>
    {
        json.WriteString("type", "error");
        json.WriteString("reason", reason);
    }, cancellationToken);

    async Task SendAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>(512);
        await using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        await turn.WaitAsync(cancellationToken);
        try
        {
            // A send cannot be given up half-way: a peer that takes nothing loses the connection.
            await socket.SendAsync(text.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).AsTask().WaitAsync(SendPatience, CancellationToken.None);
        }
        catch (TimeoutException e)
        {
            socket.Abort();
            throw new OperationCanceledException("The listener takes nothing.", e);
        }
        finally
        {
            turn.Release();
        }
    }

    async Task<byte[]?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            if (message.WrittenCount + part.Count > MaxMessage)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"A message has at most {MaxMessage} bytes.", cancellationToken);
                throw new OperationCanceledException("Too big.");
            }

            message.Write(buffer.AsSpan(0, part.Count));
            if (part.EndOfMessage) return message.WrittenSpan.ToArray();
        }
    }

    sealed record Wish(string? Type, string?[]? Topics, string? Filter, [property: System.Text.Json.Serialization.JsonPropertyName("last_event_id")] long? LastEventId);
}
