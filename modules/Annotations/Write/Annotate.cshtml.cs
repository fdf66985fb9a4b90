using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Annotations.Api;
using RunHub.Annotations.Tab;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Annotations.Write;

/// <summary><c>/runs/{id}/annotate</c>: a comment on the run, a step or a selected part. <c>?inline=true</c>: the form alone, for where it was asked for.</summary>
[Access(Role.Operator, KeyScopes.Operate)]
public sealed class AnnotatePage(ActOnRuns acts, Database database) : PageModel
{
    readonly TextTable texts = TextTable.Of(typeof(AnnotationsTexts));

    /// <summary>The form.</summary>
    public NoteForm Form { get; private set; } = null!;

    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>An empty form.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string? step, bool inline, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        await LoadAsync(id, step, cancellationToken);
        Form = Form with { Inline = inline };
        return Request.IsHtmx() ? Partial("/Pages/Annotations/Write/_NoteForm.cshtml", Form) : Page();
    }

    /// <summary>Adds it.</summary>
    public async Task<IActionResult> OnPostAsync(string id, string? note, string? step, string? payload, string? quote, string? prefix, string? suffix, bool inline, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        await LoadAsync(id, step, cancellationToken);
        Form = Form with { Note = note?.ReplaceLineEndings("\n"), Payload = payload, Quote = quote, Prefix = prefix, Suffix = suffix, Inline = inline };
        try
        {
            var act = await AnnotationsApi.PlacedAsync(HttpContext, id, Form.Note, Form.StepId, Form.Anchor);
            var outcome = await acts.HandleAsync(HttpContext.Caller(), act, id, cancellationToken);
            if (!Request.IsHtmx()) return LocalRedirect(AnnotationsView.UrlOf(id) + "#annotation-" + outcome.AnnotationId);
            Tell(Response, texts["Added"], outcome.AnnotationId);
            return Content("", "text/html");
        }
        catch (ProblemException problem) when (problem.Status is StatusCodes.Status400BadRequest)
        {
            Form = Form with { Fault = problem.Faults is [{ Path: "$.anchor.quote" }] ? texts["NotInPayload"] : problem.Faults is [{ Reason: { } reason }] ? reason : problem.Detail };
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }

        return Request.IsHtmx() ? Partial("/Pages/Annotations/Write/_NoteForm.cshtml", Form) : Page();
    }

    /// <summary>Tells the page to refresh what shows annotations, and what to say.</summary>
    internal static void Tell(HttpResponse response, string said, string? id) =>
        response.HtmxTrigger(JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal) { ["annotations-changed"] = new { said, id } }));

    async Task LoadAsync(string id, string? step, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        Form = await NoteForm.OnAsync(sql, Run, step, cancellationToken);
    }
}
