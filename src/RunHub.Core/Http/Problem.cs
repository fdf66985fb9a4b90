namespace RunHub.Http;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Path">Where: a JSON path (<c>$.runs[3].status</c>), or <c>query.limit</c>, <c>header.Idempotency-Key</c>.</param>
/// <param name="Reason">What is wrong and what would be right, one sentence.</param>
public sealed record Fault(string Path, string Reason);

/// <summary>
/// A request that cannot be answered as asked. Thrown anywhere under an endpoint; becomes an RFC 9457 problem document
/// (<c>application/problem+json</c>) with <c>errors: [{path, reason}]</c>, or an error page for a browser.
/// </summary>
public sealed class ProblemException(int status, string title, string? detail = null, params IReadOnlyList<Fault> faults) : Exception(detail ?? title)
{
    /// <summary>HTTP status, 400–599.</summary>
    public int Status { get; } = status;

    /// <summary>Short and the same for every occurrence.</summary>
    public string Title { get; } = title;

    /// <summary>What happened this time.</summary>
    public string? Detail { get; } = detail;

    /// <summary>What is wrong, and where.</summary>
    public IReadOnlyList<Fault> Faults { get; } = faults;

    /// <summary>Writes further members into the document, such as the rejected items of a batch.</summary>
    public Action<System.Text.Json.Utf8JsonWriter>? Extend { get; init; }

    /// <summary>Seconds for a <c>Retry-After</c> header.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>400 for a body or query that is not what it should be.</summary>
    public static ProblemException Invalid(string path, string reason) => new(400, "The request is not valid.", path + ": " + reason, new Fault(path, reason));

    /// <summary>404; says nothing about other tenants.</summary>
    public static ProblemException NotFound(string what, string id) => new(404, "Not found.", $"There is no {what} {id} here.");
}
