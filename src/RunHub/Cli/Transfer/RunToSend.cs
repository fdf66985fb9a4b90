using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunHub.Cli;

/// <summary>What of a file's run a piece is.</summary>
enum PieceKind
{
    /// <summary>The run, or its beginning.</summary>
    Run,

    /// <summary>What did not fit into the first piece.</summary>
    Rest,

    /// <summary>Log lines of a run that stands further up.</summary>
    MoreLogs,
}

/// <summary>
/// A run of a file as it is sent: without the tenant it came from, with ids and times that follow from the file where it, its steps,
/// log lines and notes have none (so that sending it twice makes one run and each of them once), and in pieces where it is larger
/// than a request may be.
/// </summary>
static class RunToSend
{
    const int PieceBytes = 8 << 20;
    const int PieceItems = 4000;
    const string Base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    static readonly JsonReaderOptions Reading = new() { MaxDepth = 1024 };

    /// <summary>The pieces, usually one, and whether it only adds log lines to a run that came before; or what is wrong with it.</summary>
    /// <param name="run">As it stands in the file.</param>
    /// <param name="line">Its line.</param>
    /// <param name="written">When the file was written: what log lines and notes without a time get, each a microsecond later.</param>
    /// <param name="keepTenant">Send <c>tenant_id</c> along: refused unless it is the key's.</param>
    public static (IReadOnlyList<ReadOnlyMemory<byte>> Pieces, bool AddsLogs, string? Wrong) Of(byte[] run, long line, DateTimeOffset written, bool keepTenant)
    {
        try
        {
            var members = Members(run);
            if (!keepTenant) members.RemoveAll(m => Is(m, "tenant_id"));
            members.RemoveAll(m => IsId(m) && IsNull(m));
            if (!members.Exists(IsId)) members.Insert(0, new("id", Text("run_" + IdOf(run, line, -1))));
            for (var i = 0; i < members.Count; i++)
            {
                // Without them they are new ones each time they are sent.
                if (Is(members[i], "steps")) members[i] = members[i] with { Json = Named(members[i].Json, ["id", "step_id"], n => ("id", Text("step_" + IdOf(run, line, n)))) };
                else if (Is(members[i], "logs")) members[i] = members[i] with { Json = Named(members[i].Json, ["ts", "timestamp", "time", "at"], n => ("ts", Text(written, n))) };
                else if (Is(members[i], "annotations")) members[i] = members[i] with { Json = Named(members[i].Json, ["at"], n => ("at", Text(written, n))) };
            }

            var addsLogs = members.Exists(m => Is(m, "logs")) && members.TrueForAll(m => IsId(m) || Is(m, "logs"));
            var lists = members.FindAll(m => Is(m, "steps") || Is(m, "logs"));
            // Shorter than so many of the shortest there are.
            if (run.Length <= PieceBytes && lists.TrueForAll(l => l.Json.Length < 11 * PieceItems)) return ([Write(members)], addsLogs, null);
            return (Pieces(members, lists), addsLogs, null);
        }
        catch (JsonException e)
        {
            return ([], false, string.Create(CultureInfo.InvariantCulture, $"This is not JSON: byte {(e.BytePositionInLine ?? 0) + 1} of the run."));
        }
        catch (InvalidDataException e)
        {
            return ([], false, e.Message);
        }
    }

