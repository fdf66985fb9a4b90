using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunHub.Demo;

/// <summary>Reports to a tenant through the public API, as any program would.</summary>
sealed class DemoClient : IDisposable
{
    static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    readonly HttpClient http;

    /// <summary>A client with an API key.</summary>
    public DemoClient(Uri address, string key)
    {
        http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Posts a body; a hub that asks to wait is waited for.</summary>
    /// <exception cref="InvalidOperationException">It was refused; the message is the problem document.</exception>
    public async Task<JsonNode?> PostAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        var text = body.ToJsonString(Text);
        while (true)
        {
            using var content = new StringContent(text, new MediaTypeHeaderValue("application/json"));
            using var answer = await http.PostAsync(path, content, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
            {
                await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancellationToken);
                continue;
            }

            return await ReadAsync(answer, path, cancellationToken);
        }
    }

    /// <summary>Gets a document.</summary>
    public async Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(path, cancellationToken);
        return await ReadAsync(answer, path, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    static async Task<JsonNode?> ReadAsync(HttpResponseMessage answer, string path, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var json = answer.IsSuccessStatusCode && text.Length > 0 ? JsonNode.Parse(text) : null;
        if (answer.IsSuccessStatusCode && json?["rejected"] is not JsonArray { Count: > 0 }) return json;
        throw new InvalidOperationException($"The demo's report to {path} was refused ({(int)answer.StatusCode}): {text}");
    }
}
