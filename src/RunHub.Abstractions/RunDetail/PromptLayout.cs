using System.Text;
using System.Text.Json;
using RunHub.Plugins;

namespace RunHub.RunDetail;

/// <summary>Lays out a node whose input is a prompt: system prompt, user prompt, model and temperature, output.</summary>
public static class PromptLayout
{
    /// <summary>
    /// Blocks for <c>systemPrompt</c> and <c>userPrompt</c>, badges for <c>model</c> and <c>temperature</c>, the input's other
    /// members as JSON, the output as text or JSON.
    /// </summary>
    /// <returns>Null when the input is not an object: the usual layout.</returns>
    public static StepPresentation? Present(StoredStep step)
    {
        if (step.Step.Input is not { } payload) return null;
        using var input = payload.ToDocument();
        if (input.RootElement.ValueKind != JsonValueKind.Object) return null;
        var blocks = new List<StepBlock>();
        var badges = new List<StepBadge>();
        var rest = new List<JsonProperty>();
        foreach (var property in input.RootElement.EnumerateObject())
        {
            switch (property.Name)
            {
                case "systemPrompt" when property.Value.ValueKind == JsonValueKind.String:
                    blocks.Insert(0, new StepBlock(StepTitles.SystemPrompt, StepBlockKind.Text, property.Value.GetString()!));
                    break;
                case "userPrompt" when property.Value.ValueKind == JsonValueKind.String:
                    blocks.Add(new StepBlock(StepTitles.UserPrompt, StepBlockKind.Text, property.Value.GetString()!));
                    break;
                case "model" when property.Value.ValueKind == JsonValueKind.String:
                    badges.Insert(0, new StepBadge(StepTitles.Model, property.Value.GetString()!));
                    break;
                case "temperature" when property.Value.ValueKind == JsonValueKind.Number:
                    badges.Add(new StepBadge(StepTitles.Temperature, property.Value.GetRawText()));
                    break;
                case "systemPrompt" or "userPrompt" or "model" or "temperature" when property.Value.ValueKind == JsonValueKind.Null:
                    break;
                default:
                    rest.Add(property);
                    break;
            }
        }

        if (rest.Count > 0) blocks.Add(new StepBlock(null, StepBlockKind.Json, "{" + string.Join(',', rest.Select(p => p.ToString())) + "}"));
        return new StepPresentation(blocks, step.Step.Output is { } output ? [Output(output)] : []) { Badges = badges };
    }

    static StepBlock Output(JsonPayload payload)
    {
        var reader = new Utf8JsonReader(payload.Utf8.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.String
            ? new StepBlock(null, StepBlockKind.Text, reader.GetString()!)
            : new StepBlock(null, StepBlockKind.Json, Encoding.UTF8.GetString(payload.Utf8.Span));
    }
}
