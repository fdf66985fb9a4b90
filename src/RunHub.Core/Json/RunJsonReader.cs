using System.Text.Json;
using System.Text.Unicode;
using RunHub.Http;

namespace RunHub.Json;

/// <summary>
/// Reads runs and steps from JSON as S2 names them. Payloads are slices of the body: the body must stay as it is until
/// what was read has been written. Times without an offset are UTC. Other documents' words for the same things are
/// understood (<c>finished_at</c>, <c>total_tokens</c>, status <c>success</c> …); the proper name wins where both stand.
/// </summary>
/// <exception cref="ProblemException">400: the body is not JSON at all, so that no item can be told from another.</exception>
public static class RunJsonReader
{
    delegate T? ReadObject<T>(ref JsonCursor cursor) where T : class;

    /// <summary>One run or an array of runs. <c>null</c> is the same as absent.</summary>
    public static ReadResult<RunWrite> Runs(Memory<byte> body, ReadContext context) => Read<RunWrite>(body, context, RunObject.Read, static r => r.Id, "run");

    /// <summary>One run per line; a line that is not JSON is faulty for itself.</summary>
    public static ReadResult<RunWrite> RunLines(Memory<byte> body, ReadContext context) => ReadLines<RunWrite>(body, context, RunObject.Read, static r => r.Id, "run");

    /// <summary>One step or an array of steps.</summary>
    public static ReadResult<StepWrite> Steps(Memory<byte> body, ReadContext context) => Read<StepWrite>(body, context, StepObject.Read, static s => s.Id, "step");

    /// <summary>One step per line.</summary>
    public static ReadResult<StepWrite> StepLines(Memory<byte> body, ReadContext context) => ReadLines<StepWrite>(body, context, StepObject.Read, static s => s.Id, "step");

    /// <summary>One log line or an array of them. Lines without a time get the present, a microsecond apart.</summary>
    public static ReadResult<LogWrite> Logs(Memory<byte> body, ReadContext context) => LogObject.Timed(Read<LogWrite>(body, context, LogObject.Read, static _ => null, "log line"), context.Now);

    /// <summary>One log line per line.</summary>
    public static ReadResult<LogWrite> LogLines(Memory<byte> body, ReadContext context) => LogObject.Timed(ReadLines<LogWrite>(body, context, LogObject.Read, static _ => null, "log line"), context.Now);

    /// <summary>The body of a PATCH: one object, in which <c>null</c> removes (<see cref="RunWrite.Clear"/>).</summary>
    /// <exception cref="ProblemException">400 with every fault.</exception>
    public static (RunWrite Run, ReadWarnings Warnings) Patch(Memory<byte> body, ReadContext context)
    {
        var warnings = new ReadWarnings();
        var cursor = Open(body, context, warnings);
        try
        {
            cursor.Clear = [];
            cursor.Reader.Read();
            cursor.BeginItem();
            if (cursor.Reader.TokenType != JsonTokenType.StartObject) throw ProblemException.Invalid("$", "A PATCH takes one object.");
            var run = RunObject.Read(ref cursor)!;
            cursor.Reader.Read();
            if (cursor.TakeFaults() is { } faults) throw Invalid(faults);
            return (run, warnings);
        }
        catch (JsonException e)
        {
            throw NotJson(ref cursor, e);
        }
    }

    /// <summary>
    /// One JSON value of any shape, copied: what adapters translate. Escapes that no text column can hold are left for
    /// whoever knows which of its texts are names.
    /// </summary>
    /// <exception cref="ProblemException">400: not JSON, too deep, or a key twice in one object.</exception>
    public static JsonPayload Document(ReadOnlyMemory<byte> body, ReadContext context)
    {
        var cursor = Open(body.ToArray(), context, new ReadWarnings());
        try
        {
            cursor.Reader.Read();
            cursor.BeginItem();
            var payload = cursor.Payload(replace: false);
            cursor.Reader.Read();
            return payload ?? throw Invalid(cursor.TakeFaults()!);
        }
        catch (JsonException e)
        {
            throw NotJson(ref cursor, e);
        }
    }

    /// <summary>400 that tells all faults.</summary>
    public static ProblemException Invalid(IReadOnlyList<Fault> faults) =>
        new(400, "The request is not valid.", faults.Count == 1 ? $"{faults[0].Path}: {faults[0].Reason}" : $"{faults.Count} things are wrong; the first is {faults[0].Path}: {faults[0].Reason}", faults);

