using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace RunHub.IntegrationTests.Store;

/// <summary>The wire to the PostgreSQL server, which can be cut: for good, or just after a commit was sent, before its answer.</summary>
sealed class Wire(TcpListener listener, string host, int port) : IAsyncDisposable
{
    // A simple or a prepared COMMIT: the statement's text is on the wire the first time, and Npgsql sends it as text every time.
    static ReadOnlySpan<byte> Commit => "COMMIT"u8;
    readonly CancellationTokenSource stop = new();
    readonly List<Socket> open = [];
    bool isCut;
    int answersToLose;
    bool cutsThen;

    /// <summary>Settings of a hub that goes through this wire.</summary>
    public Dictionary<string, string?> Settings { get; private init; } = [];

    /// <summary>One to the server of this database.</summary>
    public static Wire To(TestDatabase database)
    {
        var server = new NpgsqlConnectionStringBuilder(database.Settings["Database:ConnectionString"]);
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var (host, port) = (server.Host!, server.Port);
        (server.Host, server.Port, server.Timeout) = ("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, 2);
        var wire = new Wire(listener, host, port) { Settings = new(StringComparer.Ordinal) { ["Database:ConnectionString"] = server.ToString() } };
        _ = wire.AcceptAsync();
        return wire;
    }

    /// <summary>Nobody gets through any more, or again.</summary>
    public void Cut(bool cut = true)
    {
        Volatile.Write(ref isCut, cut);
        if (!cut) return;
        lock (open) foreach (var socket in open) socket.Close();
    }

    /// <summary>So many commits that are sent from now on are done and not answered.</summary>
    /// <param name="count">How many.</param>
    /// <param name="thenCut">And nobody gets through any more, to ask.</param>
    public void LoseAnswers(int count, bool thenCut = false)
    {
        Volatile.Write(ref cutsThen, thenCut);
        Volatile.Write(ref answersToLose, count);
    }

    /// <summary>How many answers are still to be lost.</summary>
    public int ToLose => Volatile.Read(ref answersToLose);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        Cut();
        stop.Dispose();
    }

    async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                if (Volatile.Read(ref isCut)) client.Close();
                else _ = JoinAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task JoinAsync(Socket client)
    {
        using var server = host.StartsWith('/') ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (host.StartsWith('/')) await server.ConnectAsync(new UnixDomainSocketEndPoint($"{host}/.s.PGSQL.{port}"));
            else await server.ConnectAsync(host, port);
            lock (open) open.AddRange([client, server]);
            var losing = new StrongBox();
            await Task.WhenAny(PumpAsync(client, server, bytes =>
            {
                if (bytes.Span.IndexOf(Commit) < 0 || Interlocked.Decrement(ref answersToLose) < 0) return true;
                losing.Value = true;
                if (Volatile.Read(ref cutsThen)) Volatile.Write(ref isCut, true);
                return true;
            }), PumpAsync(server, client, _ => !losing.Value));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
        finally
        {
            client.Close();
        }
    }

    static async Task PumpAsync(Socket from, Socket to, Func<ReadOnlyMemory<byte>, bool> goesOn)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count && goesOn(buffer.AsMemory(0, count)))
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    sealed class StrongBox
    {
        public volatile bool Value;
    }
}
