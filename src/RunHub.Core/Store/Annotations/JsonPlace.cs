using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunHub.Store.Annotations;

/// <summary>A place in a JSON value: names and indexes from the root. Written as <c>$.a['b c'][0]</c>.</summary>
public static class JsonPlace
{
    const int Deepest = 64;

    /// <summary>The steps of a path, names as text and indexes as numbers; null: it is no path.</summary>
    public static List<object>? Parse(string path)
    {
        if (path.Length == 0 || path[0] != '$') return null;
        var steps = new List<object>();
        for (var i = 1; i < path.Length;)
        {
            if (steps.Count == Deepest) return null;
            if (path[i] == '.')
            {
                var end = path.AsSpan(i + 1).IndexOfAny('.', '[') is var at and >= 0 ? i + 1 + at : path.Length;
                if (end == i + 1) return null;
                steps.Add(path[(i + 1)..end]);
                i = end;
            }
            else if (path[i] == '[' && i + 1 < path.Length && path[i + 1] == '\'')
            {
                var name = new StringBuilder();
                for (i += 2; i < path.Length && path[i] != '\''; i++) name.Append(path[i] == '\\' && i + 1 < path.Length ? path[++i] : path[i]);
                if (i + 1 >= path.Length || path[i + 1] != ']') return null;
                steps.Add(name.ToString());
                i += 2;
            }
            else if (path[i] == '[' && path.IndexOf(']', i) is var close and > 0 && int.TryParse(path.AsSpan(i + 1, close - i - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                steps.Add(index);
                i = close + 1;
            }
            else return null;
        }

        return steps;
    }

    /// <summary>The path of these steps.</summary>
    public static string Write(IEnumerable<object> steps)
    {
        var path = new StringBuilder("$");
        foreach (var step in steps)
        {
            if (step is int index) path.Append(CultureInfo.InvariantCulture, $"[{index}]");
            else if (IsPlain((string)step)) path.Append('.').Append((string)step);
            else path.Append("['").Append(((string)step).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)).Append("']");
        }

        return path.ToString();
    }

    /// <summary>The value there; null: there is none.</summary>
    public static JsonElement? Find(JsonElement root, string path)
    {
        if (Parse(path) is not { } steps) return null;
        foreach (var step in steps)
        {
            if (step is int index && root.ValueKind == JsonValueKind.Array && index < root.GetArrayLength()) root = root[index];
            else if (step is string name && root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value)) root = value;
            else return null;
        }

        return root;
    }

    static bool IsPlain(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
