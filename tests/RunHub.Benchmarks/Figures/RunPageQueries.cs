using Microsoft.Extensions.DependencyInjection;
using RunHub.Runs.Lineage;
using RunHub.Store;

namespace RunHub.Benchmarks.Figures;

/// <summary>What has to be read to show a run.</summary>
static class RunPageQueries
{
    /// <summary>The page: its row, its notes, what it is related to, its steps, all payloads.</summary>
    public static Task PageAsync(IServiceProvider services, long tenantNo, string id) => ReadAsync(services, tenantNo, id, steps: true);

    /// <summary>The API's object: its row, its notes, its own payloads.</summary>
    public static Task ObjectAsync(IServiceProvider services, long tenantNo, string id) => ReadAsync(services, tenantNo, id, steps: false);

    static async Task ReadAsync(IServiceProvider services, long tenantNo, string id, bool steps)
    {
        await using var sql = await services.GetRequiredService<Database>().ReadAsync(CancellationToken.None);
        var run = await RunReader.FindAsync(sql, tenantNo, id, CancellationToken.None) ?? throw new InvalidOperationException($"No run {id}.");
        await RunReader.AnnotationsAsync(sql, run.RunNo, CancellationToken.None);
        if (steps) await RunLineage.ReadAsync(sql, run, LineageHtml.Shown, CancellationToken.None);
        var rows = steps ? await RunReader.StepsAsync(sql, run.RunNo, CancellationToken.None) : [];
        await RunReader.PayloadsAsync(sql, run.RunNo, [run.Inputs, run.Outputs, run.Extra, .. rows.SelectMany(s => new[] { s.Input, s.Output, s.Extra })], CancellationToken.None);
    }
}
