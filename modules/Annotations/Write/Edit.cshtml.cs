using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Annotations.Tab;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Annotations;
using RunHub.Ui;

namespace RunHub.Annotations.Write;

/// <summary><c>/runs/{id}/annotations/{annotation}/edit</c>: changes or deletes one, for who wrote it and for admins.</summary>
[Access(Role.Operator, KeyScopes.Operate)]
public sealed class EditPage(ActOnAnnotations acts, Database database) : PageModel
{
    readonly TextTable texts = TextTable.Of(typeof(AnnotationsTexts));

    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>The annotation as it is.</summary>
    public AnnotationRow Row { get; private set; } = null!;

    /// <summary>What was typed.</summary>
    public string Note { get; private set; } = "";

    /// <summary>The version that was read when the form was made.</summary>
    public long Version { get; private set; }

    /// <summary>Why it was refused.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where it is posted.</summary>
    public string PostUrl => $"/runs/{Uri.EscapeDataString(Run.Id)}/annotations/{Uri.EscapeDataString(Row.Id)}/edit";

    /// <summary>The form.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string annotation, CancellationToken cancellationToken)
    {
        await LoadAsync(id, annotation, cancellationToken);
        (Note, Version) = (Row.Note, Row.Edits);
        return Shown();
    }

    /// <summary>Gives it the new text.</summary>
    public async Task<IActionResult> OnPostAsync(string id, string annotation, string? note, long version, CancellationToken cancellationToken)
    {
        await LoadAsync(id, annotation, cancellationToken);
        (Note, Version) = (note?.ReplaceLineEndings("\n") ?? "", version);
        try
        {
            await acts.EditAsync(HttpContext.Caller(), id, annotation, Note, version, cancellationToken);
            return Done("Changed", annotation);
        }
        catch (ProblemException problem) when (problem.Status is StatusCodes.Status400BadRequest or StatusCodes.Status409Conflict)
        {
            // What was typed stays; the next attempt is made against what stands there now, which is shown.
            Fault = problem.Status == StatusCodes.Status409Conflict ? texts["ChangedMeanwhile"] : problem.Faults is [{ Reason: { } reason }] ? reason : problem.Detail;
            Version = Row.Edits;
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Shown();
        }
    }

    /// <summary>Deletes it; one that is gone already is fine.</summary>
    public async Task<IActionResult> OnPostDeleteAsync(string id, string annotation, CancellationToken cancellationToken)
    {
        try
        {
            await acts.DeleteAsync(HttpContext.Caller(), id, annotation, cancellationToken);
        }
        catch (ProblemException gone) when (gone.Status == StatusCodes.Status404NotFound)
        {
            await using var sql = await database.ReadAsync(cancellationToken);
            _ = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        }

        return Done("Deleted", null);
    }

    IActionResult Shown()
    {
        Response.VaryByHtmx();
        return Request.IsHtmx() ? Partial("/Pages/Annotations/Write/_EditForm.cshtml", this) : Page();
    }

    IActionResult Done(string said, string? annotation)
    {
        var id = (string)RouteData.Values["id"]!;
        if (!Request.IsHtmx()) return LocalRedirect(AnnotationsView.UrlOf(id) + (annotation is null ? "" : "#annotation-" + Uri.EscapeDataString(annotation)));
        AnnotatePage.Tell(Response, texts[said], annotation);
        return Content("", "text/html");
    }

    async Task LoadAsync(string id, string annotation, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        Row = await ReadAnnotations.FindAsync(sql, Run.RunNo, annotation, cancellationToken) ?? throw ProblemException.NotFound("annotation", annotation);
        if (!Row.MayChange(HttpContext.Caller())) throw new ProblemException(StatusCodes.Status403Forbidden, "Not allowed.", "Only who wrote it, or an admin, may change it.");
    }
}
