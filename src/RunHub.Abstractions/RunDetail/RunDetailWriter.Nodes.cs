using System.Text.Json;
using RunHub.Plugins;

namespace RunHub.RunDetail;

/// <summary>The results of a run, node by node.</summary>
internal sealed partial class RunDetailWriter
{
    void Results(JsonPart? shape)
    {
        var rest = new OrderedDictionary<string, StepWrite>(StringComparer.Ordinal);
        foreach (var stored in steps) rest[stored.Step.Id ?? ""] = stored.Step;
        json.WriteStartObject("results");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (node, part) in shape?.Members() ?? [])
        {
            rest.Remove(node, out var step);
            names.Add(node);
            Node(node, part, step);
        }

        // Steps that no document named: reported since, or from a run that came another way.
        foreach (var (id, step) in rest)
        {
            var name = step.NodeId is { Length: > 0 } node && names.Add(node) ? node : id;
            names.Add(name);
            Node(name, step);
        }

        json.WriteEndObject();
    }

    void Node(string node, JsonPart shape, StepWrite? step)
    {
        json.WriteStartObject(node);
        var members = shape.Members();
        foreach (var (name, part) in members)
        {
            switch (name)
            {
                case "input" when IsStored(part):
                    Raw(name, step?.Input);
                    break;
                case "output" when IsStored(part):
                    Raw(name, step?.Output);
                    break;
                case "output" when step?.Output is { } output:
                    Raw(name, output);
                    break;
                case "duration_ms" when step is not null && part.Whole() != step.DurationMs:
                    Number(name, step.DurationMs);
                    break;
                case "tokens_used" when step is not null && part.Whole() != step.Tokens:
                    Number(name, step.Tokens);
                    break;
                default:
                    Keep(name, part);
                    break;
            }
        }

        bool Lacks(string name) => !members.Exists(m => m.Name == name);
        if (Lacks("input") && step?.Input is { } input) Raw("input", input);
        if (Lacks("output") && step?.Output is { } made) Raw("output", made);
        if (Lacks("duration_ms")) Number("duration_ms", step?.DurationMs);
        if (Lacks("tokens_used")) Number("tokens_used", step?.Tokens);
        json.WriteEndObject();
    }

    void Node(string node, StepWrite step)
    {
        json.WriteStartObject(node);
        Text("label", step.Label);
        Input(step);
        Raw("output", step.Output);
        Number("duration_ms", step.DurationMs);
        Number("tokens_used", step.Tokens);
        json.WriteEndObject();
    }

    /// <summary>An input that is an object is given as it is, with model and temperature where the step has them beside it.</summary>
    void Input(StepWrite step)
    {
        json.WriteStartObject("input");
        var said = new HashSet<string>(StringComparer.Ordinal);
        using var input = step.Input?.ToDocument();
        switch (input?.RootElement.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in input.RootElement.EnumerateObject())
                {
                    if (said.Add(property.Name)) Keep(property.Name, new JsonPart(property.Value, "$"));
                }

                break;
            case JsonValueKind.String:
                said.Add("userPrompt");
                Raw("userPrompt", step.Input);
                break;
            case null or JsonValueKind.Null:
                break;
            default:
                Raw("data", step.Input);
                break;
        }

        if (!said.Contains("model")) Text("model", step.Model);
        using var parameters = step.Parameters?.ToDocument();
        if (!said.Contains("temperature") && parameters is { RootElement.ValueKind: JsonValueKind.Object } &&
            parameters.RootElement.TryGetProperty("temperature", out var temperature) && temperature.ValueKind == JsonValueKind.Number)
            Keep("temperature", new JsonPart(temperature, "$"));
        json.WriteEndObject();
    }
}
