using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace RunHub.Http;

/// <summary>
/// A whole request body in a pooled buffer, decompressed. What is read out of it may point into it: dispose it after the
/// work is done.
/// </summary>
public sealed class RequestBody : IDisposable
{
    /// <summary>Bodies above this size take turns. Read before anything of the kind is asked for: what is announced need not come.</summary>
    const int FirstRead = 64 * 1024;

    /// <summary>What a body takes at first, unless it says that it is smaller; more only once so much has arrived.</summary>
    const int FirstShare = 1 << 20;

    /// <summary>Enough to keep the write lane busy: it, not the reading, decides how fast large batches are.</summary>
    static readonly BodyTurns Turns = new(8L << 20, TimeProvider.System);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How often a sender that sends nothing is looked at.</summary>
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>Large ones have a pool of their own, because the shared one keeps dozens of megabytes long after the last large body.</summary>
    static ArrayPool<byte> buffers = NewPool();
    byte[]? buffer;
    readonly int length;
    readonly BodyTurn? turn;

    RequestBody(byte[] buffer, int length, BodyTurn? turn) => (this.buffer, this.length, this.turn) = (buffer, length, turn);

    /// <summary>The bytes.</summary>
    public Memory<byte> Bytes => buffer.AsMemory(0, length);

    /// <summary>Reads the body with the limit of <see cref="IngestOptions.MaxBodyBytes"/>.</summary>
    /// <exception cref="ProblemException">See the other.</exception>
    public static ValueTask<RequestBody> ReadAsync(HttpContext context, IngestOptions options) => ReadAsync(context, options.MaxBodyBytes, "Ingest:MaxBodyBytes");

    /// <summary>Reads the body with a limit, which counts before and again after decompression (gzip, br, deflate).</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">Most bytes.</param>
    /// <param name="setting">Name of the setting that says so.</param>
    /// <exception cref="ProblemException">413 too big; 415 unknown <c>Content-Encoding</c>; 400 broken or cut short; 408 too slow while others wait; 503 too many large ones.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, long maxBytes, string setting)
    {
        var limit = new Limit(maxBytes, setting);
        var request = context.Request;
        if (request.ContentLength > maxBytes) throw TooLarge(limit);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = maxBytes;
        try
        {
            var encoding = request.Headers.ContentEncoding;
            if (StringValues.IsNullOrEmpty(encoding) || IsOnly(encoding, "identity"))
                return await ReadAsync(context, request.Body, request.ContentLength, limit);
            await using Stream decompressed = encoding switch
            {
                _ when IsOnly(encoding, "gzip") || IsOnly(encoding, "x-gzip") => new GZipStream(request.Body, CompressionMode.Decompress),
                _ when IsOnly(encoding, "br") => new BrotliStream(request.Body, CompressionMode.Decompress),
                _ when IsOnly(encoding, "deflate") => new ZLibStream(request.Body, CompressionMode.Decompress),
                _ => throw UnknownEncoding(context),
            };
            return await ReadAsync(context, decompressed, null, limit);
        }
        catch (InvalidDataException)
        {
            throw new ProblemException(400, "The request is not valid.", "The body is not what Content-Encoding says.", new Fault("header.Content-Encoding", $"The body cannot be decompressed as {request.Headers.ContentEncoding}."));
        }
        catch (InvalidOperationException) when (IsOnly(request.Headers.ContentEncoding, "br"))
        {
            // How BrotliStream says that the data is not Brotli.
            throw new ProblemException(400, "The request is not valid.", "The body is not what Content-Encoding says.", new Fault("header.Content-Encoding", "The body cannot be decompressed as br."));
        }
    }

    /// <summary>Leaves the buffers that nobody holds to the collector.</summary>
    internal static void ForgetBuffers() => Volatile.Write(ref buffers, NewPool());

    static ArrayPool<byte> PoolOf(int size) => size <= FirstRead ? ArrayPool<byte>.Shared : Volatile.Read(ref buffers);

