using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace RunHub.UnitTests.Reporting;

/// <summary>A hub as the client sees it: notes what arrives, answers as told.</summary>
sealed class HubStub : HttpMessageHandler
{
    readonly ConcurrentQueue<JsonElement> taken = new();

    /// <summary>Decides about a request before it is taken; null: take it.</summary>
    public Func<IReadOnlyList<JsonElement>, HttpResponseMessage?> Answer { get; set; } = static _ => null;

    /// <summary>True: no connection.</summary>
    public bool IsAway { get; set; }

    public IReadOnlyList<JsonElement> Taken => [.. taken];

    public int Requests { get; private set; }

    public static HttpResponseMessage Status(int status, int? retryAfter = null)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("""{"title":"No.","detail":"Not now."}""") };
        if (retryAfter is { } seconds) answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        return answer;
    }

    public static HttpResponseMessage Json(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests++;
        if (IsAway) throw new HttpRequestException("Nobody listens there.");
        Assert.Equal("Bearer", request.Headers.Authorization!.Scheme);
        await using var stream = await request.Content!.ReadAsStreamAsync(cancellationToken);
        await using Stream plain = request.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var reader = new StreamReader(plain);
        var runs = (await reader.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l)).ToList();
        if (Answer(runs) is { } answer) return answer;
        foreach (var run in runs) taken.Enqueue(run);
        return Json($$"""{"accepted":{{runs.Count}},"rejected":[],"runs":[]}""");
    }
}
