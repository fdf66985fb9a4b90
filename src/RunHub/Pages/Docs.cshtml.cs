using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;

namespace RunHub.Pages;

/// <summary>One way to call the API.</summary>
/// <param name="Method">HTTP method, upper case.</param>
/// <param name="Path">Its address.</param>
/// <param name="Json">What the OpenAPI document says.</param>
public sealed record DocsOperation(string Method, string Path, JsonObject Json)
{
    /// <summary>Fragment of its address on the page.</summary>
    public string Id => (string)Json["operationId"]!;
}

/// <summary>The OpenAPI document as a page: the same content, so it cannot say anything else.</summary>
[Access(Role.None, KeyScopes.None)]
public sealed class DocsPage(OpenApiDocument document) : PageModel
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All, by heading; what people come for first.</summary>
    public IEnumerable<IGrouping<string, DocsOperation>> Groups => document.Model["paths"]!.AsObject()
        .SelectMany(path => path.Value!.AsObject().Select(method => new DocsOperation(method.Key.ToUpperInvariant(), path.Key, method.Value!.AsObject())))
        .GroupBy(o => (string)o.Json["tags"]![0]!, StringComparer.Ordinal)
        .OrderBy(g => g.Key switch { "Runs" => 0, "Steps" => 1, "Health" => 9, _ => 5 }).ThenBy(g => g.Key, StringComparer.Ordinal);

    /// <summary>Schemas by name.</summary>
    public IEnumerable<(string Name, string Json)> Schemas => document.Model["components"]!["schemas"]!.AsObject().Select(s => (s.Key, Print(s.Value)));

    /// <summary>JSON as people read it.</summary>
    public static string Print(JsonNode? json) => json?.ToJsonString(Indented) ?? "null";

    /// <summary>Name of the schema a content refers to, and the content type.</summary>
    public static (string Type, string? Schema) Content(JsonNode content)
    {
        var (type, media) = content.AsObject().First();
        return (type, ((string?)media!["schema"]?["$ref"])?.Split('/')[^1]);
    }

    /// <summary>Text with `code` in it, in paragraphs.</summary>
    public static IHtmlContent Text(string? text)
    {
        var html = new HtmlContentBuilder();
        foreach (var paragraph in (text ?? "").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            html.AppendHtml("<p>");
            var parts = paragraph.Split('`');
            for (var i = 0; i < parts.Length; i++)
            {
                if (i % 2 == 0) html.Append(parts[i]);
                else html.AppendHtml("<code>").Append(parts[i]).AppendHtml("</code>");
            }

            html.AppendHtml("</p>");
        }

        return html;
    }

    /// <summary>A call from the command line.</summary>
    public string Curl(DocsOperation operation)
    {
        var lines = new List<string> { $"curl -X {operation.Method} {Request.Scheme}://{Request.Host}{operation.Path}" };
        if (operation.Json["security"]!.AsArray().Count > 0) lines.Add("  -H \"Authorization: Bearer $RUNHUB_KEY\"");
        if (operation.Json["requestBody"] is { } body)
        {
            var (type, _) = Content(body["content"]!);
            lines.Add($"  -H \"Content-Type: {type}\"");
            lines.Add($"  -d '{Print(body["content"]![type]!["example"]).Replace("'", "'\\''", StringComparison.Ordinal)}'");
        }

        return string.Join(" \\\n", lines);
    }
}
