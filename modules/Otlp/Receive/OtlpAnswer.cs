using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace RunHub.Otlp.Receive;

/// <summary>The two encodings of OTLP/HTTP; an answer uses the request's.</summary>
enum Encoding
{
    /// <summary><c>application/json</c>.</summary>
    Json,

    /// <summary><c>application/x-protobuf</c>.</summary>
    Protobuf,
}

/// <summary>Answers by the rules of OTLP/HTTP.</summary>
static class OtlpAnswer
{
    /// <summary>The request's encoding; null when it is neither.</summary>
    public static Encoding? EncodingOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) return null;
        if (type.MediaType.Equals("application/x-protobuf", StringComparison.OrdinalIgnoreCase)) return Encoding.Protobuf;
        return type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) ? Encoding.Json : null;
    }

    /// <summary>200: all of it, or all but <paramref name="rejected"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="encoding">Its encoding.</param>
    /// <param name="rejectedName">JSON name of the count: <c>rejectedSpans</c> or <c>rejectedLogRecords</c>.</param>
    /// <param name="rejected">How many were refused for good.</param>
    /// <param name="message">Why; null: nothing to say.</param>
    public static Task SuccessAsync(HttpContext context, Encoding encoding, string rejectedName, long rejected, string? message)
    {
        if (rejected == 0 && message is null) return SendAsync(context, 200, encoding, encoding == Encoding.Json ? "{}"u8.ToArray() : []);
        return SendAsync(context, 200, encoding, encoding == Encoding.Json
            ? Json(json =>
            {
                json.WriteStartObject("partialSuccess");
                // 64-bit numbers are text in OTLP's JSON.
                json.WriteString(rejectedName, rejected.ToString(CultureInfo.InvariantCulture));
                json.WriteString("errorMessage", message);
                json.WriteEndObject();
            })
            : Proto(output =>
            {
                var partial = Proto(inner =>
                {
                    inner.WriteTag(1, WireFormat.WireType.Varint);
                    inner.WriteInt64(rejected);
                    Text(inner, 2, message ?? "");
                });
                output.WriteTag(1, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(partial));
            }));
    }

    /// <summary>An error as <c>google.rpc.Status</c>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="encoding">Its encoding; null (unknown) is answered in JSON.</param>
    /// <param name="status">HTTP status from 400 on.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="retryAfter">Seconds for <c>Retry-After</c>.</param>
    public static Task ErrorAsync(HttpContext context, Encoding? encoding, int status, string message, int? retryAfter = null)
    {
        if (retryAfter is { } seconds) context.Response.Headers.RetryAfter = new StringValues(seconds.ToString(CultureInfo.InvariantCulture));
        var code = status switch { 401 => 16, 403 => 7, 404 => 5, 405 => 12, 408 => 4, 429 => 8, 503 => 14, >= 500 => 13, _ => 3 };
        return SendAsync(context, status, encoding ?? Encoding.Json, encoding == Encoding.Protobuf
            ? Proto(output =>
            {
                output.WriteTag(1, WireFormat.WireType.Varint);
                output.WriteInt32(code);
                Text(output, 2, message);
            })
            : Json(json =>
            {
                json.WriteNumber("code", code);
                json.WriteString("message", message);
            }));
    }

    /// <summary>405 for another method than POST at an address that takes one, 404 elsewhere.</summary>
    public static Task NotHereAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (path.Equals("/v1/traces", StringComparison.OrdinalIgnoreCase) || path.Equals("/v1/logs", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.Allow = "POST";
            return ErrorAsync(context, EncodingOf(context.Request), 405, $"{context.Request.Method} is not possible here; POST is.");
        }

        return ErrorAsync(context, EncodingOf(context.Request), 404, $"There is nothing at {path}; /v1/traces and /v1/logs are here.");
    }

    static async Task SendAsync(HttpContext context, int status, Encoding encoding, byte[] body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = encoding == Encoding.Json ? "application/json" : "application/x-protobuf";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    static byte[] Proto(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }

    static void Text(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }
}
