using System.Text.Json;
using RunHub.Json;

namespace RunHub.Http;

/// <summary>Answers of the API.</summary>
public static class Answers
{
    /// <summary>Writes a JSON answer straight into the response's pipe.</summary>
    public static async Task WriteJsonAsync(this HttpResponse response, int status, Action<Utf8JsonWriter> write)
    {
        Begin(response, status);
        await using (var json = new Utf8JsonWriter(response.BodyWriter, RunJson.WriterOptions)) write(json);
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }

    /// <summary>Writes JSON that stands ready.</summary>
    public static async Task WriteJsonAsync(this HttpResponse response, int status, ReadOnlyMemory<byte> json)
    {
        Begin(response, status);
        response.ContentLength = json.Length;
        await response.BodyWriter.WriteAsync(json, response.HttpContext.RequestAborted);
    }

    static void Begin(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
    }
}
