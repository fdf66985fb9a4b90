using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Attachments;

/// <summary>Short ways to send files and to see what is left of them.</summary>
static class Files
{
    public static readonly byte[] Png = [0x89, .. "PNG\r\n\u001a\n"u8, 0, 0, 0, 13, .. "IHDR"u8, .. new byte[30]];

    public static async Task<HttpClient> WithRunAsync(this TestHub hub, string run = "r", string tenant = "acme")
    {
        var client = await hub.KeyAsync(tenant: tenant);
        Assert.Equal(201, (await client.PostAsync("/api/runs", $$"""{"id":"{{run}}","workflow_name":"w"}""")).Status);
        return client;
    }

    public static async Task<ApiReply> SendAsync(this HttpClient client, string run, string query, byte[] bytes, string type = "application/octet-stream") =>
        await client.CallAsync(HttpMethod.Post, $"/api/runs/{run}/attachments?{query}", bytes, type);

    public static async Task<JsonNode> AttachAsync(this HttpClient client, string name, byte[] bytes, string run = "r")
    {
        var reply = await client.SendAsync(run, "filename=" + Uri.EscapeDataString(name), bytes);
        Assert.True(reply.Status == 201, reply.Json?.ToJsonString());
        return reply.Json!["attachments"]![0]!;
    }

    public static async Task<ApiReply> FormAsync(this HttpClient client, string run, params (string Field, string? FileName, byte[] Bytes)[] parts)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (field, fileName, bytes) in parts)
        {
            var part = new ByteArrayContent(bytes);
            if (fileName is null) form.Add(part, field);
            else
            {
                part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = field, FileName = "\"" + fileName.Replace("\"", "", StringComparison.Ordinal) + "\"" };
                part.Headers.ContentType = new MediaTypeHeaderValue("image/png");
                form.Add(part);
            }
        }

        using var answer = await client.PostAsync($"/api/runs/{run}/attachments", form);
        var text = await answer.Content.ReadAsStringAsync();
        return new ApiReply((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, text.Length > 0 ? JsonNode.Parse(text) : null, answer);
    }

    public static async Task<JsonArray> ListAsync(this HttpClient client, string run = "r") => (await client.ReadAsync($"/api/runs/{run}/attachments")).Json!["attachments"]!.AsArray();

    public static async Task<JsonNode> LinkAsync(this HttpClient client, JsonNode attachment, string run = "r") =>
        (await client.ReadAsync($"/api/runs/{run}/attachments/{(string)attachment["id"]!}")).Json!;

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        bytes.AsSpan(0, Math.Min(4, length)).Clear();
        return bytes;
    }

    /// <summary>Rows of blobs, rows of attachments, and pieces of content: files beside SQLite, chunks in PostgreSQL.</summary>
    public static async Task<(long Blobs, long Attachments, long Pieces)> LeftAsync(this TestHub hub)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        async Task<long> Count(string table) => await sql.Prepare("SELECT count(*) FROM " + table).ScalarAsync<long>(default);
        var pieces = sql.IsSqlite ? hub.BlobFiles().Count : await Count("blob_chunks");
        return (await Count("blobs"), await Count("attachments"), pieces);
    }

    public static IReadOnlyList<string> BlobFiles(this TestHub hub)
    {
        var folder = Path.Combine(Path.GetDirectoryName(hub.Get<Database>().SqliteFile)!, "blobs");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
