using System.Buffers;
using System.Text.Json;

namespace RunHub.Store.Payloads;

/// <summary>What a run knows beside its row: kept as one JSON object with its payloads.</summary>
public sealed record RunExtra
{
    static readonly RunExtra Empty = new();

    /// <summary>See <see cref="RunWrite.AdapterData"/>.</summary>
    public JsonPayload? AdapterData { get; init; }

    /// <summary>Stack trace.</summary>
    public string? ErrorStack { get; init; }

    /// <summary>The whole message, where the row holds a shortened one.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Notes on the customer's experience.</summary>
    public string? ExperienceNotes { get; init; }

    /// <summary>Reads the stored form; empty bytes give an empty one.</summary>
    public static RunExtra Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length == 0) return Empty;
        var fields = ExtraJson.Read(utf8);
        return new RunExtra
        {
            AdapterData = fields.Payload("adapter_data"),
            ErrorStack = fields.Text("error_stack"),
            ErrorMessage = fields.Text("error_message"),
            ExperienceNotes = fields.Text("experience_notes"),
        };
    }

    /// <summary>The stored form; null when there is nothing to keep.</summary>
    public byte[]? ToBytes() => ExtraJson.Write(("adapter_data", AdapterData), ("error_stack", ErrorStack), ("error_message", ErrorMessage), ("experience_notes", ExperienceNotes));
}

/// <summary>What a step knows beside its row.</summary>
public sealed record StepExtra
{
    static readonly StepExtra Empty = new();

    /// <summary>Redacted parameters.</summary>
    public JsonPayload? Parameters { get; init; }

    /// <summary>Reasons of the validation.</summary>
    public JsonPayload? Reasons { get; init; }

    /// <summary>Stack trace.</summary>
    public string? ErrorStack { get; init; }

    /// <summary>The whole message, where the row holds a shortened one.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>What a span carried beside what the fields hold.</summary>
    public JsonPayload? Attributes { get; init; }

    /// <summary>Pieces the input was put together from: a JSON object, key → piece, in order of key.</summary>
    public JsonPayload? InputParts { get; init; }

    /// <summary>Pieces the output was put together from.</summary>
    public JsonPayload? OutputParts { get; init; }

    /// <summary>Reads the stored form; empty bytes give an empty one.</summary>
    public static StepExtra Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length == 0) return Empty;
        var fields = ExtraJson.Read(utf8);
        return new StepExtra
        {
            Parameters = fields.Payload("parameters_redacted"),
            Reasons = fields.Payload("reasons"),
            ErrorStack = fields.Text("error_stack"),
            ErrorMessage = fields.Text("error_message"),
            Attributes = fields.Payload("attributes"),
            InputParts = fields.Payload("input_parts"),
            OutputParts = fields.Payload("output_parts"),
        };
    }

    /// <summary>The stored form; null when there is nothing to keep.</summary>
    public byte[]? ToBytes() => ExtraJson.Write(("parameters_redacted", Parameters), ("reasons", Reasons), ("error_stack", ErrorStack), ("error_message", ErrorMessage),
        ("attributes", Attributes), ("input_parts", InputParts), ("output_parts", OutputParts));
}

/// <summary>The small JSON objects of <see cref="RunExtra"/> and <see cref="StepExtra"/>; payloads inside keep their text.</summary>
static class ExtraJson
{
    public static byte[]? Write(params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        ArrayBufferWriter<byte>? buffer = null;
        Utf8JsonWriter? json = null;
        foreach (var (name, value) in fields)
        {
            if (value is null) continue;
            if (json is null)
            {
                json = new Utf8JsonWriter(buffer = new ArrayBufferWriter<byte>(256), new JsonWriterOptions { SkipValidation = true });
                json.WriteStartObject();
            }

            if (value is JsonPayload payload)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(payload.Utf8.Span, skipInputValidation: true);
            }
            else
            {
                json.WriteString(name, (string)value);
            }
        }

        if (json is null) return null;
        json.WriteEndObject();
        json.Dispose();
        return buffer!.WrittenSpan.ToArray();
    }

    public static Fields Read(ReadOnlyMemory<byte> utf8)
    {
        var fields = new Fields();
        var json = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = 1024 });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameOf(ref json);
            json.Read();
            var from = (int)json.TokenStartIndex;
            json.Skip();
            fields.Add(name, utf8[from..(int)json.BytesConsumed]);
        }

        return fields;
    }

    static string NameOf(ref Utf8JsonReader json)
    {
        foreach (var name in Names)
            if (json.ValueTextEquals(name)) return name;
        return json.GetString()!;
    }

    static readonly string[] Names = ["parameters_redacted", "adapter_data", "error_stack", "error_message", "reasons", "attributes", "input_parts", "output_parts", "experience_notes"];

    /// <summary>A handful of them: looked through, not hashed.</summary>
    public readonly struct Fields()
    {
        readonly List<(string Name, ReadOnlyMemory<byte> Utf8)> fields = new(2);

        public void Add(string name, ReadOnlyMemory<byte> utf8) => fields.Add((name, utf8));

        public JsonPayload? Payload(string name) => Find(name) is { Length: > 0 } utf8 ? new JsonPayload(utf8) : null;

        public string? Text(string name) => Find(name) is { Length: > 0 } utf8 ? JsonSerializer.Deserialize<string>(utf8.Span) : null;

        // The last of several counts.
        ReadOnlyMemory<byte> Find(string name)
        {
            for (var i = fields.Count - 1; i >= 0; i--)
                if (string.Equals(fields[i].Name, name, StringComparison.Ordinal)) return fields[i].Utf8;
            return default;
        }
    }
}
