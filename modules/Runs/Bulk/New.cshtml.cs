using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.Http;
using RunHub.Ui;

namespace RunHub.Runs.Bulk;

/// <summary>
/// <c>/bulk/new</c>: what shall be done to a selection (<c>id</c>, several) or to everything that matches a <c>filter</c>; shows how many runs
/// that is and the first of them before anything is written.
/// </summary>
[Access(Role.Operator, KeyScopes.Operate)]
public sealed class NewBulkPage(BulkActions actions, IAntiforgery antiforgery) : PageModel
{
    static readonly string[] Order = ["tag", "assign", "resolve", "reopen", "export", "delete"];

    /// <summary>The filter as a query; null: a selection.</summary>
    [BindProperty(Name = "filter", SupportsGet = true)]
    public string? Filter { get; set; }

    /// <summary>The selection.</summary>
    [BindProperty(Name = "id", SupportsGet = true)]
    public List<string> Ids { get; set; } = [];

    /// <summary>The selection in one field, an id on each line: a form has no more than a thousand fields.</summary>
    [BindProperty(Name = "ids")]
    public string? IdLines { get; set; }

    /// <summary>What shall be done.</summary>
    [BindProperty(Name = "kind", SupportsGet = true)]
    public string Kind { get; set; } = "tag";

    /// <summary>Tags to add, between commas.</summary>
    [BindProperty(Name = "add", SupportsGet = true)]
    public string? Add { get; set; }

    /// <summary>Tags to remove, between commas.</summary>
    [BindProperty(Name = "remove")]
    public string? Remove { get; set; }

    /// <summary>Who shall look after them; empty: nobody.</summary>
    [BindProperty(Name = "owner")]
    public string? Owner { get; set; }

    /// <summary>Why they are dealt with.</summary>
    [BindProperty(Name = "reason")]
    public string? Reason { get; set; }

    /// <summary>More about that.</summary>
    [BindProperty(Name = "note")]
    public string? Note { get; set; }

    /// <summary>Format of an export.</summary>
    [BindProperty(Name = "format", SupportsGet = true)]
    public string Format { get; set; } = "csv";

    /// <summary>What goes with each run of an export.</summary>
    [BindProperty(Name = "include")]
    public List<string> Include { get; set; } = [];

    /// <summary>Columns of an exported CSV; empty: all that are not payloads.</summary>
    [BindProperty(Name = "columns", SupportsGet = true)]
    public string? Columns { get; set; }

    /// <summary>Name of the action.</summary>
    [BindProperty(Name = "name")]
    public string? Name { get; set; }

    /// <summary>Most runs a second; empty: no limit.</summary>
    [BindProperty(Name = "rate")]
    public string? Rate { get; set; }

    /// <summary>The first five, then pause.</summary>
    [BindProperty(Name = "first")]
    public bool First { get; set; }

    /// <summary>How many runs shall be deleted, as whoever wants it has typed it.</summary>
    [BindProperty(Name = "confirm")]
    public string? Confirm { get; set; }

    /// <summary>How many runs, and the first of them.</summary>
    public BulkPreview Preview { get; private set; } = new(0, false, []);

    /// <summary>The filter as people write it; empty: the default view; null: a selection, or a filter nobody understands.</summary>
    public string? Line { get; private set; }

    /// <summary>What is wrong.</summary>
    public string? Fault { get; private set; }

    /// <summary>What the caller may do.</summary>
    public IEnumerable<string> Kinds => Order.Where(k => actions.Kinds.Any(known => known.Name == k && HttpContext.Caller().May(known.Needs)));

    /// <summary>Shows the form; with <c>?part=token</c> the antiforgery token alone, for the bar of the list, which carries none.</summary>
    public async Task<IActionResult> OnGetAsync(string? part, CancellationToken cancellationToken)
    {
        if (part == "token") return Content(antiforgery.GetAndStoreTokens(HttpContext).RequestToken!);
        return await ShowAsync(cancellationToken);
    }

    /// <summary>Shows the form for a selection that is too long for an address; nothing starts.</summary>
    public Task<IActionResult> OnPostShowAsync(CancellationToken cancellationToken) => ShowAsync(cancellationToken);

    async Task<IActionResult> ShowAsync(CancellationToken cancellationToken)
    {
        ReadSelection();
        if (!Kinds.Contains(Kind, StringComparer.Ordinal)) Kind = "tag";
        await LoadAsync(cancellationToken);
        return Page();
    }

    void ReadSelection()
    {
        if (IdLines is not null) Ids = [.. Ids.Union(IdLines.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal)];
        if (Ids.Count == 0) Filter ??= "";
    }

    /// <summary>Starts it.</summary>
    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        ReadSelection();
        try
        {
            long? rate = null;
            if (!string.IsNullOrWhiteSpace(Rate)) rate = long.TryParse(Rate, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw ProblemException.Invalid("rate", "A whole number of runs a second.");
            var request = Request(rate);
            if (Kind != "delete" || await IsConfirmedAsync(request, cancellationToken))
            {
                var bulk = await actions.CreateAsync(HttpContext.Caller(), request, cancellationToken);
                return Redirect("/bulk/" + bulk.Id);
            }

            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }
        catch (ProblemException problem) when (problem.Status == StatusCodes.Status400BadRequest)
        {
            Fault = problem.Detail;
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }

        await LoadAsync(cancellationToken);
        return Page();
    }

    // What cannot be taken back is not done with one press of a key. It is the number of this moment: others may have come meanwhile.
    async Task<bool> IsConfirmedAsync(BulkRequest request, CancellationToken cancellationToken)
    {
        var count = (await actions.PreviewAsync(HttpContext.Caller().Tenant.No, request, cancellationToken)).Count.ToString(CultureInfo.InvariantCulture);
        if (string.Concat((Confirm ?? "").Where(char.IsAsciiDigit)) == count) return true;
        Fault = TextTable.Of(typeof(RunsTexts)).Put("BulkConfirmWrong", count);
        return false;
    }

    async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var request = Request(null);
            // A file has the columns of the list it was asked for on, unless somebody names others.
            Columns ??= request.Filter?.Columns;
            Line = request.Filter?.ToLine();
            Preview = await actions.PreviewAsync(HttpContext.Caller().Tenant.No, request, cancellationToken);
        }
        catch (ProblemException problem) when (problem.Status == StatusCodes.Status400BadRequest)
        {
            Fault ??= problem.Detail;
        }
    }

    new BulkRequest Request(long? rate)
    {
        var settings = new JsonObject { ["kind"] = Kind };
        if (Kind == "tag") (settings["add"], settings["remove"]) = (Tags(Add), Tags(Remove));
        if (Kind == "assign") settings["owner"] = string.IsNullOrWhiteSpace(Owner) ? null : Owner.Trim();
        if (Kind == "resolve") (settings["reason"], settings["note"]) = (Reason, string.IsNullOrWhiteSpace(Note) ? null : Note);
        if (Kind == "export")
        {
            (settings["format"], settings["include"]) = (Format, new JsonArray([.. Include.Select(i => (JsonNode)i)]));
            if (!string.IsNullOrWhiteSpace(Columns)) settings["columns"] = Columns;
        }

        return new BulkRequest(Name, Kind, settings.ToJsonString())
        {
            Filter = Ids.Count > 0 ? null : BulkFilter.Parse(Filter ?? "", HttpContext.Caller().Tenant.Id), RunIds = Ids, Rate = rate, PauseAfter = First ? 5 : null,
        };
    }

    static JsonArray Tags(string? text) => new([.. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(x => (JsonNode)x)]);
}
