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
/// A run of a file as it is sent: without the tenant it came from, with an id that follows from the file where it has none
/// (so that sending it twice makes one run), and in pieces where it is larger than a request may be.
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
    /// <param name="keepTenant">Send <c>tenant_id</c> along: refused unless it is the key's.</param>
    public static (IReadOnlyList<ReadOnlyMemory<byte>> Pieces, bool AddsLogs, string? Wrong) Of(byte[] run, long line, bool keepTenant)
    {
        try
        {
            var members = Members(run);
            if (!keepTenant) members.RemoveAll(m => m.Name == "tenant_id");
            if (!members.Exists(m => m.Name is "id" or "run_id" or "runId")) members.Insert(0, new("id", Encoding.UTF8.GetBytes($"\"{IdOf(run, line)}\"")));
            var addsLogs = members.Exists(m => m.Name == "logs") && members.TrueForAll(m => m.Name is "id" or "run_id" or "runId" or "logs");
            var lists = members.FindAll(m => m.Name is "steps" or "logs");
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

    static List<Member> Members(byte[] run)
    {
        var json = new Utf8JsonReader(run, Reading);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new InvalidDataException("A run is a JSON object.");
        var members = new List<Member>(40);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref json);
            json.Read();
            var from = (int)json.TokenStartIndex;
            json.Skip();
            members.Add(new(name, run.AsMemory(from, (int)json.BytesConsumed - from)));
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
            var named = rest.FindAll(m => m.Name is "id" or "run_id" or "runId" || m.Name == "workflow_name" && list.Name == "steps");
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

    static string IdOf(byte[] run, long line)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(line));
        hash.AppendData(run);
        return "run_" + string.Concat(hash.GetHashAndReset().Take(26).Select(b => Base32[b & 31]));
    }

    readonly record struct Member(string? Name, ReadOnlyMemory<byte> Json);
}
