using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunHub.Benchmarks.Load;

/// <summary>
/// One keep-alive HTTP/1.1 connection on a blocking socket: sends bytes as they are and reads the answer to its end.
/// It knows just enough (status, Content-Length, chunks) to be much cheaper than the servers it loads, which share its cores.
/// </summary>
sealed class HttpConnection : IDisposable
{
    readonly Socket socket;
    byte[] buffer = new byte[128 * 1024];
    int start;
    int end;

    public HttpConnection(int port)
    {
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000, SendTimeout = 60_000 };
        socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>Sends a whole request and reads the whole answer.</summary>
    /// <param name="request">Head and body.</param>
    /// <param name="keep">Where the answer's body goes; null: nowhere.</param>
    public Answer Send(ReadOnlySpan<byte> request, Stream? keep = null)
    {
        while (request.Length > 0) request = request[socket.Send(request)..];
        var head = ReadHead();
        var status = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
        var length = Header(head, "content-length: "u8);
        var chunked = length < 0 && Header(head, "transfer-encoding: "u8) == 0;
        start += head.Length;
        if (length >= 0) return new Answer(status, Take(length, keep));
        if (!chunked) return new Answer(status, 0);
        long total = 0;
        while (true)
        {
            var size = ChunkSize();
            total += Take(size, keep);
            Take(2, null);
            if (size == 0) return new Answer(status, total);
        }
    }

    public void Dispose() => socket.Dispose();

    ReadOnlySpan<byte> ReadHead()
    {
        while (true)
        {
            var at = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8);
            if (at >= 0) return buffer.AsSpan(start, at + 4);
            Fill();
        }
    }

    /// <summary>The number a header holds, 0 for other text, -1 where there is no such header. Kestrel's names are known.</summary>
    static long Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (true)
        {
            var line = head.IndexOf("\r\n"u8);
            if (line <= 0) return -1;
            if (line > name.Length && Ascii.EqualsIgnoreCase(head[..name.Length], name))
            {
                long value = 0;
                foreach (var digit in head[name.Length..line])
                {
                    if (!char.IsAsciiDigit((char)digit)) return 0;
                    value = value * 10 + digit - '0';
                }

                return value;
            }

            head = head[(line + 2)..];
        }
    }

    long ChunkSize()
    {
        while (true)
        {
            var line = buffer.AsSpan(start, end - start);
            var at = line.IndexOf("\r\n"u8);
            if (at >= 0)
            {
                var size = Convert.ToInt64(Encoding.ASCII.GetString(line[..at]), 16);
                start += at + 2;
                return size;
            }

            Fill();
        }
    }

    long Take(long length, Stream? keep)
    {
        for (var left = length; left > 0;)
        {
            if (start == end) Fill();
            var take = (int)Math.Min(left, end - start);
            keep?.Write(buffer, start, take);
            start += take;
            left -= take;
        }

        return length;
    }

    void Fill()
    {
        if (start == end) start = end = 0;
        if (end == buffer.Length)
        {
            if (start == 0) Array.Resize(ref buffer, buffer.Length * 2);
            else
            {
                Buffer.BlockCopy(buffer, start, buffer, 0, end - start);
                (start, end) = (0, end - start);
            }
        }

        var read = socket.Receive(buffer.AsSpan(end));
        if (read == 0) throw new IOException("The server closed the connection.");
        end += read;
    }
}

/// <summary>What came back.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Bytes">Bytes of the body.</param>
readonly record struct Answer(int Status, long Bytes);
