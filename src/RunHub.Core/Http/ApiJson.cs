using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunHub.Http;

/// <summary>Small JSON bodies and answers made of records: snake_case, unknown members refused, at most 64 KiB.</summary>
public static class ApiJson
{
    const long MaxBody = 64 << 10;

    /// <summary>The rules.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>An answer.</summary>
    public static IResult Write(object value, int status = StatusCodes.Status200OK) => Results.Json(value, Options, "application/json", status);

    /// <summary>The body; a 4xx problem when it is not what it should be.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context)
    {
        if (!context.Request.HasJsonContentType()) throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "JSON is needed.", "Send the body as application/json.");
        if (context.Request.ContentLength > MaxBody) throw TooLarge();
        using var body = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > MaxBody) throw TooLarge();
            body.Write(buffer, 0, read);
        }

        return Read<T>(body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    /// <summary>An object out of a body that was read; a 400 problem when it is not what it should be.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MaxBody) throw TooLarge();
        try
        {
            return JsonSerializer.Deserialize<T>(body.Span, Options) ?? throw ProblemException.Invalid("$", "An object is needed.");
        }
        catch (JsonException e)
        {
            throw ProblemException.Invalid(e.Path is { Length: > 0 } path ? path : "$", "This is not the JSON that is expected here: " + e.Message.Split(" Path:")[0]);
        }
    }

    /// <summary>An enum's word as it is written in JSON.</summary>
    public static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>Microseconds as ISO 8601.</summary>
    public static string? Time(long? micros) => micros is { } at ? Times.ToIso(at) : null;

    static ProblemException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, "The body is too large.", $"At most {MaxBody} bytes are read here.");
}
