using System.Net.Http.Json;
using System.Text.Json;
using RunHub.Search;

namespace RunHub.IntegrationTests.Search;

/// <summary>A hub whose index follows when it is told to.</summary>
static class SearchHub
{
    public static Task<TestHub> StartAsync(string engine, TestDatabase? database = null, bool enabled = false) =>
        TestHub.StartAsync(engine, new(StringComparer.Ordinal) { ["Search:Enabled"] = enabled ? "true" : "false" }, database: database);

    public static async Task ReportAsync(HttpClient client, params object[] runs)
    {
        using var answer = await client.PostAsJsonAsync("/api/runs", runs);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode && !text.Contains("reason", StringComparison.Ordinal), text);
    }

    public static Task IndexAsync(this TestHub hub) => hub.Get<FillSearchIndex>().CatchUpAsync(default);

    /// <summary>Ids a list with this text shows, in order.</summary>
    public static async Task<List<string>> ListAsync(HttpClient client, string q, string more = "")
    {
        var page = await client.GetFromJsonAsync<JsonElement>($"/api/runs?q={Uri.EscapeDataString(q)}{more}");
        return [.. page.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()!)];
    }

    /// <summary>Ids the search answers, best first.</summary>
    public static async Task<List<string>> SearchAsync(HttpClient client, string q, string more = "")
    {
        var page = await client.GetFromJsonAsync<JsonElement>($"/api/search?q={Uri.EscapeDataString(q)}{more}");
        return [.. page.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()!)];
    }
}
