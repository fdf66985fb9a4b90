using RunHub.Access;
using RunHub.Filter;
using RunHub.Json;

namespace RunHub.Http;

/// <summary>What the OpenAPI document says about an endpoint. Attach it with <see cref="ApiDocs.Doc"/>.</summary>
/// <param name="Summary">One line.</param>
public sealed record ApiDoc(string Summary)
{
    /// <summary>Heading it stands under.</summary>
    public string Tag { get; init; } = "Other";

    /// <summary>More, Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>Query parameters and headers; those in the path are found by themselves.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>The request body, if it takes one.</summary>
    public ApiBody? Body { get; init; }

    /// <summary>Answers of its own; 401, 403 and 500 are added where they can happen.</summary>
    public IReadOnlyList<ApiAnswer> Answers { get; init; } = [];
}

/// <summary>A parameter.</summary>
/// <param name="Name">As sent.</param>
/// <param name="Description">What it does.</param>
/// <param name="Schema">JSON schema as JSON text.</param>
/// <param name="In"><c>query</c> or <c>header</c>.</param>
public sealed record ApiParameter(string Name, string Description, string Schema = """{"type":"string"}""", string In = "query");

/// <summary>A request body.</summary>
/// <param name="Schema">Name of a schema in the document, or a schema as JSON text.</param>
/// <param name="Example">An example that is accepted as it stands; JSON text.</param>
public sealed record ApiBody(string Schema, string Example)
{
    /// <summary>Content types; the first one is what the example is.</summary>
    public IReadOnlyList<string> Types { get; init; } = ["application/json"];

    /// <summary>What a body of the other types is.</summary>
    public string Others { get; init; } = "One object per line.";
}

/// <summary>An answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Description">When.</param>
/// <param name="Schema">Name of a schema in the document, or a schema as JSON text; null: no body.</param>
/// <param name="Type">Content type; null: JSON, or problem+json from 400 on.</param>
public sealed record ApiAnswer(int Status, string Description, string? Schema = null, string? Type = null);

/// <summary>Mapping API endpoints together with their documentation.</summary>
public static class ApiDocs
{
    /// <summary>Documents an endpoint.</summary>
    public static TBuilder Doc<TBuilder>(this TBuilder builder, ApiDoc doc) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(doc);

    /// <summary>
    /// Maps an endpoint under <c>/api</c>, and again under <c>/t/{tenant}/api</c> for callers that name the tenant. What is read refuses parameters
    /// that its documentation does not name: a misspelt one would silently answer another question.
    /// </summary>
    public static void MapApi(this IEndpointRouteBuilder app, string method, string pattern, AccessAttribute access, ApiDoc doc, RequestDelegate handle)
    {
        // A filter knows its own parameters and what may have been meant by others.
        if (method == "GET" && !doc.Parameters.Any(p => p.Name == "workflow")) handle = Only([.. doc.Parameters.Where(p => p.In == "query").Select(p => p.Name)], handle);
        app.MapMethods(pattern, [method], handle).Access(access).Doc(doc);
        app.MapMethods("/t/{tenant}" + pattern, [method], handle).Access(access);
    }

    static RequestDelegate Only(string[] names, RequestDelegate handle) => context =>
    {
        var faults = context.Request.Query.Keys.Where(name => !names.Contains(name, StringComparer.Ordinal))
            .Select(name => new Fault("query." + FilterParser.Printable(name), "There is no such parameter." + (Spelling.Hint(name, names) is { Length: > 0 } hint ? hint : names.Length == 0 ? " This takes none." : $" These are: {string.Join(", ", names)}."))).ToList();
        return faults.Count == 0 ? handle(context) : throw RunJsonReader.Invalid(faults);
    };
}
