using System.Globalization;
using System.Text.Json;
using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>
/// One span's attributes as the tables of <see cref="Names"/> ask for them. Content that becomes a field of the step is
/// marked, so that it is not kept twice. An event that carries the content of a call counts as the span's own attributes.
/// </summary>
sealed class SpanContent
{
    const string DetailsEvent = "gen_ai.client.inference.operation.details";
    readonly AttributeSet attributes;
    readonly List<AttributeSet> details = [];
    readonly HashSet<string> taken = new(StringComparer.Ordinal);

    public SpanContent(AttributeSet attributes, IEnumerable<SpanEvent> events)
    {
        this.attributes = attributes;
        foreach (var happened in events)
            if (happened.Name is DetailsEvent or "gen_ai.content.prompt" or "gen_ai.content.completion") details.Add(happened.Attributes);
    }

    /// <summary>Attributes that became content of the step.</summary>
    public IReadOnlySet<string> Taken => taken;

    /// <summary>The first that is present and not empty.</summary>
    public object? First(IEnumerable<string> names, bool take = false)
    {
        foreach (var name in names)
        {
            if (attributes[name] is { } value and not "")
            {
                if (take) taken.Add(name);
                return value;
            }

            foreach (var set in details)
                if (set[name] is { } detail and not "") return detail;
        }

        return null;
    }

    public string? Text(IEnumerable<string> names) => Texts.Of(First(names));

    public long? Count(IEnumerable<string> names)
    {
        foreach (var name in names)
            if (Texts.Count(attributes[name]) is { } count) return count;
        return null;
    }

    public decimal? Dollars(string name) => Texts.Dollars(attributes[name]);

    /// <summary>Content by name, or null.</summary>
    public JsonPayload? Content(IEnumerable<string> names) => First(names, take: true) is { } value ? SpanJson.Content(value) : null;

    /// <summary>A list that is spread over keys <c>prefix.0.…, prefix.1.…</c>, put together; null where there is none.</summary>
    public JsonPayload? List(IEnumerable<string> prefixes, string? finishReason = null)
    {
        foreach (var prefix in prefixes)
        {
            if (Tree(prefix + ".") is not { Children.Count: > 0 } tree || !tree.IsList) continue;
            return SpanJson.Write(json => tree.Write(json, finishReason));
        }

        return null;
    }

    /// <summary>Members below a prefix, with the rest of their names: <c>gen_ai.request.temperature</c> → temperature.</summary>
    public IEnumerable<(string Name, object? Value)> Below(string prefix)
    {
        foreach (var key in attributes.Keys)
            if (key.StartsWith(prefix, StringComparison.Ordinal) && key.Length > prefix.Length) yield return (key[prefix.Length..], attributes[key]);
    }

    Node? Tree(string prefix)
    {
        Node? root = null;
        foreach (var key in attributes.Keys)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var rest = key[prefix.Length..];
            if (rest.Length == 0 || !char.IsAsciiDigit(rest[0])) continue;
            root ??= new Node();
            root.Add(rest.Split('.', 16), 0, attributes[key]);
            taken.Add(key);
        }

        return root;
    }

    /// <summary>A tree made of dotted keys; numbers make lists.</summary>
    sealed class Node
    {
        /// <summary>Objects around an element of a list that only say what it is.</summary>
        static readonly HashSet<string> Wrappers = new(StringComparer.Ordinal) { "message", "tool_call", "message_content", "document", "prompt", "completion", "tool", "embedding" };
        readonly SortedDictionary<string, Node> children = new(Comparer<string>.Create(Compare));
        object? value;

        public SortedDictionary<string, Node> Children => children;

        public bool IsList => children.Count > 0 && children.Keys.All(IsIndex);

        public void Add(string[] path, int at, object? leaf)
        {
            if (at == path.Length)
            {
                value = leaf;
                return;
            }

            if (!children.TryGetValue(path[at], out var child)) children[path[at]] = child = new Node();
            child.Add(path, at + 1, leaf);
        }

        public void Write(Utf8JsonWriter json, string? finishReason = null, string? name = null)
        {
            if (children.Count == 0)
            {
                // Arguments and metadata are JSON in a string.
                if (name is "arguments" or "metadata" or "json_schema" or "parameters") SpanJson.ContentValue(json, value);
                else SpanJson.Value(json, value);
                return;
            }

            if (IsList)
            {
                json.WriteStartArray();
                var last = children.Count;
                foreach (var item in children.Values) item.Unwrapped().Write(json, --last == 0 ? finishReason : null);
                json.WriteEndArray();
                return;
            }

            json.WriteStartObject();
            foreach (var (key, child) in children)
            {
                json.WritePropertyName(key);
                child.Write(json, name: key);
            }

            if (finishReason is not null && !children.ContainsKey("finish_reason")) json.WriteString("finish_reason", finishReason);
            json.WriteEndObject();
        }

        Node Unwrapped() => children.Count == 1 && children.First() is var only && Wrappers.Contains(only.Key) && only.Value.children.Count > 0 ? only.Value : this;

        static bool IsIndex(string key) => key.Length is > 0 and < 9 && key.All(char.IsAsciiDigit);

        // Numbers by value and before everything else: one order over all keys.
        static int Compare(string? a, string? b) => (IsIndex(a!), IsIndex(b!)) switch
        {
            (true, true) => int.Parse(a!, CultureInfo.InvariantCulture).CompareTo(int.Parse(b!, CultureInfo.InvariantCulture)),
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(a, b),
        };
    }
}
