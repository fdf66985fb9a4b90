using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace RunHub.Benchmarks.Load;

/// <summary>Server-Sent Events listeners: connected, greeted, and then left alone.</summary>
sealed partial class Listeners : IDisposable
{
    readonly List<Socket> sockets = [];

    /// <summary>Connects them all; each has had its greeting when this returns.</summary>
    public Listeners(int port, int count, string path, string header)
    {
        var request = Requests.Get(path, header, "Accept: text/event-stream");
        var buffer = new byte[4096];
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
            sockets.Add(socket);
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(request);
            var text = "";
            while (!text.Contains("event: hello", StringComparison.Ordinal))
            {
                var read = socket.Receive(buffer);
                if (read == 0) throw new BadAnswerException("A listener was sent away: " + text);
                text += Encoding.UTF8.GetString(buffer, 0, read);
                if (!text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)) throw new BadAnswerException("A listener was refused: " + text);
            }
        }
    }

    /// <summary>Reads one listener's events and says how long after the time that stands in each it came, until <paramref name="stop"/>.</summary>
    public Latencies Follow(CancellationToken stop)
    {
        var (latencies, buffer, rest) = (new Latencies(), new byte[256 * 1024], "");
        var socket = sockets[0];
        socket.ReceiveTimeout = 200;
        while (!stop.IsCancellationRequested)
        {
            int read;
            try
            {
                read = socket.Receive(buffer);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut)
            {
                continue;
            }

            if (read == 0) throw new BadAnswerException("The listener was cut off.");
            var now = TimeProvider.System.GetUtcNow();
            // The answer comes in chunks whose lengths may stand in the middle of an event; nothing else has a carriage return.
            rest = ChunkLengths().Replace(rest + Encoding.UTF8.GetString(buffer, 0, read), "");
            var whole = rest.LastIndexOf("\n\n", StringComparison.Ordinal);
            if (whole < 0) continue;
            foreach (var match in Times().EnumerateMatches(rest.AsSpan(0, whole)))
                latencies.Add(now - DateTimeOffset.Parse(rest.AsSpan(match.Index + 6, match.Length - 7), CultureInfo.InvariantCulture));
            rest = rest[(whole + 2)..];
        }

        return latencies;
    }

    [GeneratedRegex("\r\n[0-9a-f]+\r\n", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ChunkLengths();

    [GeneratedRegex("\"at\":\"[^\"]*\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Times();

    public void Dispose()
    {
        foreach (var socket in sockets) socket.Dispose();
    }
}
