using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RunHub.Json;

namespace RunHub.Http;

/// <summary>Metadata of an endpoint whose errors are not problem documents, because a protocol says otherwise.</summary>
/// <param name="WriteAsync">Writes one as the answer.</param>
public sealed record ErrorFormat(Func<HttpContext, ProblemException, Task> WriteAsync);

/// <summary>Writes RFC 9457 problem documents.</summary>
public static class ProblemWriter
{
    /// <summary>Writes one as the answer; what was already prepared but not sent is dropped.</summary>
    /// <param name="context">The request.</param>
    /// <param name="problem">What is wrong.</param>
    public static async Task WriteAsync(HttpContext context, ProblemException problem)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ErrorFormat>() is { } format)
        {
            await format.WriteAsync(context, problem);
            return;
        }

        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await using (var json = new Utf8JsonWriter(response.BodyWriter, RunJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", problem.Title);
            json.WriteNumber("status", problem.Status);
            if (problem.Detail is { } detail) json.WriteString("detail", Clean(detail));
            json.WriteString("instance", Clean(context.Request.PathBase + context.Request.Path));
            json.WriteString("traceId", Activity.Current?.Id ?? context.TraceIdentifier);
            if (problem.Faults.Count > 0)
            {
                json.WriteStartArray("errors");
                foreach (var fault in problem.Faults)
                {
                    json.WriteStartObject();
                    json.WriteString("path", Clean(fault.Path));
                    json.WriteString("reason", Clean(fault.Reason));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            problem.Extend?.Invoke(json);
            json.WriteEndObject();
        }

        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>What was sent may hold half a surrogate pair, which cannot be written as UTF-8.</summary>
    static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        return System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
