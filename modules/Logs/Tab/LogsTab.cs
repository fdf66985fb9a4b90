using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Logs.Tab;

/// <summary>The tab of log lines on the run's page.</summary>
public sealed class LogsTab(ReadLogs read) : ViewComponent
{
    /// <summary>The filter and the first lines.</summary>
    public async Task<IViewComponentResult> InvokeAsync(RunRow run) =>
        View("/Pages/Logs/Tab/_Logs.cshtml", await read.TabAsync(run, HttpContext.Request.Query, HttpContext.RequestAborted));
}

/// <summary><c>/runs/{id}/loglines</c>: more lines, for the page's script.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class LinesPage(Database database, ReadLogs read) : PageModel
{
    /// <summary>The lines.</summary>
    public LogWindow Window { get; private set; } = null!;

    /// <summary>Lines above or below a place.</summary>
    public async Task OnGetAsync(string id, CancellationToken cancellationToken) =>
        Window = await read.LinesAsync(await FindAsync(id, cancellationToken), Request.Query, cancellationToken);

    async Task<RunRow> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
    }
}
