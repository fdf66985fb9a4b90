using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RunHub.IntegrationTests.Api;

/// <summary>Calls of the API in one line, for <c>using static</c>: what goes in is an object, what comes back has been looked at.</summary>
public static class JsonCalls
{
    /// <summary>Posts and answers what came back; anything but a success fails the test.</summary>
    public static async Task<JsonElement> PostAsync(HttpClient client, string path, object? body)
    {
        using var answer = body is null ? await client.PostAsync(path, null) : await client.PostAsJsonAsync(path, body);
        return await ReadAsync(answer);
    }

    /// <summary>Changes something and answers what came back.</summary>
    public static async Task<JsonElement> PatchAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PatchAsJsonAsync(path, body);
        return await ReadAsync(answer);
    }

    /// <summary>Gets something that is there.</summary>
    public static Task<JsonElement> GetAsync(HttpClient client, string path) => client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Posts what must be refused with this status, in words that contain <paramref name="says"/>.</summary>
    public static Task RefusedAsync(HttpClient client, string path, object? body, HttpStatusCode status, string says) => RefusedAsync(client, HttpMethod.Post, path, body, status, says);

    /// <summary>The same with any method.</summary>
    public static async Task RefusedAsync(HttpClient client, HttpMethod method, string path, object? body, HttpStatusCode status, string says)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        Assert.Contains(says, text, StringComparison.Ordinal);
    }

    static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