    static ReadResult<T> Read<T>(Memory<byte> body, ReadContext context, ReadObject<T> readObject, Func<T, string?> idOf, string what) where T : class
    {
        var warnings = new ReadWarnings();
        var cursor = Open(body, context, warnings);
        var items = new List<ReadItem<T>>();
        var faulty = new List<ReadFault>();
        var isBatch = false;
        try
        {
            cursor.Reader.Read();
            isBatch = cursor.Reader.TokenType == JsonTokenType.StartArray;
            if (isBatch)
            {
                for (var i = 0; cursor.Reader.Read() && cursor.Reader.TokenType != JsonTokenType.EndArray; i++)
                {
                    if (i == context.MaxItems) throw new ProblemException(413, "Too many items.", $"At most {context.MaxItems} items are accepted in one request (Ingest:MaxItems).");
                    Item(ref cursor, i);
                }
            }
            else if (cursor.Reader.TokenType == JsonTokenType.StartObject)
            {
                Item(ref cursor, 0);
            }
            else
            {
                throw ProblemException.Invalid("$", $"The body must be a {what} object or an array of them.");
            }

            cursor.Reader.Read();
        }
        catch (JsonException e)
        {
            throw NotJson(ref cursor, e, isBatch ? items.Count + faulty.Count : null);
        }

        return new ReadResult<T>(isBatch, items, faulty, warnings);

        void Item(ref JsonCursor c, int index)
        {
            c.BeginItem();
            var value = readObject(ref c);
            if (c.TakeFaults() is { } faults) faulty.Add(new ReadFault(index, value is null ? null : idOf(value), faults));
            else items.Add(new ReadItem<T>(index, value!));
        }
    }

    static ReadResult<T> ReadLines<T>(Memory<byte> body, ReadContext context, ReadObject<T> readObject, Func<T, string?> idOf, string what) where T : class
    {
        var warnings = new ReadWarnings();
        var items = new List<ReadItem<T>>();
        var faulty = new List<ReadFault>();
        var rest = WithoutBom(body);
        for (var index = 0; rest.Length > 0;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.Span.TrimEnd("\r \t"u8).IsEmpty) continue;
            if (index == context.MaxItems) throw new ProblemException(413, "Too many items.", $"At most {context.MaxItems} items are accepted in one request (Ingest:MaxItems).");
            Line(line, index++);
        }

        if (items.Count + faulty.Count == 0) throw ProblemException.Invalid("$", $"The body is empty; one {what} object per line is wanted.");
        return new ReadResult<T>(true, items, faulty, warnings);

        void Line(Memory<byte> line, int index)
        {
            try
            {
                var cursor = Open(line, context, warnings);
                try
                {
                    cursor.Reader.Read();
                    cursor.BeginItem();
                    var value = readObject(ref cursor);
                    cursor.Reader.Read();
                    if (cursor.TakeFaults() is { } faults) faulty.Add(new ReadFault(index, value is null ? null : idOf(value), faults));
                    else items.Add(new ReadItem<T>(index, value!));
                }
                catch (JsonException e)
                {
                    throw NotJson(ref cursor, e);
                }
            }
            catch (ProblemException e)
            {
                faulty.Add(new ReadFault(index, null, e.Faults));
            }
        }
    }

    static JsonCursor Open(Memory<byte> body, ReadContext context, ReadWarnings warnings)
    {
        body = WithoutBom(body);
        if (body.Span.TrimStart(" \t\r\n"u8).IsEmpty) throw ProblemException.Invalid("$", "The body is empty; JSON is wanted.");
        if (!Utf8.IsValid(body.Span)) throw ProblemException.Invalid("$", "The body is not UTF-8.");
        return new JsonCursor(body, context, warnings, body.Span.IndexOf("\\u"u8) >= 0);
    }

    static Memory<byte> WithoutBom(Memory<byte> body) => body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;

    static ProblemException NotJson(ref JsonCursor cursor, JsonException e, int? index = null)
    {
        var where = cursor.Path();
        if (index is { } i) where = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"$[{i}]{where[1..]}");
        return ProblemException.Invalid(where, $"This is not JSON: line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}, after {cursor.Reader.BytesConsumed} bytes.");
    }
}
