using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RunHub.Model;
using RunHub.Store.Events;

namespace RunHub.Feed;

/// <summary>A committed event as the live feed hands it on. Its JSON is made once, however many listeners there are.</summary>
/// <param name="Seq">Order of commits, ascending over all tenants; what <c>Last-Event-ID</c> names.</param>
/// <param name="TenantNo">The run's tenant.</param>
/// <param name="RunNo">The run.</param>
/// <param name="Type">What happened.</param>
/// <param name="At">Microseconds since 1970, UTC.</param>
/// <param name="Data">As stored; see <see cref="EventText"/>.</param>
public sealed record HubEvent(long Seq, long TenantNo, long RunNo, EventType Type, long At, string Data)
{
    EventText? text;
    byte[]? json;
    byte[]? sse;

    /// <summary>The run as it was then.</summary>
    public RunSummary Run => Text.Run;

    /// <summary>Log lines that came with it; null: none.</summary>
    public EventLogs? Logs => Text.Logs;

    /// <summary><c>{"seq":…,"type":"run.completed","at":"…","run":{…},"steps":[…],"by":"…"}</c> in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => json ??= MakeJson();

    /// <summary>One Server-Sent Event, <c>event: run</c>, with the sequence number as its id.</summary>
    public ReadOnlyMemory<byte> Sse => sse ??= MakeSse();

    EventText Text => text ??= EventText.Read(Data);

    byte[] MakeSse()
    {
        var buffer = new ArrayBufferWriter<byte>(Json.Length + 48);
        buffer.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {Seq}\nevent: run\ndata: ")));
        buffer.Write(Json.Span);
        buffer.Write("\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    byte[] MakeJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteNumber("seq", Seq);
        writer.WriteString("type", Type.ToName());
        writer.WriteString("at", Times.ToIso(At));
        Text.WriteMembers(writer, Type);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
