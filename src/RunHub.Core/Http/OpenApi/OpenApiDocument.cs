using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Patterns;
using RunHub.Access;

namespace RunHub.Http;

/// <summary>
/// The OpenAPI 3.1 document, made of the endpoints as they are: what <see cref="ApiDoc"/> says of each, its
/// <see cref="AccessAttribute"/>, and the schemas in <c>schemas.json</c>, written by hand because the JSON is read and
/// written by hand. Endpoints without an <see cref="ApiDoc"/> stand in it with what routing knows.
/// </summary>
public sealed class OpenApiDocument(EndpointDataSource endpoints)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    readonly Lazy<JsonObject> model = new(() => Build(endpoints));
    readonly Lock sync = new();
    byte[]? json;

    /// <summary>The document.</summary>
    public JsonObject Model => model.Value;

    /// <summary>The document as UTF-8.</summary>
    public ReadOnlyMemory<byte> Json
    {
        get
        {
            lock (sync) return json ??= JsonSerializer.SerializeToUtf8Bytes(Model, Indented);
        }
    }

    /// <summary>Who may call an endpoint, in words.</summary>
    public static string Needs(AccessAttribute? access) => access switch
    {
        null or { IsPublic: true } => "Open to anyone.",
        { Installation: true } => "Needs an admin of the installation, or a key of one.",
        { AnyPerson: true } => "Needs a signed-in person.",
        { Scope: KeyScopes.None } => $"Needs a person with role {Name(access.Role)}; no API key will do.",
        _ => $"Needs role {Name(access.Role)} in the tenant, or an API key with scope {Name(access.Scope)}.",
    };

    static JsonObject Build(EndpointDataSource source)
    {
        using var stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream("openapi-schemas.json")!;
        var paths = new JsonObject();
        var documented = source.Endpoints.OfType<RouteEndpoint>().Where(IsDocumented)
            .SelectMany(e => Methods(e).Select(m => (Path: PathOf(e.RoutePattern), Method: m, Endpoint: e)))
            .OrderBy(e => e.Path, StringComparer.Ordinal).ThenBy(e => e.Method, StringComparer.Ordinal);
        foreach (var (path, method, endpoint) in documented)
        {
            if (paths[path] is not JsonObject item) paths[path] = item = [];
            item[method.ToLowerInvariant()] = Operation(endpoint, method, path);
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "RunHub",
                ["version"] = "1",
                ["description"] = "Reports, finds and changes workflow runs. Every address under `/api` exists under `/t/{tenant}/api` too, for callers that belong to several tenants. "
                    + "Errors are problem documents (RFC 9457). Bodies may be compressed with gzip, br or deflate.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = JsonNode.Parse(stream),
                ["securitySchemes"] = new JsonObject
                {
                    ["apiKey"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key: `Authorization: Bearer rh_…`." },
                    ["session"] = new JsonObject { ["type"] = "apiKey", ["in"] = "cookie", ["name"] = "runhub", ["description"] = "A signed-in browser; what changes something also needs the page's token in the header `X-CSRF-Token`." },
                },
            },
        };
    }

    static bool IsDocumented(RouteEndpoint endpoint)
    {
        var path = endpoint.RoutePattern.RawText ?? "";
        if (!path.StartsWith('/')) path = "/" + path;
        return endpoint.Metadata.GetMetadata<ApiDoc>() is not null || path.StartsWith("/api/", StringComparison.Ordinal);
    }

    static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"];

    static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(s =>
        string.Concat(s.Parts.Select(p => p switch
        {
            RoutePatternParameterPart parameter => "{" + parameter.Name + "}",
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            _ => "",
        }))));

    static JsonObject Operation(RouteEndpoint endpoint, string method, string path)
    {
        var access = endpoint.Metadata.GetMetadata<AccessAttribute>();
        var doc = endpoint.Metadata.GetMetadata<ApiDoc>() ?? Known(endpoint, method, path);
        var operation = new JsonObject
        {
            ["operationId"] = method.ToLowerInvariant() + path.Replace("/api", "", StringComparison.Ordinal).Replace('/', '_').Replace('-', '_').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal),
            ["summary"] = doc.Summary,
            ["description"] = doc.Description is null ? Needs(access) : doc.Description.Trim() + "\n\n" + Needs(access),
            ["tags"] = new JsonArray(doc.Tag),
        };
        var parameters = new JsonArray();
        foreach (var parameter in endpoint.RoutePattern.Parameters) parameters.Add(InPath(parameter));
        foreach (var parameter in doc.Parameters)
            parameters.Add(new JsonObject { ["name"] = parameter.Name, ["in"] = parameter.In, ["description"] = parameter.Description, ["schema"] = JsonNode.Parse(parameter.Schema) });
        if (parameters.Count > 0) operation["parameters"] = parameters;
        if (doc.Body is { } body) operation["requestBody"] = Body(body);
        operation["responses"] = Answers(doc, access);
        operation["security"] = access is null or { IsPublic: true } ? [] : access.Scope == KeyScopes.None && !access.Installation
            ? new JsonArray(new JsonObject { ["session"] = new JsonArray() })
            : new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() }, new JsonObject { ["session"] = new JsonArray() });
        return operation;
    }

    static ApiDoc Known(RouteEndpoint endpoint, string method, string path) => new(endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary ?? $"{method} {path}")
    {
        Tag = endpoint.Metadata.GetMetadata<ITagsMetadata>()?.Tags.FirstOrDefault() ?? "Other",
        Description = endpoint.Metadata.GetMetadata<IEndpointDescriptionMetadata>()?.Description,
        Answers = [new(200, "Done.", "Any")],
    };

    static JsonObject InPath(RoutePatternParameterPart parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = "path",
        ["required"] = true,
        ["schema"] = new JsonObject { ["type"] = parameter.ParameterPolicies.Any(p => p.Content is "long" or "int") ? "integer" : "string" },
    };

    static JsonObject Body(ApiBody body)
    {
        var content = new JsonObject();
        foreach (var type in body.Types)
        {
            content[type] = string.Equals(type, body.Types[0], StringComparison.Ordinal)
                ? new JsonObject { ["schema"] = Schema(body.Schema), ["example"] = JsonNode.Parse(body.Example) }
                : new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["description"] = body.Others } };
        }

        return new JsonObject { ["required"] = true, ["content"] = content };
    }

    static JsonObject Answers(ApiDoc doc, AccessAttribute? access)
    {
        var answers = doc.Answers.ToList();
        if (access is { IsPublic: false }) answers.AddRange([new(401, "No valid key and no session.", "Problem"), new(403, "The role or scope is not enough.", "Problem")]);
        answers.Add(new(500, "Something went wrong; the log has it under `traceId`.", "Problem"));
        var responses = new JsonObject();
        foreach (var answer in answers.OrderBy(a => a.Status))
        {
            var response = new JsonObject { ["description"] = answer.Description };
            if (answer.Schema is { } schema)
                response["content"] = new JsonObject { [answer.Type ?? (answer.Status >= 400 ? "application/problem+json" : "application/json")] = new JsonObject { ["schema"] = Schema(schema) } };
            responses[answer.Status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        return responses;
    }

    static JsonNode Schema(string schema) => schema.StartsWith('{') ? JsonNode.Parse(schema)! : new JsonObject { ["$ref"] = "#/components/schemas/" + schema };

    static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
