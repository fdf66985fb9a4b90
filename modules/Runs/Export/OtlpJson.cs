using System.Text.Json;
using RunHub.Model;

namespace RunHub.Runs.Export;

/// <summary>What spans and log records have in common.</summary>
static class OtlpJson
{
    /// <summary>The resource that came, else one made of the run's fields.</summary>
    public static void Resource(Utf8JsonWriter json, RunRow run, JsonElement? kept)
    {
        json.WriteStartObject("resource");
        json.WriteStartArray("attributes");
        if (kept is { } resource)
        {
            OtlpValues.Members(json, resource);
        }
        else
        {
            OtlpValues.Text(json, "service.name", run.WorkflowName);
            OtlpValues.Text(json, "service.version", run.WorkflowVersion);
            OtlpValues.Text(json, "deployment.environment.name", run.Environment);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Member(JsonElement? of, string name) => of is { ValueKind: JsonValueKind.Object } set && set.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A member that is text.</summary>
    public static string? Text(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
