using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Traces.Find;

/// <summary><c>/trace/{traceId}</c>: to the run of a trace; to the list where several carry it.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class TracePage(Database database) : PageModel
{
    /// <summary>Leads on; <c>?span</c> to one of its steps.</summary>
    public async Task<IActionResult> OnGetAsync(string traceId, string? span, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var tenantNo = HttpContext.Caller().Tenant.No;
        // OpenTelemetry's ids are kept in lower case; others as they came.
        var trace = traceId;
        var runs = await RunsAsync();
        if (runs.Count == 0 && traceId.ToLowerInvariant() is var lower && lower != traceId)
        {
            trace = lower;
            runs = await RunsAsync();
        }

        if (runs.Count == 0) throw ProblemException.NotFound("trace", traceId);
        if (span is not null)
            foreach (var (runNo, id) in runs)
                if (await StepOf.SpanAsync(sql, runNo, runNo, span, cancellationToken) is { } found) return LocalRedirect(StepOf.Address(id, found.Id));
        return LocalRedirect(runs.Count > 1 ? "/runs?trace=" + Uri.EscapeDataString(FilterValue.Escape(trace)) : $"/runs/{Uri.EscapeDataString(runs[0].Id)}?tab=traces");

        Task<List<(long RunNo, string Id)>> RunsAsync() => sql.Prepare("SELECT run_no, id FROM runs WHERE tenant_no = @tenant_no AND trace_id = @trace_id ORDER BY sort_at DESC, run_no DESC LIMIT 20")
            .With(tenantNo, trace).ListAsync(r => (r.GetInt64(0), r.GetString(1)), cancellationToken);
    }
}

/// <summary><c>/span/{spanId}</c>: to the step of a span, the newest where several have it.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class SpanPage(Database database) : PageModel
{
    /// <summary>Leads on.</summary>
    public async Task<IActionResult> OnGetAsync(string spanId, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var (run, step) = await FindAsync(sql, HttpContext.Caller().Tenant.No << 40, spanId, cancellationToken) ?? throw ProblemException.NotFound("span", spanId);
        return LocalRedirect(StepOf.Address(run, step));
    }

    static async Task<(string Run, string Step)?> FindAsync(SqlSession sql, long first, string spanId, CancellationToken cancellationToken)
    {
        var last = first | ((1L << 40) - 1);
        var found = await StepOf.SpanAsync(sql, first, last, spanId, cancellationToken);
        if (found is null && spanId.ToLowerInvariant() is var lower && lower != spanId) found = await StepOf.SpanAsync(sql, first, last, lower, cancellationToken);
        if (found is null || await sql.Prepare("SELECT id FROM runs WHERE run_no = @run_no").With(found.RunNo).ScalarAsync<string>(cancellationToken) is not { } run) return null;
        return (run, found.Id);
    }
}

/// <summary>The step of a span.</summary>
/// <param name="RunNo">Its run.</param>
/// <param name="Id">Its own id: several steps may share a node.</param>
sealed record StepOf(long RunNo, string Id)
{
    public static Task<StepOf?> SpanAsync(SqlSession sql, long firstRun, long lastRun, string spanId, CancellationToken cancellationToken) =>
        sql.Prepare("SELECT run_no, id FROM steps WHERE run_no BETWEEN @first AND @last AND span_id = @span_id ORDER BY run_no DESC, id LIMIT 1").With(firstRun, lastRun, spanId)
            .FirstAsync(r => new StepOf(r.GetInt64(0), r.GetString(1)), cancellationToken);

    /// <summary>The run's page at the step's card.</summary>
    public static string Address(string runId, string stepId) => $"/runs/{Uri.EscapeDataString(runId)}#step-{Uri.EscapeDataString(stepId)}";
}