    static List<Member> Members(ReadOnlyMemory<byte> run)
    {
        var json = new Utf8JsonReader(run.Span, Reading);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new InvalidDataException("A run is a JSON object.");
        var members = new List<Member>(40);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref json);
            json.Read();
            var from = (int)json.TokenStartIndex;
            json.Skip();
            members.Add(new(name, run[from..(int)json.BytesConsumed]));
        }

        if (json.Read()) throw new InvalidDataException("There is more than one object.");
        return members;
    }

    static string Name(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("The name of a member is not UTF-8, or half a surrogate pair.", e);
        }
    }

    /// <summary>
    /// The run with its first steps, then its name with more of them, and with its log lines: steps are merged by id, lines by
    /// what they say. A piece of lines makes no run where the first was refused.
    /// </summary>
    static List<ReadOnlyMemory<byte>> Pieces(List<Member> members, List<Member> lists)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        // What is no list is refused with its path.
        lists = lists.FindAll(l => l.Json.Span[0] == '[');
        var rest = members.FindAll(m => !lists.Contains(m));
        var (some, bytes) = (new List<ReadOnlyMemory<byte>>(), rest.Sum(m => m.Json.Length));
        foreach (var list in lists.OrderByDescending(l => l.Name, StringComparer.Ordinal))
        {
            var named = rest.FindAll(m => IsId(m) || Is(m, "workflow_name") && Is(list, "steps"));
            foreach (var item in Items(list))
            {
                if (some.Count > 0 && (some.Count == PieceItems || bytes + item.Length > PieceBytes)) Close(list, named);
                some.Add(item);
                bytes += item.Length;
            }

            if (some.Count > 0) Close(list, named);
        }

        return pieces.Count > 0 ? pieces : [Write(members)];

        void Close(Member list, List<Member> named)
        {
            pieces.Add(Write([.. pieces.Count == 0 ? rest : named, new(list.Name, Join(some))]));
            some.Clear();
            bytes = 0;
        }
    }

    static List<ReadOnlyMemory<byte>> Items(Member list)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var json = new Utf8JsonReader(list.Json.Span, Reading);
        json.Read();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var from = (int)json.TokenStartIndex;
            json.Skip();
            items.Add(list.Json[from..(int)json.BytesConsumed]);
        }

        return items;
    }

    static byte[] Join(List<ReadOnlyMemory<byte>> items)
    {
        var buffer = new ArrayBufferWriter<byte>(items.Sum(i => i.Length + 1) + 2);
        buffer.Write("["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) buffer.Write(","u8);
            buffer.Write(items[i].Span);
        }

        buffer.Write("]"u8);
        return buffer.WrittenSpan.ToArray();
    }

    static ReadOnlyMemory<byte> Write(List<Member> members)
    {
        var buffer = new ArrayBufferWriter<byte>(members.Sum(m => m.Json.Length + m.Name!.Length + 8));
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            foreach (var member in members)
            {
                json.WritePropertyName(member.Name!);
                json.WriteRawValue(member.Json.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>A list whose elements all have one of these members: those without get one. What is no list of objects is left as it is.</summary>
    static ReadOnlyMemory<byte> Named(ReadOnlyMemory<byte> list, string[] names, Func<int, (string Name, byte[] Json)> make)
    {
        if (list.Span[0] != '[') return list;
        var items = Items(new(null, list));
        var changed = false;
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Span[0] != '{' || HasOne(items[i].Span, names)) continue;
            var (name, json) = make(i);
            var members = Members(items[i]);
            members.RemoveAll(m => Array.Exists(names, n => Is(m, n)));
            members.Insert(0, new(name, json));
            items[i] = Write(members);
            changed = true;
        }

        return changed ? Join(items) : list;
    }

    /// <summary>Null is the same as absent.</summary>
    static bool HasOne(ReadOnlySpan<byte> item, string[] names)
    {
        var json = new Utf8JsonReader(item, Reading);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isNamed = names.Contains(Name(ref json), StringComparer.OrdinalIgnoreCase);
            json.Read();
            if (isNamed && json.TokenType != JsonTokenType.Null) return true;
            json.Skip();
        }

        return false;
    }

    static bool Is(Member member, string name) => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase);

    static bool IsNull(Member member) => member.Json.Span.SequenceEqual("null"u8);

    static bool IsId(Member member) => Is(member, "id") || Is(member, "run_id") || Is(member, "runId");

    static byte[] Text(string plain) => Encoding.UTF8.GetBytes($"\"{plain}\"");

    static byte[] Text(DateTimeOffset written, int index) => Text(written.UtcDateTime.AddMicroseconds(index).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture));

    static string IdOf(byte[] run, long line, int index)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(line));
        hash.AppendData(run);
        if (index >= 0) hash.AppendData(BitConverter.GetBytes(index));
        return string.Concat(hash.GetHashAndReset().Take(26).Select(b => Base32[b & 31]));
    }

    readonly record struct Member(string? Name, ReadOnlyMemory<byte> Json);
}
