using System.Buffers;
using System.Text.Json;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Logs;

namespace RunHub.Runs.Export;

/// <summary>
/// The API's own documents: as one array, or one per line, which is what <c>runhub import</c> and <c>POST /api/runs</c> take. A
/// run with many steps or log lines is written piece by piece too; where one per line is written, log lines that would make
/// it longer than a request may be follow as objects of their own, which are merged by id.
/// </summary>
sealed class JsonExport(ExportTarget target, bool lines) : IExportWriter
{
    const int LogsPerObject = 2000;
    const int LogBytesPerObject = 4 << 20;
    readonly Utf8JsonWriter json = new(target.Pipe, RunJson.WriterOptions);
    readonly ExportParts include = target.Source.Include;
    readonly string tenantId = target.Source.Tenant.Id;
    bool isFirst = true;

    /// <summary>Runs stand before this one's in the file already.</summary>
    public bool GoesOn { init => isFirst = !value; }

    public RowProjection<RunRow> Columns => include == ExportParts.None ? ListApi.Columns : RunRow.Table.All;

    public Task BeginAsync(CancellationToken cancellationToken)
    {
        if (!lines) target.Pipe.Write("["u8);
        return Task.CompletedTask;
    }

    public async Task WriteAsync(RunRow run, CancellationToken cancellationToken)
    {
        if (include == ExportParts.None)
        {
            Separate();
            RunJson.Write(json, run, tenantId);
        }
        else
        {
            await using var sql = await target.Database.ReadAsync(cancellationToken);
            if (!await WriteAllAsync(sql, run.RunNo, cancellationToken)) return;
        }

        json.Flush();
        json.Reset();
        if (lines) target.Pipe.Write("\n"u8);
        if (target.Pipe.UnflushedBytes > ExportTarget.FlushAt) await target.FlushAsync(cancellationToken);
    }

    public Task EndAsync(CancellationToken cancellationToken)
    {
        if (!lines) target.Pipe.Write("\n]\n"u8);
        return target.FlushAsync(cancellationToken);
    }

    void Separate()
    {
        if (!lines) target.Pipe.Write(isFirst ? "\n"u8 : ",\n"u8);
        isFirst = false;
    }

    /// <summary>False: it was deleted since its page was read.</summary>
    async Task<bool> WriteAllAsync(SqlSession sql, long runNo, CancellationToken cancellationToken)
    {
        RunRow? run;
        var parts = new RunParts();
        StepPage? steps = null;
        LogTotals? logs = null;
        await using (await Snapshot.BeginAsync(sql, cancellationToken))
        {
            run = await RunReader.FindAsync(sql, runNo, cancellationToken);
            if (run is null) return false;
            if (include.HasFlag(ExportParts.Payloads)) parts = await RunPartsReader.ReadAsync(sql, run, cancellationToken);
            if (include.HasFlag(ExportParts.Steps)) steps = await StepPage.ReadAsync(sql, runNo, StepPosition.Start, StepPage.MaxSteps, cancellationToken);
            if (include.HasFlag(ExportParts.Logs)) logs = await LogReader.TotalsAsync(sql, runNo, cancellationToken);
        }

        Separate();
        json.WriteStartObject();
        RunJson.WriteMembers(json, run, tenantId, include.HasFlag(ExportParts.Payloads) ? parts : null, asItCame: true);
        if (steps is not null)
        {
            json.WriteStartArray("steps");
            while (true)
            {
                foreach (var step in steps.Steps)
                {
                    RunJson.Write(json, step, run.Id, steps.PartsOf(step));
                    await HandOnAsync(cancellationToken);
                }

                if (steps.Next is not { } next) break;
                // A page of steps and its payloads belong together; a read lasts no longer than that.
                await using (await Snapshot.BeginAsync(sql, cancellationToken)) steps = await StepPage.ReadAsync(sql, runNo, next, StepPage.MaxSteps, cancellationToken);
            }

            json.WriteEndArray();
        }

        if (logs is not null) await WriteLogsAsync(sql, run, logs, cancellationToken);
        json.WriteEndObject();
        return true;
    }

    async Task WriteLogsAsync(SqlSession sql, RunRow run, LogTotals held, CancellationToken cancellationToken)
    {
        json.WriteStartArray("logs");
        var (count, from) = (0, Written);
        await foreach (var line in RunLines.OfAsync(sql, run.RunNo, held, cancellationToken))
        {
            if (lines && (count == LogsPerObject || Written - from > LogBytesPerObject))
            {
                json.WriteEndArray();
                json.WriteEndObject();
                json.Flush();
                json.Reset();
                target.Pipe.Write("\n"u8);
                json.WriteStartObject();
                json.WriteString("id", run.Id);
                json.WriteStartArray("logs");
                (count, from) = (0, 0);
            }

            LogJson.WriteReport(json, line);
            count++;
            await HandOnAsync(cancellationToken);
        }

        json.WriteEndArray();
    }

    /// <summary>Bytes of the object that is being written.</summary>
    long Written => json.BytesCommitted + json.BytesPending;

    async ValueTask HandOnAsync(CancellationToken cancellationToken)
    {
        if (json.BytesPending + target.Pipe.UnflushedBytes < ExportTarget.FlushAt) return;
        // The writer first: it holds a piece of the pipe's memory until then.
        json.Flush();
        await target.FlushAsync(cancellationToken);
    }
}
