using System.Text.Json;
using RunHub.Ui;

namespace RunHub.Steps.Cards;

/// <summary>
/// The parts of a node's input that get a place of their own: prompts, model, temperature. The same as
/// <see cref="RunDetail.PromptLayout"/> for plugins, on the stored bytes.
/// </summary>
ref struct PromptInput
{
    static readonly JsonReaderOptions Deep = new() { MaxDepth = 1024 };
    readonly ReadOnlySpan<byte> json;

    PromptInput(ReadOnlySpan<byte> json) => this.json = json;

    /// <summary>JSON string, quotes included; empty: there is none.</summary>
    public ReadOnlySpan<byte> System { get; private set; }

    /// <summary>JSON string.</summary>
    public ReadOnlySpan<byte> User { get; private set; }

    /// <summary>JSON string.</summary>
    public ReadOnlySpan<byte> Model { get; private set; }

    /// <summary>JSON number.</summary>
    public ReadOnlySpan<byte> Temperature { get; private set; }

    /// <summary>The input is an object.</summary>
    public bool IsObject { get; private set; }

    /// <summary>Members beside those.</summary>
    public int Others { get; private set; }

    /// <summary>Looks through an input.</summary>
    public static PromptInput Read(ReadOnlySpan<byte> input)
    {
        var found = new PromptInput(input);
        var reader = new Utf8JsonReader(input, Deep);
        if (input.Length == 0 || !reader.Read() || reader.TokenType != JsonTokenType.StartObject) return found;
        found.IsObject = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var part = PartOf(ref reader);
            var value = input[Value(ref reader, out var type)];
            switch (Place(part, type))
            {
                case Part.System:
                    found.System = value;
                    break;
                case Part.User:
                    found.User = value;
                    break;
                case Part.Model:
                    found.Model = value;
                    break;
                case Part.Temperature:
                    found.Temperature = value;
                    break;
                case Part.Other:
                    found.Others++;
                    break;
            }
        }

        return found;
    }

    /// <summary>Writes the other members as a JSON object; answers how many lines were begun.</summary>
    public readonly int WriteOthers(HtmlBuffer html)
    {
        var reader = new Utf8JsonReader(json, Deep);
        reader.Read();
        html.Raw((byte)'{');
        var (lines, first) = (1, true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var part = PartOf(ref reader);
            var name = json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed].TrimEnd(": \t\r\n"u8);
            var value = json[Value(ref reader, out var type)];
            if (Place(part, type) != Part.Other) continue;
            if (!first) html.Raw((byte)',');
            first = false;
            lines += JsonHtml.Line(html, 1);
            JsonHtml.Write(html, name);
            html.Raw(": "u8);
            lines += JsonHtml.Write(html, value, 1);
        }

        JsonHtml.Line(html, 0);
        html.Raw((byte)'}');
        return lines;
    }

    static Part PartOf(ref Utf8JsonReader name) => name.ValueTextEquals("systemPrompt"u8) ? Part.System : name.ValueTextEquals("userPrompt"u8) ? Part.User
        : name.ValueTextEquals("model"u8) ? Part.Model : name.ValueTextEquals("temperature"u8) ? Part.Temperature : Part.Other;

    static Part Place(Part part, JsonTokenType type) => part == Part.Other ? part
        : type == JsonTokenType.Null ? Part.Nothing
        : type == (part == Part.Temperature ? JsonTokenType.Number : JsonTokenType.String) ? part : Part.Other;

    static Range Value(ref Utf8JsonReader reader, out JsonTokenType type)
    {
        reader.Read();
        type = reader.TokenType;
        var from = (int)reader.TokenStartIndex;
        reader.Skip();
        return from..(int)reader.BytesConsumed;
    }

    enum Part
    {
        Other,
        Nothing,
        System,
        User,
        Model,
        Temperature,
    }
}
