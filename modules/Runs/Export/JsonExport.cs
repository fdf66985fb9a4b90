using System.Buffers;
using System.Text.Json;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Export;

/// <summary>
/// The API's own documents: as one array, or one per line, which is what <c>runhub import</c> and <c>POST /api/runs</c> take. A
/// run with many steps is written piece by piece too.
/// </summary>
sealed class JsonExport(ExportTarget target, bool lines) : IExportWriter
{
    readonly Utf8JsonWriter json = new(target.Pipe, RunJson.WriterOptions);
    readonly ExportParts include = target.Source.Include;
    readonly string tenantId = target.Source.Tenant.Id;
    bool isFirst = true;

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
        await using (await Snapshot.BeginAsync(sql, cancellationToken))
        {
            run = await RunReader.FindAsync(sql, runNo, cancellationToken);
            if (run is null) return false;
            if (include.HasFlag(ExportParts.Payloads)) parts = await RunPartsReader.ReadAsync(sql, run, cancellationToken);
            if (include.HasFlag(ExportParts.Steps)) steps = await StepPage.ReadAsync(sql, runNo, StepPosition.Start, StepPage.MaxSteps, cancellationToken);
        }

        Separate();
        json.WriteStartObject();
        RunJson.WriteMembers(json, run, tenantId, include.HasFlag(ExportParts.Payloads) ? parts : null);
        if (steps is not null)
        {
            json.WriteStartArray("steps");
            while (true)
            {
                foreach (var step in steps.Steps)
                {
                    RunJson.Write(json, step, run.Id, steps.PartsOf(step));
                    if (json.BytesPending + target.Pipe.UnflushedBytes < ExportTarget.FlushAt) continue;
                    // The writer first: it holds a piece of the pipe's memory until then.
                    json.Flush();
                    await target.FlushAsync(cancellationToken);
                }

                if (steps.Next is not { } next) break;
                // A page of steps and its payloads belong together; a read lasts no longer than that.
                await using (await Snapshot.BeginAsync(sql, cancellationToken)) steps = await StepPage.ReadAsync(sql, runNo, next, StepPage.MaxSteps, cancellationToken);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        return true;
    }
}