    // What is given back to another pool than it came from is welcome there: sizes are the same powers of two.
    static ArrayPool<byte> NewPool() => ArrayPool<byte>.Create(64 << 20, 16);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (buffer is null) return;
        PoolOf(buffer.Length).Return(buffer);
        buffer = null;
        turn?.Dispose();
    }

    static async ValueTask<RequestBody> ReadAsync(HttpContext context, Stream stream, long? announced, Limit limit)
    {
        var cancellationToken = context.RequestAborted;
        // One byte more than announced, because the read that finds the end needs room.
        var bytes = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(announced + 1 ?? 16_384, 256, FirstRead));
        var count = 0;
        BodyTurn? share = null;
        try
        {
            while (true)
            {
                if (count == bytes.Length)
                {
                    var size = (int)Math.Min(bytes.Length * 2L, Math.Max(bytes.Length + 1, announced + 1 ?? int.MaxValue));
                    if (size > FirstRead) (share, size) = await TakeAsync(share, size, announced, cancellationToken);
                    var larger = PoolOf(size).Rent(size);
                    bytes.AsSpan(0, count).CopyTo(larger);
                    PoolOf(bytes.Length).Return(bytes);
                    bytes = larger;
                }

                var read = share is null ? await stream.ReadAsync(bytes.AsMemory(count), cancellationToken) : await ReadAsync(context, stream, bytes.AsMemory(count), share, count);
                if (read == 0) return new RequestBody(bytes, count, share);
                count += read;
                if (count > limit.Bytes) throw TooLarge(limit);
            }
        }
        catch
        {
            PoolOf(bytes.Length).Return(bytes);
            share?.Dispose();
            throw;
        }
    }

    /// <summary>Room for <paramref name="size"/> bytes, or for the whole first share.</summary>
    static async ValueTask<(BodyTurn Turn, int Size)> TakeAsync(BodyTurn? turn, int size, long? announced, CancellationToken cancellationToken)
    {
        if (turn is null)
        {
            size = (int)Math.Max(size, Math.Min(announced + 1 ?? FirstShare, FirstShare));
            return (await Turns.EnterAsync(size, Patience, cancellationToken) ?? throw Busy(), size);
        }

        if (size > turn.Held && !await turn.GrowAsync(size - turn.Held, Patience, cancellationToken)) throw Busy();
        return (turn, size);
    }

    /// <summary>Reads what comes next of a body that has its turn, and takes the turn away where others wait and too little comes.</summary>
    static async ValueTask<int> ReadAsync(HttpContext context, Stream stream, Memory<byte> into, BodyTurn turn, int arrived)
    {
        if (turn.IsTooSlow(arrived)) throw TooSlow(context);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var reading = stream.ReadAsync(into, stop.Token);
        if (reading.IsCompleted) return await reading;
        var task = reading.AsTask();
        while (true)
        {
            try
            {
                return await task.WaitAsync(Beat, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                if (task.IsCompleted) return await task;
                if (!turn.IsTooSlow(arrived)) continue;
            }

            // The buffer is not given back while something may still be written into it.
            await stop.CancelAsync();
            await task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            context.RequestAborted.ThrowIfCancellationRequested();
            throw TooSlow(context);
        }
    }

    static ProblemException TooSlow(HttpContext context)
    {
        // Nobody waits for the rest of the body either.
        if (HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
        return new(408, "The body came too slowly.", $"While other large bodies wait, at least {BodyTurns.MinRate / 1024} KiB per second are expected; send smaller batches, or compress them.");
    }

    static ProblemException Busy() => new(503, "Too many large bodies are being read.", "Large bodies take turns; try again shortly, or send smaller batches.") { RetryAfter = 5 };

    readonly record struct Limit(long Bytes, string Setting);

    static bool IsOnly(StringValues encoding, string name) => encoding.Count == 1 && string.Equals(encoding[0]?.Trim(), name, StringComparison.OrdinalIgnoreCase);

    static ProblemException TooLarge(Limit limit) => new(413, "The body is too large.", $"At most {limit.Bytes} bytes are accepted, before and after decompression ({limit.Setting}).", new Fault("$", $"The body has more than {limit.Bytes} bytes."));

    static ProblemException UnknownEncoding(HttpContext context)
    {
        context.Response.Headers[HeaderNames.AcceptEncoding] = "gzip, br, deflate";
        return new ProblemException(415, "The encoding is not known.", "Content-Encoding gzip, br, deflate and none are accepted.", new Fault("header.Content-Encoding", $"\"{context.Request.Headers.ContentEncoding}\" is not known."));
    }
}

/// <summary>What a body is made of.</summary>
public enum BodyKind
{
    /// <summary>One JSON value.</summary>
    Json,

    /// <summary>One JSON value per line.</summary>
    Lines,
}

/// <summary>Content types of bodies.</summary>
public static class BodyKinds
{
    /// <summary>The kind the request announces; none announced means JSON.</summary>
    /// <param name="request">The request.</param>
    /// <param name="lines">Whether one value per line is accepted here.</param>
    /// <exception cref="ProblemException">415.</exception>
    public static BodyKind Of(HttpRequest request, bool lines)
    {
        if (string.IsNullOrEmpty(request.ContentType)) return BodyKind.Json;
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            var charset = type.Charset.HasValue ? HeaderUtilities.RemoveQuotes(type.Charset).ToString() : "utf-8";
            if (!charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
                throw Unknown(request, lines, "Only UTF-8 is accepted.");
            var name = type.MediaType.ToString().ToLowerInvariant();
            if (name is "application/json" or "text/json" || name.StartsWith("application/", StringComparison.Ordinal) && name.EndsWith("+json", StringComparison.Ordinal)) return BodyKind.Json;
            if (lines && name is "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines") return BodyKind.Lines;
        }

        throw Unknown(request, lines, $"\"{request.ContentType}\" is not accepted here.");
    }

    static ProblemException Unknown(HttpRequest request, bool lines, string reason)
    {
        var accepted = lines ? "application/json, application/x-ndjson" : "application/json";
        request.HttpContext.Response.Headers.Accept = accepted;
        return new ProblemException(415, "The content type is not accepted.", $"Send {accepted}.", new Fault("header.Content-Type", reason));
    }
}
