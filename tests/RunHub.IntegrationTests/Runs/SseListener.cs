using System.Globalization;
using System.Text.Json;

namespace RunHub.IntegrationTests.Runs;

/// <summary>An event that was heard.</summary>
sealed record SseHeard(long Id, string Event, JsonElement Json)
{
    public string RunId => Json.GetProperty("run").GetProperty("id").GetString()!;
}

/// <summary>Listens to a stream of Server-Sent Events.</summary>
sealed class SseListener(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
{
    public static async Task<SseListener> OpenAsync(HttpClient client, string url, long? last = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (last is { } id) request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var listener = new SseListener(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        listener.From = (await listener.NextAsync("hello")).Id;
        return listener;
    }

    /// <summary>What comes is after this event.</summary>
    public long From { get; private set; }

    public async Task<SseHeard> NextAsync(string name, bool orGap = false)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        long id = 0;
        string type = "", data = "";
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) type = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            else if (line.Length == 0 && (type == name || orGap && type == "gap")) return new SseHeard(id, type, JsonDocument.Parse(data).RootElement.Clone());
        }

        throw new EndOfStreamException("The stream ended.");
    }

    public ValueTask DisposeAsync()
    {
        reader.Dispose();
        response.Dispose();
        return default;
    }
}
