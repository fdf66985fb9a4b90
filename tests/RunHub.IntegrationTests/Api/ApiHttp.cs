using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace RunHub.IntegrationTests.Api;

/// <summary>An answer of the API, read.</summary>
public sealed record ApiReply(int Status, string? Type, JsonNode? Json, HttpResponseMessage Message)
{
    /// <summary>Path of the first error of a problem document.</summary>
    public string? Path => (string?)Json?["errors"]?[0]?["path"];

    /// <summary>Its reason.</summary>
    public string? Reason => (string?)Json?["errors"]?[0]?["reason"];
}

/// <summary>Short ways to call the API.</summary>
public static class ApiHttp
{
    public static Task<ApiReply> PostAsync(this HttpClient client, string path, string body, string type = "application/json", string? key = null) =>
        client.CallAsync(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), type, key);

    public static Task<ApiReply> PatchAsync(this HttpClient client, string path, string body, string? key = null) =>
        client.CallAsync(HttpMethod.Patch, path, Encoding.UTF8.GetBytes(body), "application/json", key);

    public static Task<ApiReply> ReadAsync(this HttpClient client, string path) => client.CallAsync(HttpMethod.Get, path);

    public static async Task<ApiReply> CallAsync(this HttpClient client, HttpMethod method, string path, byte[]? body = null, string? type = null, string? key = null, string? encoding = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            if (encoding is not null) request.Content.Headers.ContentEncoding.Add(encoding);
        }

        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        var message = await client.SendAsync(request);
        var text = await message.Content.ReadAsStringAsync();
        var mediaType = message.Content.Headers.ContentType?.MediaType;
        return new ApiReply((int)message.StatusCode, mediaType, text.Length > 0 && mediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonNode.Parse(text) : null, message);
    }

    /// <summary>Every member of <paramref name="posted"/> stands in <paramref name="got"/> with the same value.</summary>
    public static void AssertHas(JsonNode? posted, JsonNode? got, string path = "$")
    {
        switch (posted)
        {
            case JsonObject members:
                Assert.True(got is JsonObject, $"{path} is no object");
                foreach (var (name, value) in members)
                {
                    Assert.True(got!.AsObject().ContainsKey(name), $"{path}.{name} is missing");
                    AssertHas(value, got[name], path + "." + name);
                }

                break;
            default:
                Assert.True(JsonNode.DeepEquals(posted, got), $"{path}: {posted?.ToJsonString() ?? "null"} became {got?.ToJsonString() ?? "null"}");
                break;
        }
    }
}
