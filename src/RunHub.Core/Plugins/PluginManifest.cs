using System.Text.Json;
using System.Text.RegularExpressions;

namespace RunHub.Plugins;

/// <summary>What a plugin's folder says about it in <c>plugin.json</c>, read before any of its code runs.</summary>
/// <param name="Id">1–64 of <c>a-z 0-9 - _</c>, unique.</param>
/// <param name="Version">Its own version, free text.</param>
/// <param name="Contract">The <see cref="PluginContract.Version"/> it was built against.</param>
/// <param name="Assembly">File name of its assembly.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people; may be empty.</param>
public sealed partial record PluginManifest(string Id, string Version, int Contract, string Assembly, string Name, string Description)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "plugin.json";
    const int MaxBytes = 64 << 10;

    /// <summary>Reads the manifest of a folder.</summary>
    /// <exception cref="PluginLoadException">It is missing or not a manifest.</exception>
    public static PluginManifest Read(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists) throw new PluginLoadException($"The folder has no {FileName}.");
        if (file.Length > MaxBytes) throw new PluginLoadException($"{FileName} has {file.Length} bytes; {MaxBytes} are allowed.");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file.FullName), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new PluginLoadException($"{FileName} is not a JSON object.");
            var id = Text(root, "id", 64);
            if (!IsName(id)) throw new PluginLoadException($"{FileName}: \"id\" must be 1 to 64 of a-z, 0-9, - and _.");
            var assembly = Text(root, "assembly", 256);
            if (Path.GetFileName(assembly) != assembly || !assembly.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
                throw new PluginLoadException($"{FileName}: \"assembly\" must be the file name of a .dll in the same folder.");
            if (!root.TryGetProperty("contract", out var contract) || contract.ValueKind != JsonValueKind.Number || !contract.TryGetInt32(out var version))
                throw new PluginLoadException($"{FileName}: \"contract\" must be a whole number, such as {PluginContract.Version}.");
            return new PluginManifest(id, Text(root, "version", 64), version, assembly, Text(root, "name", 128), root.TryGetProperty("description", out _) ? Text(root, "description", 2000) : "");
        }
        catch (JsonException e)
        {
            throw new PluginLoadException($"{FileName} is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PluginLoadException($"{FileName} cannot be read: {e.Message}");
        }
    }

    /// <summary>True for a plugin id or a workflow type: 1–64 of <c>a-z 0-9 - _</c>.</summary>
    public static bool IsName(string? text) => text is not null && Name64().IsMatch(text);

    static string Text(JsonElement root, string name, int max)
    {
        try
        {
            return root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= max && !string.IsNullOrWhiteSpace(text)
                ? text.Trim()
                : throw new PluginLoadException($"{FileName}: \"{name}\" must be a text of 1 to {max} characters.");
        }
        catch (InvalidOperationException)
        {
            throw new PluginLoadException($"{FileName}: \"{name}\" contains half of a surrogate pair.");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Name64();
}

/// <summary>A plugin cannot be loaded; the message is the reason shown to admins.</summary>
public sealed class PluginLoadException(string reason, Exception? inner = null) : Exception(reason, inner);
