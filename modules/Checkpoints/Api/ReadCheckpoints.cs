using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using RunHub.Http;
using RunHub.Store.Checkpoints;

namespace RunHub.Checkpoints.Api;

/// <summary>Reads checkpoints and writes out of a body; tells every fault it meets with its place.</summary>
sealed class ReadCheckpoints(int maxBytes, int maxDepth)
{
    /// <summary>Most checkpoints, and most writes, of one request.</summary>
    public const int MaxItems = 1000;

    const int MaxNs = 1024;
    const int MaxName = 256;
    const long TicksPerMicro = 10;
    readonly List<Fault> faults = [];
    bool isTooLarge;

    /// <summary>One checkpoint or an array of them.</summary>
    /// <param name="body">The body.</param>
    /// <param name="id">The id in the address, which a body without one takes; null: the body says it.</param>
    public (List<Checkpoint> Checkpoints, bool IsArray) Checkpoints(ReadOnlyMemory<byte> body, string? id)
    {
        using var document = Parse(body);
        var (root, read) = (document.RootElement, new List<Checkpoint>());
        if (root.ValueKind == JsonValueKind.Array && id is null)
        {
            if (root.GetArrayLength() is 0 or > MaxItems) faults.Add(new Fault("$", $"An array of 1 to {MaxItems} checkpoints is wanted."));
            else
                foreach (var (item, i) in root.EnumerateArray().Select((item, i) => (item, i)))
                    if (Checkpoint(item, string.Create(CultureInfo.InvariantCulture, $"$[{i}]"), null) is { } checkpoint) read.Add(checkpoint);
        }
        else if (Checkpoint(root, "$", id) is { } checkpoint)
        {
            read.Add(checkpoint);
        }

        Finish();
        return (read, root.ValueKind == JsonValueKind.Array);
    }

    /// <summary>The writes of a task: <c>{"checkpoint_ns", "task_id", "task_path", "writes": […]}</c>.</summary>
    public (string Ns, List<CheckpointWrite> Writes) Writes(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        var (ns, writes) = ("", new List<CheckpointWrite>());
        if (root.ValueKind != JsonValueKind.Object) faults.Add(new Fault("$", "An object is wanted."));
        else
        {
            ns = Text(root, "checkpoint_ns", "$", MaxNs) ?? "";
            var task = Required(root, "task_id", "$");
            writes = Writes(root, "$", task, Text(root, "task_path", "$", MaxNs) ?? "");
            if (!root.TryGetProperty("writes", out _)) faults.Add(new Fault("$.writes", "An array of writes is wanted."));
        }

        Finish();
        return (ns, writes);
    }

