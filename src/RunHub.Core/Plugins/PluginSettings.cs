using System.Text.Json;

namespace RunHub.Plugins;

/// <summary>The settings of one plugin as stored: by workflow type, by property, as text in the invariant culture.</summary>
public sealed class PluginSettings
{
    readonly Dictionary<string, Dictionary<string, string>> byType;

    PluginSettings(Dictionary<string, Dictionary<string, string>> byType) => this.byType = byType;

    /// <summary>No settings: every property has the value its class gives it.</summary>
    public static PluginSettings None => new(new(StringComparer.Ordinal));

    /// <summary>Reads what <see cref="ToJson"/> wrote; none when it cannot be read.</summary>
    public static PluginSettings Parse(string? json)
    {
        try
        {
            return json is null || JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>>(json) is not { } read ? None : new PluginSettings(new(read, StringComparer.Ordinal));
        }
        catch (JsonException)
        {
            return None;
        }
    }

    /// <summary>The values set for a workflow type.</summary>
    public IReadOnlyDictionary<string, string> Of(string type) => byType.TryGetValue(type, out var values) ? values : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>These settings with other values for one workflow type.</summary>
    public PluginSettings With(string type, IReadOnlyDictionary<string, string> values) =>
        new(new(byType, StringComparer.Ordinal) { [type] = new(values, StringComparer.Ordinal) });

    /// <summary>For <c>plugin_states.settings</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(byType);
}
