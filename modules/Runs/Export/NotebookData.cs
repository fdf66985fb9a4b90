using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Export;

/// <summary>
/// The runs of a notebook as one JSON document, bounded: a payload of more than <see cref="MaxPayload"/> bytes is replaced by its size and address, and
/// after <see cref="MaxBytes"/> steps and runs are left out and counted. Read piece by piece, so that no more than that is held.
/// </summary>
sealed class NotebookData(string tenantId, ExportParts include)
{
    /// <summary>Bytes of data in a notebook, roughly.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>Runs in a notebook.</summary>
    public const int MaxRuns = 1000;

    /// <summary>Bytes of a payload that is embedded.</summary>
    public const int MaxPayload = 256 << 10;

    const int StepsPerRead = 100;

    readonly ArrayBufferWriter<byte> buffer = new(64 << 10);
    Utf8JsonWriter? json;

    /// <summary>Runs in it.</summary>
    public int Runs { get; private set; }

    /// <summary>No more fits.</summary>
    public bool IsFull => Runs >= MaxRuns || Written >= MaxBytes;

    /// <summary>Steps that are not in it.</summary>
    public long StepsLeftOut { get; private set; }

    /// <summary>Payloads that are named in it, not embedded.</summary>
    public int PayloadsLeftOut { get; private set; }

    long Written => json is null ? 0 : json.BytesCommitted + json.BytesPending;

    /// <summary>Adds a run; false: it was deleted since it was listed.</summary>
    public async Task<bool> AddAsync(SqlSession sql, long runNo, CancellationToken cancellationToken)
    {
        if (await RunReader.FindAsync(sql, runNo, cancellationToken) is not { } run) return false;
        if (json is null)
        {
            json = new Utf8JsonWriter(buffer, RunJson.WriterOptions);
            json.WriteStartArray();
        }

        json.WriteStartObject();
        RunJson.WriteMembers(json, run, tenantId, include.HasFlag(ExportParts.Payloads) ? await PartsAsync(sql, run, cancellationToken) : null);
        if (include.HasFlag(ExportParts.Steps)) await StepsAsync(json, sql, run, cancellationToken);
        json.WriteEndObject();
        Runs++;
        return true;
    }

    /// <summary>The document: an array of runs.</summary>
    public ReadOnlyMemory<byte> End()
    {
        if (json is null) return "[]"u8.ToArray();
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenMemory;
    }

    async Task<RunParts> PartsAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var url = "/runs/" + Uri.EscapeDataString(run.Id) + "/payload/";
        var (inputs, outputs) = (LeftOut(run.Inputs, url + "inputs"), LeftOut(run.Outputs, url + "outputs"));
        if (inputs is not null) run.Inputs = null;
        if (outputs is not null) run.Outputs = null;
        var parts = await RunPartsReader.ReadAsync(sql, run, cancellationToken);
        return parts with { Inputs = Or(inputs, parts.Inputs), Outputs = Or(outputs, parts.Outputs) };
    }

    async Task StepsAsync(Utf8JsonWriter to, SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        long written = 0;
        to.WriteStartArray("steps");
        for (StepPosition? from = StepPosition.Start; from is { } after && Written < MaxBytes;)
        {
            var steps = await RunReader.StepsAsync(sql, run.RunNo, after, StepsPerRead, cancellationToken);
            var replaced = new Dictionary<StepRow, (byte[]? Input, byte[]? Output)>();
            foreach (var step in steps)
            {
                var url = "/runs/" + Uri.EscapeDataString(run.Id) + "/steps/" + Uri.EscapeDataString(step.Id) + "/";
                replaced[step] = (LeftOut(step.Input, url + "input"), LeftOut(step.Output, url + "output"));
                if (replaced[step].Input is not null) step.Input = null;
                if (replaced[step].Output is not null) step.Output = null;
            }

            foreach (var few in steps.Chunk(10))
            {
                if (Written >= MaxBytes) break;
                var page = new StepPage(few, await RunReader.PayloadsAsync(sql, run.RunNo, few.SelectMany(s => new[] { s.Input, s.Output, s.Extra }), cancellationToken), null);
                foreach (var step in few)
                {
                    var parts = page.PartsOf(step);
                    RunJson.Write(to, step, run.Id, parts with { Input = Or(replaced[step].Input, parts.Input), Output = Or(replaced[step].Output, parts.Output) });
                    written++;
                }
            }

            from = steps.Count == StepsPerRead ? StepPosition.Of(steps[^1]) : null;
        }

        to.WriteEndArray();
        if (run.StepCount <= written) return;
        StepsLeftOut += run.StepCount - written;
        to.WriteNumber("steps_left_out", run.StepCount - written);
    }

    static ReadOnlyMemory<byte> Or(byte[]? instead, ReadOnlyMemory<byte> payload) => instead is null ? payload : instead;

    byte[]? LeftOut(Store.Payloads.PayloadRef? payload, string url)
    {
        if (payload is not { Length: > MaxPayload } large) return null;
        PayloadsLeftOut++;
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"left_out_bytes":{{large.Length}},"download":{{JsonSerializer.Serialize(url + "?download=true")}}}"""));
    }
}
