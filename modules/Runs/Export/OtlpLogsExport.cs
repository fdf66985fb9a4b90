using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Logs;

namespace RunHub.Runs.Export;

/// <summary>
/// The log lines of runs as OTLP/JSON, one <c>ExportLogsServiceRequest</c> per line, each about a megabyte at most: what
/// <c>/v1/logs</c> takes line by line. Traces and spans have the ids that <see cref="OtlpExport"/> gives them, so that both
/// files together are the run with its lines at their steps.
/// </summary>
sealed class OtlpLogsExport(ExportTarget target) : IExportWriter
{
    readonly OtlpLines lines = new(target, "resourceLogs");

    public RowProjection<RunRow> Columns => RunRow.Table.All;

    public Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task WriteAsync(RunRow row, CancellationToken cancellationToken)
    {
        await using var sql = await target.Database.ReadAsync(cancellationToken);
        LogTotals held;
        Dictionary<string, string?> spans;
        await using (await Snapshot.BeginAsync(sql, cancellationToken))
        {
            held = await LogReader.TotalsAsync(sql, row.RunNo, cancellationToken);
            if (held.Lines == 0) return;
            spans = await OtlpExport.SpansAsync(sql, row.RunNo, cancellationToken);
        }

        var log = new OtlpLog(row, target.Source.Tenant.Id, spans);
        await foreach (var line in RunLines.OfAsync(sql, row.RunNo, held, cancellationToken)) await lines.AddAsync(json => log.Write(json, line), cancellationToken);
    }

    public Task EndAsync(CancellationToken cancellationToken) => lines.EndAsync(cancellationToken);
}
