using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using RunHub.Benchmarks.Load;

namespace RunHub.Benchmarks.Data;

/// <summary>
/// A POST to <c>/v1/traces</c> in protobuf: ten traces of ten spans, as an instrumented agent sends them (a root, model calls with
/// messages and tokens, tools). Before each sending every trace gets an id never used before.
/// </summary>
sealed class TraceRequest : ISource
{
    const int Traces = 10;
    const int SpansPerTrace = 10;
    static readonly byte[] Mark = [0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE];
    static long lastTrace = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() << 20;
    readonly byte[] bytes;
    readonly List<int> places = [];

    /// <summary>The request of one client.</summary>
    public TraceRequest(int client, string header)
    {
        var random = new Random(client);
        var prose = new Prose(new Random(client + 1));
        var body = Message(o => Bytes(o, 1, Message(r =>
        {
            Bytes(r, 1, Message(resource => Attribute(resource, 1, "service.name", "support-agent")));
            Bytes(r, 2, Message(scope =>
            {
                for (var t = 0; t < Traces; t++)
                    for (var s = 0; s < SpansPerTrace; s++) Bytes(scope, 2, Span(t, s, random, prose));
            }));
        })));
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\nContent-Type: application/x-protobuf\r\nContent-Length: {body.Length}\r\n\r\n"));
        bytes = [.. head, .. body];
        for (var at = 0; bytes.AsSpan(at).IndexOf(Mark) is >= 0 and var next; at = places[^1] + 16) places.Add(at + next);
        if (places.Count != Traces * SpansPerTrace) throw new InvalidOperationException($"{places.Count} trace ids in {Traces * SpansPerTrace} spans.");
    }

    /// <inheritdoc/>
    public int Units => Traces * SpansPerTrace;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Next()
    {
        var first = Interlocked.Add(ref lastTrace, Traces) - Traces;
        for (var i = 0; i < places.Count; i++) BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(places[i] + 8, 8), first + i / SpansPerTrace);
        return bytes;
    }

    static byte[] Span(int trace, int number, Random random, Prose prose) => Message(o =>
    {
        var start = (ulong)TimeProvider.System.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds() * 1_000_000 + (ulong)number * 20_000_000;
        byte[] id = [.. Mark, 0, 0, 0, 0, 0, 0, 0, (byte)trace];
        Bytes(o, 1, id);
        Bytes(o, 2, SpanId(number));
        if (number > 0) Bytes(o, 4, SpanId(0));
        Bytes(o, 5, Encoding.UTF8.GetBytes(number == 0 ? "invoke_agent support" : number % 3 == 0 ? "execute_tool search" : "chat gpt-4o-mini"));
        Fixed(o, 7, start);
        Fixed(o, 8, number == 0 ? start + 900_000_000 : start + (ulong)random.Next(5, 15) * 1_000_000);
        if (number == 0)
        {
            Attribute(o, 9, "gen_ai.operation.name", "invoke_agent");
            Attribute(o, 9, "gen_ai.agent.name", "support");
        }
        else if (number % 3 == 0)
        {
            Attribute(o, 9, "gen_ai.operation.name", "execute_tool");
            Attribute(o, 9, "gen_ai.tool.name", "search");
        }
        else
        {
            Attribute(o, 9, "gen_ai.operation.name", "chat");
            Attribute(o, 9, "gen_ai.request.model", "gpt-4o-mini");
            Number(o, 9, "gen_ai.usage.input_tokens", random.Next(200, 4000));
            Number(o, 9, "gen_ai.usage.output_tokens", random.Next(20, 800));
            Attribute(o, 9, "gen_ai.input.messages", "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"" + prose.Text(300, spanish: false).Replace('"', '\'') + "\"}]}]");
            Attribute(o, 9, "gen_ai.output.messages", "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"" + prose.Text(200, spanish: false).Replace('"', '\'') + "\"}]}]");
        }
    });

    static byte[] SpanId(int number) => [0xA0, 1, 2, 3, 4, 5, 6, (byte)number];

    static void Attribute(CodedOutputStream output, int field, string key, string value) => Bytes(output, field, Message(k =>
    {
        Bytes(k, 1, Encoding.UTF8.GetBytes(key));
        Bytes(k, 2, Message(v => Bytes(v, 1, Encoding.UTF8.GetBytes(value))));
    }));

    static void Number(CodedOutputStream output, int field, string key, long value) => Bytes(output, field, Message(k =>
    {
        Bytes(k, 1, Encoding.UTF8.GetBytes(key));
        Bytes(k, 2, Message(v =>
        {
            v.WriteTag(3, WireFormat.WireType.Varint);
            v.WriteInt64(value);
        }));
    }));

    static void Fixed(CodedOutputStream output, int field, ulong value)
    {
        output.WriteTag(field, WireFormat.WireType.Fixed64);
        output.WriteFixed64(value);
    }

    static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }

    static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }
}
