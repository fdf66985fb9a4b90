using RunHub.Json;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Export;

/// <summary>
/// OTLP/JSON, one <c>ExportTraceServiceRequest</c> per line, each about a megabyte at most: what a collector's file receiver
/// reads, and what <c>/v1/traces</c> takes line by line. A run is a trace, its steps are spans under one of the run's own; a
/// run that came as spans goes as the same spans.
/// </summary>
sealed class OtlpExport(ExportTarget target) : IExportWriter
{
    readonly OtlpLines lines = new(target, "resourceSpans");

    public RowProjection<RunRow> Columns => RunRow.Table.All;

    public Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task WriteAsync(RunRow row, CancellationToken cancellationToken)
    {
        await using var sql = await target.Database.ReadAsync(cancellationToken);
        RunRow? run;
        RunParts parts;
        StepPage steps;
        Dictionary<string, string?> spans;
        await using (await Snapshot.BeginAsync(sql, cancellationToken))
        {
            run = await RunReader.FindAsync(sql, row.RunNo, cancellationToken);
            if (run is null) return;
            parts = await RunPartsReader.ReadAsync(sql, run, cancellationToken);
            steps = await StepPage.ReadAsync(sql, run.RunNo, StepPosition.Start, StepPage.MaxSteps, cancellationToken);
            spans = await SpansAsync(sql, run.RunNo, cancellationToken);
        }

        var trace = new OtlpTrace(run, parts, target.Source.Tenant.Id, spans);
        if (trace.HasOwnRoot) await lines.AddAsync(trace.WriteRoot, cancellationToken);
        while (true)
        {
            foreach (var step in steps.Steps) await lines.AddAsync(json => trace.Write(json, step, steps.PartsOf(step)), cancellationToken);
            if (steps.Next is not { } next) return;
            await using (await Snapshot.BeginAsync(sql, cancellationToken)) steps = await StepPage.ReadAsync(sql, run.RunNo, next, StepPage.MaxSteps, cancellationToken);
        }
    }

    public Task EndAsync(CancellationToken cancellationToken) => lines.EndAsync(cancellationToken);

    /// <summary>Span ids by step.</summary>
    internal static async Task<Dictionary<string, string?>> SpansAsync(SqlSession sql, long runNo, CancellationToken cancellationToken)
    {
        var spans = await sql.Prepare("SELECT id, span_id FROM steps WHERE run_no = @run_no").With(runNo).ListAsync(r => (r.GetString(0), r.Text(1)), cancellationToken);
        return spans.ToDictionary(s => s.Item1, s => s.Item2, StringComparer.Ordinal);
    }
}
