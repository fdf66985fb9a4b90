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

    /// <summary>What a body takes that does not say how large it becomes.</summary>
    const int UnknownSize = 1 << 20;

    /// <summary>Enough to keep the write lane busy: it, not the reading, decides how fast large batches are.</summary>
    static readonly BodyTurns Turns = new(8L << 20);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Large ones have a pool of their own, because the shared one keeps dozens of megabytes long after the last large body.</summary>
    static ArrayPool<byte> buffers = NewPool();
    byte[]? buffer;
    readonly int length;
    readonly long turn;

    RequestBody(byte[] buffer, int length, long turn) => (this.buffer, this.length, this.turn) = (buffer, length, turn);

    /// <summary>The bytes.</summary>
    public Memory<byte> Bytes => buffer.AsMemory(0, length);

    /// <summary>
    /// Reads the body with the limits of <see cref="IngestOptions.MaxBodyBytes"/>, which count before and again after
    /// decompression (gzip, br, deflate).
    /// </summary>
    /// <exception cref="ProblemException">413 too big; 415 unknown <c>Content-Encoding</c>; 400 broken or cut short.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, IngestOptions options)
    {
        var limit = options.MaxBodyBytes;
        var request = context.Request;
        if (request.ContentLength > limit) throw TooLarge(limit);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = limit;
        try
        {
            var encoding = request.Headers.ContentEncoding;
            if (StringValues.IsNullOrEmpty(encoding) || IsOnly(encoding, "identity"))
                return await ReadAsync(request.Body, request.ContentLength, limit, context.RequestAborted);
            await using Stream decompressed = encoding switch
            {
                _ when IsOnly(encoding, "gzip") || IsOnly(encoding, "x-gzip") => new GZipStream(request.Body, CompressionMode.Decompress),
                _ when IsOnly(encoding, "br") => new BrotliStream(request.Body, CompressionMode.Decompress),
                _ when IsOnly(encoding, "deflate") => new ZLibStream(request.Body, CompressionMode.Decompress),
                _ => throw UnknownEncoding(context),
            };
            return await ReadAsync(decompressed, null, limit, context.RequestAborted);
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
        if (turn > 0) Turns.Leave(turn);
    }

    static async ValueTask<RequestBody> ReadAsync(Stream stream, long? announced, long limit, CancellationToken cancellationToken)
    {
        // One byte more than announced, because the read that finds the end needs room.
        var bytes = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(announced + 1 ?? 16_384, 256, FirstRead));
        var count = 0;
        var held = 0L;
        try
        {
            while (true)
            {
                if (count == bytes.Length)
                {
                    var size = bytes.Length * 2;
                    if (size > FirstRead && held == 0)
                    {
                        var wanted = announced + 1 ?? UnknownSize;
                        if (!await Turns.EnterAsync(wanted, Patience, cancellationToken)) throw Busy();
                        held = wanted;
                        size = (int)Math.Max(size, announced + 1 ?? 0);
                    }
                    else if (held > 0 && size > held)
                    {
                        Turns.Grow(size - held);
                        held = size;
                    }

                    var larger = PoolOf(size).Rent(size);
                    bytes.AsSpan(0, count).CopyTo(larger);
                    PoolOf(bytes.Length).Return(bytes);
                    bytes = larger;
                }

                var read = await stream.ReadAsync(bytes.AsMemory(count), cancellationToken);
                if (read == 0) return new RequestBody(bytes, count, held);
                count += read;
                if (count > limit) throw TooLarge(limit);
            }
        }
        catch
        {
            PoolOf(bytes.Length).Return(bytes);
            if (held > 0) Turns.Leave(held);
            throw;
        }
    }

    static ProblemException Busy() => new(503, "Too many large bodies are being read.", "Large bodies take turns; try again shortly, or send smaller batches.") { RetryAfter = 5 };

    static bool IsOnly(StringValues encoding, string name) => encoding.Count == 1 && string.Equals(encoding[0]?.Trim(), name, StringComparison.OrdinalIgnoreCase);

    static ProblemException TooLarge(long limit) => new(413, "The body is too large.", $"At most {limit} bytes are accepted, before and after decompression (Ingest:MaxBodyBytes).", new Fault("$", $"The body has more than {limit} bytes."));

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
