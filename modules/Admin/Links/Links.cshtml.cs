using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Admin.Links;

/// <summary><c>/admin/links</c>: where business events are at home: an address per beginning of their ids, tried out with a sample.</summary>
[Access(Role.Admin, KeyScopes.None)]
public sealed class LinksPage(EventLinks links, IOptions<EventLinkOptions> options) : PageModel
{
    /// <summary>Longest prefix first.</summary>
    public IReadOnlyList<EventLink> List { get; private set; } = [];

    /// <summary>Beginning of the ids, as typed.</summary>
    [BindProperty]
    public string? Prefix { get; set; }

    /// <summary>Address, as typed.</summary>
    [BindProperty]
    public string? Address { get; set; }

    /// <summary>An id to try them with.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Sample { get; set; }

    /// <summary>The one that counts for it; null: none.</summary>
    public EventLink? Matched => string.IsNullOrWhiteSpace(Sample) ? null : EventLinks.Of(List, Sample.Trim());

    /// <summary>What it becomes.</summary>
    public string? Filled => Matched is { } link ? EventLinks.Fill(link, Sample!.Trim()) : null;

    /// <summary>The list.</summary>
    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        return this.PageOrPartial("_Links");
    }

    /// <summary>Sets one.</summary>
    public async Task<IActionResult> OnPostSetAsync(CancellationToken cancellationToken)
    {
        try
        {
            await links.SetAsync(HttpContext.Caller(), Prefix, Address, cancellationToken);
            (Prefix, Address) = (null, null);
            ModelState.Clear();
        }
        catch (ProblemException problem) when (problem.Faults is [{ } fault])
        {
            var texts = TextTable.Of(typeof(AdminTexts));
            var key = problem.Status == StatusCodes.Status409Conflict ? "LinksFull" : fault.Path == "$.prefix" ? "LinkPrefixWrong" : "LinkUrlWrong";
            ModelState.AddModelError(fault.Path == "$.prefix" ? nameof(Prefix) : nameof(Address),
                texts[key].Replace("{0}", string.Join(", ", options.Value.Schemes.Prepend("https").Distinct(StringComparer.OrdinalIgnoreCase)), StringComparison.Ordinal));
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }

        await LoadAsync(cancellationToken);
        return this.PageOrPartial("_Links");
    }

    /// <summary>Removes one; one that is gone already is fine.</summary>
    public async Task<IActionResult> OnPostRemoveAsync(CancellationToken cancellationToken)
    {
        await links.RemoveAsync(HttpContext.Caller(), Prefix ?? "", cancellationToken);
        Prefix = null;
        ModelState.Clear();
        await LoadAsync(cancellationToken);
        return this.PageOrPartial("_Links");
    }

    async Task LoadAsync(CancellationToken cancellationToken) => List = await links.ListAsync(HttpContext.Caller().Tenant.No, cancellationToken);
}
