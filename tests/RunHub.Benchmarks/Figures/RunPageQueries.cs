using Microsoft.Extensions.DependencyInjection;
using RunHub.Store;

namespace RunHub.Benchmarks.Figures;

/// <summary>What has to be read to show a run: its row, its steps, its notes, all its payloads.</summary>
static class RunPageQueries
{
    public static async Task RunAsync(IServiceProvider services, long tenantNo, string id)
    {
        await using var sql = await services.GetRequiredService<Database>().ReadAsync(CancellationToken.None);
        var run = await RunReader.FindAsync(sql, tenantNo, id, CancellationToken.None) ?? throw new InvalidOperationException($"No run {id}.");
        var steps = await RunReader.StepsAsync(sql, run.RunNo, CancellationToken.None);
        await RunReader.AnnotationsAsync(sql, run.RunNo, CancellationToken.None);
        await RunReader.PayloadsAsync(sql, run.RunNo, [run.Inputs, run.Outputs, run.Extra, .. steps.SelectMany(s => new[] { s.Input, s.Output, s.Extra })], CancellationToken.None);
    }
}
