using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Traces.Tab;

/// <summary>The tab of spans on the run's page.</summary>
public sealed class TracesTab(ReadTrace read) : ViewComponent
{
    /// <summary>The first spans, or those from <c>?span_from</c> on.</summary>
    public async Task<IViewComponentResult> InvokeAsync(RunRow run) => View("/Pages/Traces/Tab/_Trace.cshtml",
        await read.HandleAsync(run, int.TryParse(HttpContext.Request.Query["span_from"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var from) ? from : 0, HttpContext.RequestAborted));
}

/// <summary><c>/runs/{id}/spans</c>: more spans.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class SpansPage(Database database, ReadTrace read) : PageModel
{
    /// <summary>The spans.</summary>
    public TraceView View { get; private set; } = null!;

    /// <summary>Spans from a place on.</summary>
    public async Task OnGetAsync(string id, int from, CancellationToken cancellationToken) =>
        View = await read.HandleAsync(await FindAsync(id, cancellationToken), from, cancellationToken);

    async Task<RunRow> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
    }
}

/// <summary><c>/runs/{id}/spans/{step}</c>: what a span carried beside what its step's fields hold.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class SpanPage(Database database) : PageModel
{
    /// <summary>The attributes; null: none.</summary>
    public JsonBlock? Attributes { get; private set; }

    /// <summary>Reads them.</summary>
    public async Task OnGetAsync(string id, string step, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        var row = await RunReader.StepAsync(sql, run.RunNo, step, cancellationToken) ?? throw ProblemException.NotFound("step", step);
        var payloads = await RunReader.PayloadsAsync(sql, run.RunNo, [row.Extra], cancellationToken);
        if (StepExtra.Read(payloads[row.Extra]).Attributes is { } attributes) Attributes = JsonBlock.Of(ElementId(step), attributes.Utf8);
    }

    /// <summary>Letters and digits whatever the step's id is made of.</summary>
    internal static string ElementId(string step) => "span" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(step)))[..12];
}
