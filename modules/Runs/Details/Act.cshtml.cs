using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary>
/// <c>/runs/{id}/act</c>: the form of an act (<c>?kind=tag</c>, <c>assign</c>, <c>resolve</c>, <c>reopen</c>, <c>annotate</c>) and what carries it out. The menus
/// in a run's head ask for the form and swap what changed; without script it is a page that leads back to the run.
/// </summary>
[Access(Role.Operator, KeyScopes.Operate)]
public sealed class ActPage(ActOnRuns acts, ReadRun readRun, Database database, IDataProtectionProvider protection, Shell shell) : PageModel
{
    static readonly TimeSpan UndoFor = TimeSpan.FromHours(1);
    static readonly string[] Known = ["tag", "assign", "resolve", "reopen", "annotate"];
    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));

    /// <summary>Public id of the run.</summary>
    [FromRoute(Name = "id")]
    public string Id { get; set; } = "";

    /// <summary>Tags to add, between commas.</summary>
    [BindProperty(Name = "add")]
    public string? Add { get; set; }

    /// <summary>A tag to remove.</summary>
    [BindProperty(Name = "remove")]
    public string? Remove { get; set; }

    /// <summary>Who shall look after it; empty: nobody.</summary>
    [BindProperty(Name = "owner")]
    public string? Owner { get; set; }

    /// <summary><c>me</c> or <c>nobody</c>, in place of <see cref="Owner"/>.</summary>
    [BindProperty(Name = "to")]
    public string? To { get; set; }

    /// <summary>Why it is dealt with.</summary>
    [BindProperty(Name = "reason")]
    public string? Reason { get; set; }

    /// <summary>More about that; the note of an annotation.</summary>
    [BindProperty(Name = "note")]
    public string? Note { get; set; }

    /// <summary>What is done.</summary>
    public string Kind { get; private set; } = "tag";

    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>All that its page shows, after an act.</summary>
    public RunView? View { get; private set; }

    /// <summary>What can be done to it.</summary>
    public RunActs Acts => new(shell, Run);

    /// <summary>Its tags.</summary>
    public string[] Tags => TextList.Split(Run.TagsText);

    /// <summary>Its page.</summary>
    public string RunUrl => "/runs/" + Uri.EscapeDataString(Run.Id);

    /// <summary>Which form stays open.</summary>
    public string? Open => Fault is not null || Kind == "tag" ? Kind : null;

    /// <summary>Which button has the focus afterwards.</summary>
    public string Button => Acts.Kinds.Contains(Kind, StringComparer.Ordinal) ? Kind : Kind == "resolve" ? "reopen" : Kind == "reopen" ? "resolve" : "tag";

    /// <summary>What to say about it.</summary>
    public string? Said { get; private set; }

    /// <summary>What takes it back, sealed: nobody else can make one.</summary>
    public string? UndoToken { get; private set; }

    /// <summary>Why it could not be done.</summary>
    public string? Fault { get; private set; }

    // A resolution that is given back says who gave it: it must be one that stood there.
    ITimeLimitedDataProtector Seal => protection.CreateProtector("RunHub.Runs.Undo", HttpContext.Caller().Tenant.Id, Id).ToTimeLimitedDataProtector();

    /// <summary>The form.</summary>
    public async Task<IActionResult> OnGetAsync(string? kind, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        if (Known.Contains(kind, StringComparer.Ordinal)) Kind = kind!;
        await FindAsync(cancellationToken);
        return Request.IsHtmx() ? Partial("_ActForm", this) : Page();
    }

    /// <summary>Adds or removes tags.</summary>
    public Task<IActionResult> OnPostTagAsync(CancellationToken cancellationToken) =>
        DoAsync("tag", () => new TagRun((Add ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), Remove is null ? [] : [Remove]), cancellationToken);

    /// <summary>Says who looks after it.</summary>
    public Task<IActionResult> OnPostAssignAsync(CancellationToken cancellationToken) => DoAsync("assign", () => new AssignRun(
        To == "me" ? HttpContext.Caller().Name : To == "nobody" || string.IsNullOrWhiteSpace(Owner) ? null : Owner.Trim()), cancellationToken);

    /// <summary>Marks it as dealt with.</summary>
    public Task<IActionResult> OnPostResolveAsync(CancellationToken cancellationToken) => DoAsync("resolve", () => new ResolveRun(Reason, string.IsNullOrWhiteSpace(Note) ? null : Note), cancellationToken);

    /// <summary>It is not dealt with after all.</summary>
    public Task<IActionResult> OnPostReopenAsync(CancellationToken cancellationToken) => DoAsync("reopen", () => new ReopenRun(), cancellationToken);

    /// <summary>Adds a note.</summary>
    public Task<IActionResult> OnPostAnnotateAsync(CancellationToken cancellationToken) => DoAsync("annotate", () => new AnnotateRun(Note ?? ""), cancellationToken);

    /// <summary>Takes an act back.</summary>
    public Task<IActionResult> OnPostUndoAsync([FromForm(Name = "undo")] string? undo, CancellationToken cancellationToken) => DoAsync("undo", () => Opened(undo), cancellationToken);

    RunAct Opened(string? undo)
    {
        try
        {
            return JsonSerializer.Deserialize<RunAct>(Seal.Unprotect(undo ?? "")) ?? throw new CryptographicException();
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            throw ProblemException.Invalid("undo", texts["ActUndoOld"]);
        }
    }

    async Task<IActionResult> DoAsync(string kind, Func<RunAct> act, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        Kind = kind;
        try
        {
            var outcome = await acts.HandleAsync(HttpContext.Caller(), act(), Id, cancellationToken);
            Said = texts[outcome.Changed ? "ActDone_" + kind : "ActSame"];
            if (outcome is { Changed: true, Undo: { } undo } && kind != "undo") UndoToken = Seal.Protect(JsonSerializer.Serialize(undo), UndoFor);
            (Add, Remove, Note) = (null, null, null);
        }
        catch (ProblemException problem) when (problem.Status is StatusCodes.Status400BadRequest or StatusCodes.Status409Conflict)
        {
            Fault = problem.Detail;
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }

        if (Kind == "undo") Kind = "tag";
        if (!Request.IsHtmx() && Fault is null) return Redirect("/runs/" + Uri.EscapeDataString(Id));
        if (!Request.IsHtmx())
        {
            await FindAsync(cancellationToken);
            return Page();
        }

        View = await readRun.HandleAsync(HttpContext, Id, null, inPanel: false, cancellationToken);
        Run = View.Run;
        return Partial("_Acted", this);
    }

    async Task FindAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, Id, cancellationToken);
    }
}
