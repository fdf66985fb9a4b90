using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunHub.Client.Reporting;

/// <summary>Members of a run or a step that are to be sent: JSON by path, <c>diagnostics.error_code</c>. Not thread-safe.</summary>
sealed class Fields
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Ordinal order keeps the members of one object together.
    readonly SortedDictionary<string, byte[]> values = new(StringComparer.Ordinal);

    public int Count => values.Count;

    /// <summary>Sets a member; answers by how many bytes the whole grew.</summary>
    public long Set(string path, byte[] json)
    {
        var grown = (long)json.Length - (values.TryGetValue(path, out var old) ? old.Length : -path.Length - 4);
        values[path] = json;
        return grown;
    }

    public void Clear() => values.Clear();

    /// <summary>These on top of <paramref name="always"/>, which are sent with every change.</summary>
    public void WriteMembers(Utf8JsonWriter json, Fields always)
    {
        var all = always.values.Where(v => !values.ContainsKey(v.Key)).Concat(values).ToList();
        all.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        Write(json, all, 0, all.Count, 0);
    }

    static void Write(Utf8JsonWriter json, List<KeyValuePair<string, byte[]>> all, int from, int to, int at)
    {
        for (var i = from; i < to;)
        {
            var path = all[i].Key;
            var dot = path.IndexOf('.', at);
            if (dot < 0)
            {
                json.WritePropertyName(path.AsSpan(at));
                json.WriteRawValue(all[i++].Value, skipInputValidation: true);
                continue;
            }

            var end = i + 1;
            while (end < to && all[end].Key.AsSpan().StartsWith(path.AsSpan(0, dot + 1))) end++;
            json.WriteStartObject(path.AsSpan(at, dot - at));
            Write(json, all, i, end, dot + 1);
            json.WriteEndObject();
            i = end;
        }
    }

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json);
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Text(string text) => Write(json => json.WriteStringValue(text));

    /// <summary>A name as the hub takes it: no control characters, no halves of surrogate pairs, cut at its length; null: nothing is left.</summary>
    public static string? Name(string? text, int length = 256)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var clean = Whole(text.Trim());
        if (clean.AsSpan().ContainsAnyInRange('\0', '\u001f') || clean.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
            clean = string.Create(clean.Length, clean, static (span, from) =>
            {
                for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(from[i]) ? '\uFFFD' : from[i];
            });
        if (clean.Length <= length) return clean;
        return clean[..(char.IsHighSurrogate(clean[length - 1]) ? length - 1 : length)];
    }

    /// <summary>Halves of surrogate pairs cannot be written as UTF-8.</summary>
    public static string Whole(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;

    /// <summary>Any value as JSON. Reporting never fails for what is reported: what cannot be written says so itself.</summary>
    public static byte[] Value(object? value, JsonSerializerOptions options)
    {
        try
        {
            return value switch
            {
                null => "null"u8.ToArray(),
                string text => Text(Whole(text)),
                _ => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), options),
            };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Text($"[{value!.GetType()} could not be written as JSON: {Whole(e.Message)}]");
        }
    }
}
