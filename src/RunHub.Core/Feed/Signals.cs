using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RunHub.Store;

namespace RunHub.Feed;

/// <summary>
/// Small news between nodes: "events were committed", "a key was revoked", "a plugin's state changed". In this process at
/// once; on PostgreSQL to the other nodes as well, through <c>LISTEN/NOTIFY</c>. News may be lost while a connection is
/// down: whoever listens also looks by itself now and then.
/// </summary>
public sealed class Signals(Database database, ILogger<Signals> log) : BackgroundService
{
    const string Channel = "runhub";
    readonly ConcurrentDictionary<string, Action<string>> handlers = new(StringComparer.Ordinal);
    readonly System.Threading.Channels.Channel<string> outgoing = System.Threading.Channels.Channel.CreateBounded<string>(
        new System.Threading.Channels.BoundedChannelOptions(1000) { FullMode = System.Threading.Channels.BoundedChannelFullMode.DropOldest });
    readonly string node = Guid.NewGuid().ToString("N");

    /// <summary>
    /// Calls <paramref name="handler"/> with the detail of every signal called <paramref name="name"/>, and with none when some may
    /// have been missed: it looks, and does nothing that must be done once only. It must not block.
    /// </summary>
    public void On(string name, Action<string> handler) => handlers.AddOrUpdate(name, handler, (_, others) => others + handler);

    /// <summary>Tells this process before it returns, and the other nodes moments later.</summary>
    /// <param name="name">What it is about.</param>
    /// <param name="detail">Up to some hundred characters.</param>
    public void Post(string name, string detail)
    {
        Raise(name, detail);
        if (!database.IsSqlite) outgoing.Writer.TryWrite(Payload(name, detail));
    }

    /// <summary>Raises a signal in this process alone.</summary>
    public void Raise(string name, string detail = "")
    {
        if (handlers.TryGetValue(name, out var handler)) handler(detail);
    }

    /// <summary>Sends inside a transaction of PostgreSQL: the others hear of it when it commits, and only then.</summary>
    internal async Task SendOnCommitAsync(SqlSession sql, string name, CancellationToken cancellationToken) =>
        await sql.Prepare("SELECT pg_notify(@channel, @payload)").With(Channel, Payload(name, "")).ExecuteAsync(cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database.IsSqlite) return;
        await Task.WhenAll(HearAsync(stoppingToken), TellAsync(stoppingToken));
    }

    async Task TellAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var payload in outgoing.Reader.ReadAllAsync(stoppingToken))
            {
                try
                {
                    await using var command = database.Postgres!.CreateCommand("SELECT pg_notify($1, $2)");
                    command.Parameters.AddWithValue(Channel);
                    command.Parameters.AddWithValue(payload);
                    await command.ExecuteNonQueryAsync(stoppingToken);
                }
                catch (NpgsqlException e)
                {
                    log.LogWarning(e, "Could not tell the other nodes; they will see it within a minute");
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    async Task HearAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
            {
                log.LogWarning(e, "Lost the connection that listens for other nodes; trying again");
                await Task.Delay(TimeSpan.FromSeconds(2), stoppingToken);
            }
        }
    }

    async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Postgres!.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, e) => Receive(e.Payload);
        await using (var command = new NpgsqlCommand($"LISTEN {Channel}", connection)) await command.ExecuteNonQueryAsync(cancellationToken);
        // Whatever was said while nobody listened: everyone looks once.
        foreach (var name in handlers.Keys) Raise(name);
        while (true) await connection.WaitAsync(cancellationToken);
    }

    void Receive(string payload)
    {
        try
        {
            var message = JsonSerializer.Deserialize<Message>(payload);
            if (message is not null && !string.Equals(message.Node, node, StringComparison.Ordinal)) Raise(message.Name, message.Detail);
        }
        catch (JsonException)
        {
            // Somebody else uses the channel's name on this database; not ours.
        }
    }

    string Payload(string name, string detail) => JsonSerializer.Serialize(new Message(node, name, detail));

    sealed record Message(string Node, string Name, string Detail);
}
