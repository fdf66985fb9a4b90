using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace RunHub.Client.Reporting;

/// <summary>What came of a request.</summary>
/// <param name="Settled">Lines from the first on that are taken or refused for good.</param>
/// <param name="Rejected">Those refused, by place among the lines.</param>
/// <param name="Failure">Why the rest shall be sent again; null: nothing is left.</param>
/// <param name="RetryAfter">How long the hub wants to be left alone.</param>
sealed record SendResult(int Settled, IReadOnlyList<(int Index, RejectedRun Run)> Rejected, string? Failure, TimeSpan? RetryAfter);

/// <summary>Speaks HTTP with the hub: one try, and what it means. Who calls decides when to try again.</summary>
sealed class HubTransport : IDisposable
{
    const int CompressFrom = 4096;
    const int MaxFaults = 5;
    readonly RunHubClientOptions options;
    readonly HttpClient http;
    long requests;
    int faults;

    public HubTransport(RunHubClientOptions options)
    {
        this.options = options;
        var handler = options.Handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // So that a hub that moved is found again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        http = new HttpClient(handler, disposeHandler: options.Handler is null)
        {
            BaseAddress = new Uri(options.Url.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("RunHub.Client", typeof(HubTransport).Assembly.GetName().Version?.ToString(3) ?? "0"));
    }

    public HttpClient Http => http;

    public long Requests => Interlocked.Read(ref requests);

    public void Dispose() => http.Dispose();

    /// <summary>
    /// Posts runs, one JSON object each. What is too large for the hub, or breaks it, is sent in halves, so that it costs no
    /// other run.
    /// </summary>
    public async Task<SendResult> SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines, CancellationToken cancellationToken, bool asIs = false)
    {
        if (lines.Count == 0) return new SendResult(0, [], null, null);
        Interlocked.Increment(ref requests);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.RequestTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, asIs ? "api/runs?as_is=true" : "api/runs") { Content = Body(lines) };
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            var status = (int)answer.StatusCode;
            if (status is 408 or 429 or 502 or 503 or 504) return Again(Says(status, body), RetryAfter(answer));
            if (status is 413 or >= 500 && lines.Count > 1) return await HalvesAsync(lines, cancellationToken, asIs).ConfigureAwait(false);
            // One run alone breaks the hub, or the hub breaks whatever comes: the run is given up when the next tries say the same.
            if (status < 500) faults = 0;
            else if (++faults < MaxFaults) return Again(Says(status, body), RetryAfter(answer));
            else faults = 0;
            return status is >= 200 and < 300
                ? new SendResult(lines.Count, Verdicts(lines, body), null, null)
                : new SendResult(lines.Count, Refusal(lines, status, body), null, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return Again(e switch
            {
                OperationCanceledException => $"No answer within {options.RequestTimeout.TotalSeconds:0.#} s.",
                JsonException => "The answer was not the hub's.",
                _ => e.Message,
            }, null);
        }

        static SendResult Again(string failure, TimeSpan? retryAfter) => new(0, [], failure, retryAfter);
    }

    async Task<SendResult> HalvesAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines, CancellationToken cancellationToken, bool asIs)
    {
        var half = lines.Count / 2;
        var first = await SendAsync([.. lines.Take(half)], cancellationToken, asIs).ConfigureAwait(false);
        if (first.Failure is not null) return first;
        var second = await SendAsync([.. lines.Skip(half)], cancellationToken, asIs).ConfigureAwait(false);
        return second with { Settled = half + second.Settled, Rejected = [.. first.Rejected, .. second.Rejected.Select(r => (r.Index + half, r.Run))] };
    }

    static ByteArrayContent Body(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        using var stream = new MemoryStream(lines.Sum(l => l.Length + 1));
        var compress = stream.Capacity >= CompressFrom;
        using (var gzip = compress ? new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true) : null)
        {
            var target = (Stream?)gzip ?? stream;
            foreach (var line in lines)
            {
                target.Write(line.Span);
                target.WriteByte((byte)'\n');
            }
        }

        var content = new ByteArrayContent(stream.GetBuffer(), 0, (int)stream.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        if (compress) content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    /// <summary>200: which of the batch were refused.</summary>
    static List<(int, RejectedRun)> Verdicts(IReadOnlyList<ReadOnlyMemory<byte>> lines, byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("accepted", out _)) throw new JsonException();
        return Rejected(json.RootElement, lines, 400);
    }

    /// <summary>All of it was refused: one by one where the hub says so, else as a whole.</summary>
    static List<(int, RejectedRun)> Refusal(IReadOnlyList<ReadOnlyMemory<byte>> lines, int status, byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object && Rejected(json.RootElement, lines, status) is { Count: > 0 } each && each.Count == lines.Count) return each;
        }
        catch (JsonException)
        {
            // A proxy's page: the status says enough.
        }

        var reason = status is >= 300 and < 400 ? "The address redirects elsewhere: use the hub's own." : Says(status, body);
        return [.. lines.Select((line, i) => (i, new RejectedRun(IdOf(line), status, "$", reason, line)))];
    }

    static List<(int, RejectedRun)> Rejected(JsonElement answer, IReadOnlyList<ReadOnlyMemory<byte>> lines, int status)
    {
        var rejected = new List<(int, RejectedRun)>();
        if (!answer.TryGetProperty("rejected", out var items) || items.ValueKind != JsonValueKind.Array) return rejected;
        foreach (var item in items.EnumerateArray())
        {
            if (!item.TryGetProperty("index", out var at) || !at.TryGetInt32(out var index) || index < 0 || index >= lines.Count) continue;
            var own = item.TryGetProperty("status", out var s) && s.TryGetInt32(out var number) ? number : status;
            rejected.Add((index, new RejectedRun(Text(item, "id") ?? IdOf(lines[index]), own, Text(item, "path") ?? "$", Text(item, "reason") ?? "It was refused.", lines[index])));
        }

        return rejected;
    }

    /// <summary>The id a run's JSON names; null: none, or not JSON.</summary>
    public static string? IdOf(ReadOnlyMemory<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line.Span);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isId = json.ValueTextEquals("id"u8);
                json.Read();
                if (isId) return json.TokenType == JsonTokenType.String ? json.GetString() : null;
                json.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Then it has none.
        }

        return null;
    }

    public static string Says(int status, byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if ((Text(json.RootElement, "detail") ?? Text(json.RootElement, "title")) is { } text) return text;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not a problem document.
        }

        return string.Create(CultureInfo.InvariantCulture, $"The hub answered {status}.");
    }

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var asked = answer.Headers.RetryAfter?.Delta ?? answer.Headers.RetryAfter?.Date - options.Time.GetUtcNow();
        return asked is not { } wait || wait < TimeSpan.Zero ? null : wait > TimeSpan.FromMinutes(10) ? TimeSpan.FromMinutes(10) : wait;
    }
}
