using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Attachments.Receive;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Attachments;

namespace RunHub.Attachments.Tab;

/// <summary>A run's files as its page shows them.</summary>
/// <param name="Run">The run.</param>
/// <param name="Files">Oldest first.</param>
/// <param name="StepNames">Names of the steps they belong to, by id; a step that was not reported is missing.</param>
/// <param name="MayAdd">Whether the one who looks may attach files.</param>
/// <param name="MayDelete">Whether they may delete one.</param>
/// <param name="MaxBytes">Largest file.</param>
/// <param name="Problem">Why the last upload was refused; null: it was not.</param>
public sealed record AttachmentsView(RunRow Run, IReadOnlyList<AttachmentRow> Files, IReadOnlyDictionary<string, string> StepNames, bool MayAdd, bool MayDelete, long MaxBytes, ProblemException? Problem)
{
    /// <summary>Reads them.</summary>
    public static async Task<AttachmentsView> ReadAsync(SqlSession sql, RunRow run, Caller caller, AttachmentStore store, ProblemException? problem, CancellationToken cancellationToken)
    {
        var files = await AttachmentStore.ListAsync(sql, run.RunNo, cancellationToken);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in files.Select(f => f.StepId).OfType<string>().Distinct(StringComparer.Ordinal))
            if (await RunReader.StepAsync(sql, run.RunNo, id, cancellationToken) is { } step) names[id] = step.Label ?? step.Name;
        return new AttachmentsView(run, files, names, caller.May(Allow.Reporters), caller.May(Allow.Admins), store.Options.MaxBytes, problem);
    }

    /// <summary>Address of the run's page with this tab.</summary>
    public static string UrlOf(string runId) => $"/runs/{Uri.EscapeDataString(runId)}?tab=attachments";
}

/// <summary>The tab.</summary>
public sealed class AttachmentsTab(Database database, AttachmentStore store) : ViewComponent
{
    /// <summary>Its content.</summary>
    public async Task<IViewComponentResult> InvokeAsync(RunRow run)
    {
        await using var sql = await database.ReadAsync(HttpContext.RequestAborted);
        return View("/Pages/Attachments/Tab/_Attachments.cshtml", await AttachmentsView.ReadAsync(sql, run, HttpContext.Caller(), store, null, HttpContext.RequestAborted));
    }
}

/// <summary>What the two pages below have in common: they answer with the list, or lead back to it.</summary>
public abstract class AttachmentsActPage(Database database, AttachmentStore store) : PageModel
{
    /// <summary>The store.</summary>
    protected AttachmentStore Store => store;

    /// <summary>As it stands in the address: binding makes nothing of a space.</summary>
    protected string RunId => (string)RouteData.Values["id"]!;

    /// <summary>Nothing stands here: the tab does.</summary>
    public IActionResult OnGet() => LocalRedirect(AttachmentsView.UrlOf(RunId));

    /// <summary>The list after the act; why it was refused stands above it.</summary>
    protected async Task<IActionResult> AnswerAsync(ProblemException? problem, CancellationToken cancellationToken)
    {
        if (!Request.IsHtmx()) return problem is null ? LocalRedirect(AttachmentsView.UrlOf(RunId)) : throw problem;
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, RunId, cancellationToken);
        if (problem is not null) Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Partial("/Pages/Attachments/Tab/_Attachments.cshtml", await AttachmentsView.ReadAsync(sql, run, HttpContext.Caller(), store, problem, cancellationToken));
    }
}

/// <summary>
/// <c>POST /runs/{id}/attachments/upload</c>: the form of the tab. Its handler binds nothing, so that the files stream by and
/// are not held; the token stands in a header, and in a field for browsers without script.
/// </summary>
[Access(Role.Operator, KeyScopes.Ingest)]
[DisableRequestSizeLimit]
public sealed class UploadPage(Database database, AttachmentStore store, ReceiveFiles receive) : AttachmentsActPage(database, store)
{
    /// <summary>Takes the files.</summary>
    public async Task<IActionResult> OnPostAsync()
    {
        try
        {
            await receive.HandleAsync(HttpContext, RunId);
        }
        catch (ProblemException problem) when (problem.Status is 400 or 409 or 413 or 503)
        {
            return await AnswerAsync(problem, HttpContext.RequestAborted);
        }

        return await AnswerAsync(null, HttpContext.RequestAborted);
    }
}

/// <summary><c>POST /runs/{id}/attachments/{attachment}/delete</c>.</summary>
[Access(Role.Admin, KeyScopes.Admin)]
public sealed class DeletePage(Database database, AttachmentStore store) : AttachmentsActPage(database, store)
{
    /// <summary>Deletes a file; one that is gone already is fine.</summary>
    public async Task<IActionResult> OnPostAsync(string attachment, CancellationToken cancellationToken)
    {
        await Store.DeleteAsync(HttpContext.Caller(), RunId, attachment, cancellationToken);
        return await AnswerAsync(null, cancellationToken);
    }
}
