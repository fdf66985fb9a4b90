using System.Buffers;
using System.Text.Json;
using RunHub.Json;

namespace RunHub.Runs.Export;

/// <summary>Gathers items of OTLP/JSON requests, each with its resource, in lines of about a megabyte.</summary>
/// <param name="target">Where they go.</param>
/// <param name="member">What the request calls its items: <c>resourceSpans</c>, <c>resourceLogs</c>.</param>
sealed class OtlpLines(ExportTarget target, string member)
{
    const int LineBytes = 1 << 20;
    readonly ArrayBufferWriter<byte> line = new(ExportTarget.FlushAt);
    readonly byte[] head = System.Text.Encoding.UTF8.GetBytes($"{{\"{member}\":[");

    /// <summary>Adds one item; resources may differ within a run.</summary>
    public async ValueTask AddAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        line.Write(line.WrittenCount == 0 ? head : ","u8);
        using (var json = new Utf8JsonWriter(line, RunJson.WriterOptions)) write(json);
        if (line.WrittenCount >= LineBytes) await EndAsync(cancellationToken);
    }

    /// <summary>Hands on what is left.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (line.WrittenCount > 0)
        {
            line.Write("]}\n"u8);
            target.Pipe.Write(line.WrittenSpan);
            line.ResetWrittenCount();
        }

        await target.FlushAsync(cancellationToken);
    }
}
