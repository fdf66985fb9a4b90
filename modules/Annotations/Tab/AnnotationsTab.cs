using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Annotations.Write;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Annotations;
using RunHub.Ui;

namespace RunHub.Annotations.Tab;

/// <summary>A run's annotations as its tab shows them.</summary>
/// <param name="Run">The run.</param>
/// <param name="Notes">Oldest first.</param>
/// <param name="Form">To add one; null: the one who looks may not.</param>
/// <param name="WithIds">They are what addresses with <c>#annotation-…</c> mean: nothing else on the page is.</param>
public sealed record AnnotationsView(RunRow Run, IReadOnlyList<AnnotationRow> Notes, NoteForm? Form, bool WithIds)
{
    /// <summary>Reads them.</summary>
    public static async Task<AnnotationsView> ReadAsync(SqlSession sql, RunRow run, HttpContext context)
    {
        var notes = await ReadAnnotations.CheckedAsync(sql, run, context.RequestAborted);
        var form = context.Caller().May(Allow.Operators) ? await NoteForm.NewAsync(sql, run, context.RequestAborted) : null;
        return new AnnotationsView(run, notes, form, !context.Request.IsHtmx());
    }

    /// <summary>Address of the run's page with this tab.</summary>
    public static string UrlOf(string runId) => $"/runs/{Uri.EscapeDataString(runId)}?tab=annotations";
}

/// <summary>The tab.</summary>
public sealed class AnnotationsTab(Database database) : ViewComponent
{
    /// <summary>Its content.</summary>
    public async Task<IViewComponentResult> InvokeAsync(RunRow run)
    {
        await using var sql = await database.ReadAsync(HttpContext.RequestAborted);
        return View("/Pages/Annotations/Tab/_Annotations.cshtml", await AnnotationsView.ReadAsync(sql, run, HttpContext));
    }
}

/// <summary><c>/runs/{id}/annotations</c>: what pages refresh when an annotation was added or changed. <c>?part=notes</c>: the section among the steps; else the tab's list.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ListPage(Database database, Shell shell) : PageModel
{
    /// <summary>The fragment; a browser that comes here is led to the tab.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string? part, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        if (!Request.IsHtmx()) return LocalRedirect(AnnotationsView.UrlOf(id));
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        if (part == "notes") return new WrittenPage(null, "runs", NotesSection.Of(shell, run, await ReadAnnotations.OfAsync(sql, run, cancellationToken)));
        return Partial("/Pages/Annotations/Tab/_Annotations.cshtml", await AnnotationsView.ReadAsync(sql, run, HttpContext));
    }
}
