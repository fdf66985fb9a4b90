using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunHub.Ingest;

/// <summary>
/// What a run keeps of its spans to take the next ones in whatever order they come: kept as JSON in <c>runs.derived</c>.
/// Every member only ever moves one way (earliest, latest, smallest key), so the same spans give the same state.
/// </summary>
sealed class DerivedState
{
    /// <summary>The key of a value somebody reported: smaller than any other.</summary>
    public const string Reported = "";

    /// <summary>Earliest start, microseconds.</summary>
    [JsonPropertyName("start"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Start { get; set; }

    /// <summary>Latest end, microseconds.</summary>
    [JsonPropertyName("end"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? End { get; set; }

    /// <summary>The root held.</summary>
    [JsonPropertyName("root"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RootState? Root { get; set; }

    /// <summary>No root came in time: what is held decides.</summary>
    [JsonPropertyName("silent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Silent { get; set; }

    /// <summary>Some step states the usage of its subtree.</summary>
    [JsonPropertyName("subtree"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Subtree { get; set; }

    /// <summary>Key of the value each field holds.</summary>
    [JsonPropertyName("keys")]
    public SortedDictionary<string, string> Keys { get; set; } = new(StringComparer.Ordinal);

    public static DerivedState Read(string? json) =>
        json is null ? new DerivedState() : JsonSerializer.Deserialize(json, DerivedJson.Default.DerivedState)!;

    public string Write() => JsonSerializer.Serialize(this, DerivedJson.Default.DerivedState);

    /// <summary>True when a value with this key takes the field's place; it then holds it.</summary>
    public bool Wins(string field, string key)
    {
        if (Keys.TryGetValue(field, out var held) && string.CompareOrdinal(held, key) <= 0) return false;
        Keys[field] = key;
        return true;
    }

    public bool IsReported(string field) => Keys.TryGetValue(field, out var key) && key.Length == 0;

    /// <summary>Adds what a write says; answers nothing, but see <see cref="Wins"/> for its fields.</summary>
    public void Add(DerivedRun derived)
    {
        if (derived.EarliestStart?.ToMicros() is { } start && !(Start <= start)) Start = start;
        if (derived.LatestEnd?.ToMicros() is { } end && !(End >= end)) End = end;
        if (derived.Root is not { } root || Root is not null && !Root.Yields(root)) return;
        Root = new RootState { Key = root.Key, StepId = root.StepId, Failed = root.Failed, End = root.EndedAt?.ToMicros() };
    }
}

/// <summary>See <see cref="DerivedRoot"/>.</summary>
sealed class RootState
{
    [JsonPropertyName("key")]
    public required string Key { get; init; }

    [JsonPropertyName("step")]
    public required string StepId { get; init; }

    [JsonPropertyName("failed")]
    public bool Failed { get; init; }

    [JsonPropertyName("end"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? End { get; init; }

    /// <summary>A better root takes its place; so does the same one once it has ended.</summary>
    public bool Yields(DerivedRoot other) => string.CompareOrdinal(other.Key, Key) is var order && (order < 0 || order == 0 && End is null && other.EndedAt is not null);
}

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(DerivedState))]
[JsonSerializable(typeof(StoredUsage))]
sealed partial class DerivedJson : JsonSerializerContext;

/// <summary><see cref="SubtreeUsage"/> as <c>steps.subtree_usage</c> keeps it.</summary>
sealed record StoredUsage
{
    [JsonPropertyName("in"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TokensIn { get; init; }

    [JsonPropertyName("out"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TokensOut { get; init; }

    [JsonPropertyName("tokens"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Tokens { get; init; }

    [JsonPropertyName("cost_nano"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CostNano { get; init; }

    public static StoredUsage? Read(string? json) => json is null ? null : JsonSerializer.Deserialize(json, DerivedJson.Default.StoredUsage);

    public static string? Write(SubtreeUsage? usage) => usage is not ({ Tokens: not null } or { TokensIn: not null } or { TokensOut: not null } or { CostUsd: not null })
        ? null
        : JsonSerializer.Serialize(new StoredUsage
        {
            TokensIn = usage.TokensIn,
            TokensOut = usage.TokensOut,
            Tokens = usage.Tokens ?? (usage.TokensIn is null && usage.TokensOut is null ? null : (usage.TokensIn ?? 0) + (usage.TokensOut ?? 0)),
            CostNano = usage.CostUsd is { } cost ? Money.ToNano(cost) : null,
        }, DerivedJson.Default.StoredUsage);
}