    Checkpoint? Checkpoint(JsonElement json, string path, string? idInAddress)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new Fault(path, "An object is wanted."));
            return null;
        }

        var value = Value(json, "checkpoint", path);
        if (!json.TryGetProperty("checkpoint", out var content)) faults.Add(new Fault(path + ".checkpoint", "A checkpoint has a value."));
        var id = Text(json, "checkpoint_id", path, Ids.MaxLength) ?? idInAddress ?? (value.IsJson ? Text(content, "id", path + ".checkpoint", Ids.MaxLength) : null);
        if (id is null) faults.Add(new Fault(path + ".checkpoint_id", "A checkpoint has an id that sorts by time within its run."));
        else if (idInAddress is not null && id != idInAddress) faults.Add(new Fault(path + ".checkpoint_id", "The address names another checkpoint."));
        else if (Ids.WhatIsWrong(id) is { } wrong) faults.Add(new Fault(path + ".checkpoint_id", wrong));
        else if (id == "latest") faults.Add(new Fault(path + ".checkpoint_id", "\"latest\" stands for the newest checkpoint."));
        var metadata = Member(json, "metadata");
        if (metadata is { ValueKind: not JsonValueKind.Object }) faults.Add(new Fault(path + ".metadata", "An object is wanted."));
        var text = Bytes(metadata);
        Size(text.Length, path + ".metadata");
        return new Checkpoint(Text(json, "checkpoint_ns", path, MaxNs) ?? "", id ?? "", Text(json, "parent_checkpoint_id", path, Ids.MaxLength), value, text.Length == 0 ? "{}"u8.ToArray() : text,
            Short(metadata is { } m ? Member(m, "source") : null), metadata is { } n && Member(n, "step") is { ValueKind: JsonValueKind.Number } step && step.TryGetInt64(out var number) ? number : null,
            TimeOf(value.IsJson ? content : default, id ?? ""))
        {
            Writes = json.TryGetProperty("writes", out _) ? Writes(json, path, null, "") : [],
        };
    }

    List<CheckpointWrite> Writes(JsonElement parent, string path, string? taskId, string taskPath)
    {
        var writes = new List<CheckpointWrite>();
        if (Member(parent, "writes") is not { } array) return writes;
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > MaxItems)
        {
            faults.Add(new Fault(path + ".writes", $"An array of at most {MaxItems} writes is wanted."));
            return writes;
        }

        var place = 0;
        foreach (var json in array.EnumerateArray())
        {
            var here = string.Create(CultureInfo.InvariantCulture, $"{path}.writes[{place}]");
            if (json.ValueKind != JsonValueKind.Object)
            {
                faults.Add(new Fault(here, "An object is wanted."));
                continue;
            }

            var channel = Required(json, "channel", here);
            long idx = place++;
            if (Member(json, "idx") is { } given)
            {
                if (given.ValueKind != JsonValueKind.Number || !given.TryGetInt64(out idx) || idx is < -4 or > int.MaxValue) faults.Add(new Fault(here + ".idx", "A whole number from -4 on is wanted."));
                else if (idx < 0 && CheckpointWrite.SpecialAt(idx) != channel) faults.Add(new Fault(here + ".idx", $"{idx} is the place of {CheckpointWrite.SpecialAt(idx)}."));
            }

            writes.Add(new CheckpointWrite(taskId ?? Required(json, "task_id", here), Text(json, "task_path", here, MaxNs) ?? taskPath, CheckpointWrite.IdxOf(channel, idx), channel, Value(json, "value", here)));
        }

        return writes;
    }

    /// <summary><c>json</c>: as spelt; <c>null</c>: nothing; anything else: base64, which is not looked into.</summary>
    CheckpointValue Value(JsonElement json, string member, string path)
    {
        var type = Text(json, "type", path, 64) ?? "json";
        if (type.Length == 0 || type.AsSpan().ContainsAnyExcept(TypeCharacters)) faults.Add(new Fault(path + ".type", "A type has 1 to 64 letters, digits, dots, plus signs, underscores and hyphens."));
        var value = Member(json, member);
        var bytes = ReadOnlyMemory<byte>.Empty;
        switch (type)
        {
            case "json":
                bytes = json.TryGetProperty(member, out var any) ? JsonMarshal.GetRawUtf8Value(any).ToArray() : "null"u8.ToArray();
                break;
            case "null":
                if (value is not null) faults.Add(new Fault($"{path}.{member}", "Type null has no value."));
                break;
            default:
                if (value is { ValueKind: JsonValueKind.String } text && text.TryGetBytesFromBase64(out var decoded)) bytes = decoded;
                else faults.Add(new Fault($"{path}.{member}", $"A value of type {type} is sent in base64."));
                break;
        }

        Size(bytes.Length, $"{path}.{member}");
        return new CheckpointValue(type, bytes);
    }

    static readonly System.Buffers.SearchValues<char> TypeCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+_-");

    void Size(int length, string path)
    {
        if (length <= maxBytes) return;
        isTooLarge = true;
        faults.Add(new Fault(path, string.Create(CultureInfo.InvariantCulture, $"The value has {length} bytes; at most {maxBytes} are accepted (Checkpoints:MaxBytes).")));
    }

    string Required(JsonElement json, string name, string path)
    {
        if (Text(json, name, path, MaxName) is { Length: > 0 } text) return text;
        faults.Add(new Fault($"{path}.{name}", $"A {name} is wanted."));
        return "";
    }

    // Objects only: whatever else stands there has no members.
    string? Text(JsonElement json, string name, string path, int max)
    {
        if (Member(json, name) is not { } value) return null;
        try
        {
            if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= max && !text.Any(char.IsControl)) return text;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no text.
        }

        faults.Add(new Fault($"{path}.{name}", $"A text of at most {max} printable characters is wanted."));
        return null;
    }

    static string? Short(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.String } text || text.GetRawText() is not { Length: <= 66 } raw || raw.Contains('\\', StringComparison.Ordinal)) return null;
        return text.GetString() is { Length: > 0 } word && !word.Any(char.IsControl) ? word : null;
    }

    /// <summary>When it was made: what it says itself, else what a time-ordered UUID (version 6 or 7) in its id says; 0: unknown.</summary>
    static long TimeOf(JsonElement content, string id)
    {
        if (Member(content, "ts") is { ValueKind: JsonValueKind.String } ts && ts.TryGetDateTimeOffset(out var said) && said.Year is >= 1970 and <= 2200) return said.ToMicros();
        if (!Guid.TryParseExact(id, "D", out var uuid)) return 0;
        var hex = id.Replace("-", "", StringComparison.Ordinal);
        long micros;
        if (uuid.Version == 7) micros = long.Parse(hex.AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture) * 1000;
        else if (uuid.Version == 6)
        {
            // 60 bits of 100 ns since 15 October 1582.
            var ticks = long.Parse(string.Concat(hex.AsSpan(0, 12), hex.AsSpan(13, 3)), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            micros = (ticks - 0x01B21DD213814000) / TicksPerMicro;
        }
        else return 0;

        return micros is > 0 and < 7_258_118_400_000_000 ? micros : 0;
    }

    static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    static byte[] Bytes(JsonElement? value) => value is { } json ? JsonMarshal.GetRawUtf8Value(json).ToArray() : [];

    JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span)) throw ProblemException.Invalid("$", "The body is not UTF-8.");
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = maxDepth });
        }
        catch (JsonException e)
        {
            throw ProblemException.Invalid("$", string.Create(CultureInfo.InvariantCulture, $"The body is not JSON, or nests deeper than {maxDepth}: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }
    }

    void Finish()
    {
        if (faults.Count == 0) return;
        if (faults.Count > 20) faults.RemoveRange(20, faults.Count - 20);
        throw new ProblemException(isTooLarge ? 413 : 400, isTooLarge ? "A value is too large." : "The request is not valid.", $"{faults[0].Path}: {faults[0].Reason}", [.. faults]);
    }
}
