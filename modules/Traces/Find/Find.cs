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
        var runs = await RunsAsync(traceId);
        // OpenTelemetry's ids are kept in lower case; others as they came.
        if (runs.Count == 0 && traceId.ToLowerInvariant() is var lower && lower != traceId) runs = await RunsAsync(lower);
        if (runs.Count == 0) throw ProblemException.NotFound("trace", traceId);
        if (span is not null)
            foreach (var (runNo, id) in runs)
                if (await StepOf.SpanAsync(sql, runNo, runNo, span, cancellationToken) is { } found) return LocalRedirect(StepOf.Address(id, found.Node));
        return LocalRedirect(runs.Count > 1 ? "/runs?trace=" + Uri.EscapeDataString(FilterValue.Escape(traceId)) : $"/runs/{Uri.EscapeDataString(runs[0].Id)}?tab=traces");

        Task<List<(long RunNo, string Id)>> RunsAsync(string trace) => sql.Prepare("SELECT run_no, id FROM runs WHERE tenant_no = @tenant_no AND trace_id = @trace_id ORDER BY sort_at DESC, run_no DESC LIMIT 20")
            .With(tenantNo, trace).ListAsync(r => (r.GetInt64(0), r.GetString(1)), cancellationToken);
    }
}

/// <summary>
/// <c>/span/{spanId}</c>: to the step of a span, among the newest runs: span ids have no index, which every reported step
/// would pay for. With the trace's id (<c>/trace/{traceId}?span=…</c>) it is found however old.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class SpanPage(Database database) : PageModel
{
    /// <summary>How many runs are looked through.</summary>
    public const int Runs = 20_000;

    /// <summary>Leads on.</summary>
    public async Task<IActionResult> OnGetAsync(string spanId, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        using var interrupt = sql.InterruptOn(cancellationToken);
        var first = HttpContext.Caller().Tenant.No << 40;
        var last = first | ((1L << 40) - 1);
        var oldest = await sql.Prepare($"SELECT run_no FROM runs WHERE run_no BETWEEN @first AND @last ORDER BY run_no DESC LIMIT 1 OFFSET {Runs}").With(first, last).ScalarAsync<long?>(cancellationToken) ?? first;
        var found = await StepOf.SpanAsync(sql, oldest, last, spanId, cancellationToken);
        if (found is null && spanId.ToLowerInvariant() is var lower && lower != spanId) found = await StepOf.SpanAsync(sql, oldest, last, lower, cancellationToken);
        if (found is not { } step) throw ProblemException.NotFound("span", spanId);
        var id = await sql.Prepare("SELECT id FROM runs WHERE run_no = @run_no").With(step.RunNo).ScalarAsync<string>(cancellationToken) ?? throw ProblemException.NotFound("span", spanId);
        return LocalRedirect(StepOf.Address(id, step.Node));
    }
}

/// <summary>The step of a span.</summary>
/// <param name="RunNo">Its run.</param>
/// <param name="Node">What its card is called by.</param>
sealed record StepOf(long RunNo, string Node)
{
    public static Task<StepOf?> SpanAsync(SqlSession sql, long firstRun, long lastRun, string spanId, CancellationToken cancellationToken) =>
        sql.Prepare("SELECT run_no, node_id, name FROM steps WHERE run_no BETWEEN @first AND @last AND span_id = @span_id ORDER BY run_no DESC LIMIT 1").With(firstRun, lastRun, spanId)
            .FirstAsync(r => new StepOf(r.GetInt64(0), r.Text(1) ?? r.GetString(2)), cancellationToken);

    /// <summary>The run's page at the step's card.</summary>
    public static string Address(string runId, string node) => $"/runs/{Uri.EscapeDataString(runId)}#node-{Uri.EscapeDataString(node)}";
}
