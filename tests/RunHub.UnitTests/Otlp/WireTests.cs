using System.Text;
using Google.Protobuf;
using RunHub.Otlp.Wire;

namespace RunHub.UnitTests.Otlp;

public sealed class WireTests
{
    [Fact]
    public void Json_is_read_by_its_own_rules()
    {
        var span = Assert.Single(OtlpJsonReader.Traces(Encoding.UTF8.GetBytes("""
            {"unknown":[1],"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[{
              "traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"00F067AA0BA902B7","parentSpanId":null,"name":"n","kind":3,
              "startTimeUnixNano":"1795176000000000000","endTimeUnixNano":1795176001000000000,
              "attributes":[{"key":"i","value":{"intValue":120}},{"key":"t","value":{"intValue":"-7"}},{"key":"d","value":{"doubleValue":"NaN"}},{"key":"b","value":{"bytesValue":"AQI="}},
                {"key":"a","value":{"arrayValue":{"values":[{"boolValue":true},{}]}}},{"key":"k","value":{"kvlistValue":{"values":[{"key":"x","value":{"doubleValue":1}}]}}},{"key":"n","value":null}],
              "events":[{"name":"e","timeUnixNano":"5"}],"links":[{"traceId":"AB","spanId":"CD"}],"status":{"code":2,"message":"bad \ud800!"},"flags":769,"later":{}}]}]}]}
            """)));
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7", ""), (span.TraceId, span.SpanId, span.ParentSpanId));
        Assert.Equal((1795176000000000000UL, 1795176001000000000UL, 3, 2), (span.Start, span.End, span.Kind, span.StatusCode));
        Assert.Equal("bad \uFFFD!", span.StatusMessage);
        Assert.Equal((120L, -7L, double.NaN), (span.Attributes["i"], span.Attributes["t"], span.Attributes["d"]));
        Assert.Equal([1, 2], Assert.IsType<byte[]>(span.Attributes["b"]));
        Assert.Equal([true, null], Assert.IsType<List<object?>>(span.Attributes["a"]));
        Assert.Equal(1.0, Assert.IsType<AttributeSet>(span.Attributes["k"])["x"]);
        Assert.True(span.HasRemoteParent);
        Assert.Equal(("s", "lib", "e", "cd"), (span.Resource.Attributes["service.name"], span.Scope.Name, span.Events[0].Name, span.Links[0].SpanId));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"resourceSpans":7}""")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"soon"}]}]}]}""")]
    public void Json_that_is_none_of_it_says_so(string json) => Assert.Throws<BadOtlpException>(() => OtlpJsonReader.Traces(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Unknown_protobuf_fields_are_skipped_and_resources_may_come_last()
    {
        var span = Message(o =>
        {
            Bytes(o, 1, Convert.FromHexString("0af7651916cd43dd8448eb211c80319c"));
            Bytes(o, 2, Convert.FromHexString("00f067aa0ba902b7"));
            Text(o, 5, "n");
            o.WriteTag(999, WireFormat.WireType.Varint);
            o.WriteInt64(5);
            o.WriteTag(1000, WireFormat.WireType.Fixed64);
            o.WriteFixed64(5);
            Text(o, 1001, "later");
        });
        var request = Message(o => Bytes(o, 1, Message(r =>
        {
            Bytes(r, 2, Message(s => Bytes(s, 2, span)));
            Bytes(r, 1, Message(s => Bytes(s, 1, Message(k =>
            {
                Text(k, 1, "service.name");
                Bytes(k, 2, Message(v => Text(v, 1, "s")));
            }))));
        })));
        var read = Assert.Single(ProtoReader.Traces(request));
        Assert.Equal(("n", "00f067aa0ba902b7", "s"), (read.Name, read.SpanId, read.Resource.Attributes["service.name"]));
        Assert.Empty(ProtoReader.Traces([]));
    }

    [Fact]
    public void Protobuf_cut_anywhere_is_refused_or_read_but_never_breaks()
    {
        var whole = Message(o => Bytes(o, 1, Message(r => Bytes(r, 2, Message(s => Bytes(s, 2, Message(p => Text(p, 5, "name"))))))));
        for (var length = 1; length < whole.Length; length++) Assert.Throws<BadOtlpException>(() => ProtoReader.Traces(whole[..length]));
    }

    [Fact]
    public void Values_that_nest_without_end_are_refused()
    {
        var value = Message(o => Text(o, 1, "x"));
        for (var i = 0; i < 300; i++)
        {
            var inner = value;
            value = Message(o => Bytes(o, 5, Message(a => Bytes(a, 1, inner))));
        }

        var request = Message(o => Bytes(o, 1, Message(r => Bytes(r, 2, Message(s => Bytes(s, 2, Message(p => Bytes(p, 9, Message(k => Bytes(k, 2, value))))))))));
        Assert.Throws<BadOtlpException>(() => ProtoReader.Traces(request));
    }

    [Fact]
    public void Rubbish_never_throws_anything_else()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[random.Next(1, 60)];
            random.NextBytes(bytes);
            if (i % 2 == 0) bytes[0] = 0x0A;
            try
            {
                ProtoReader.Traces(bytes);
                ProtoReader.Logs(bytes);
            }
            catch (BadOtlpException)
            {
                // What it should say.
            }
        }
    }

    static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }

    static void Bytes(CodedOutputStream output, int field, byte[] bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }

    static void Text(CodedOutputStream output, int field, string text) => Bytes(output, field, Encoding.UTF8.GetBytes(text));
}
