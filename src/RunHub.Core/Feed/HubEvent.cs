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
/// <param name="Data">The stored JSON: <c>{"run":{…},"steps":[…],"by":"…"}</c>.</param>
public sealed record HubEvent(long Seq, long TenantNo, long RunNo, EventType Type, long At, string Data)
{
    RunSummary? summary;
    byte[]? json;
    byte[]? sse;

    /// <summary>The run as it was then.</summary>
    public RunSummary Run => summary ??= ReadSummary();

    /// <summary><c>{"seq":…,"type":"run.completed","at":"…","run":{…},"steps":[…],"by":"…"}</c> in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => json ??= Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{{\"seq\":{Seq},\"type\":\"{Type.ToName()}\",\"at\":\"{Times.ToIso(At)}\",{Data.AsSpan(1)}"));

    /// <summary>One Server-Sent Event, <c>event: run</c>, with the sequence number as its id.</summary>
    public ReadOnlyMemory<byte> Sse => sse ??= MakeSse();

    byte[] MakeSse()
    {
        var buffer = new ArrayBufferWriter<byte>(Json.Length + 48);
        buffer.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {Seq}\nevent: run\ndata: ")));
        buffer.Write(Json.Span);
        buffer.Write("\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    RunSummary ReadSummary()
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(Data));
        reader.Read();
        reader.Read();
        if (!reader.ValueTextEquals("run"u8)) throw new InvalidDataException($"Event {Seq} does not begin with its run.");
        reader.Read();
        return RunSummary.Read(ref reader);
    }
}
