using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Runs.List;

namespace RunHub.Runs.Views;

/// <summary>
/// <c>/views</c>: the saved views and what can be done to them. With <c>?part=menu</c> the menu of the list, which opens them and saves the
/// filter it was opened with (<c>filter</c>). Forms answer with the part they stand in, or lead back to the page without script.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ViewsPage(SavedViews views) : PageModel
{
    const int PageSize = 100;

    /// <summary>The filter of the list this was opened from, as in its address; null: from elsewhere.</summary>
    [BindProperty(Name = "filter", SupportsGet = true)]
    public string? Filter { get; set; }

    /// <summary><c>menu</c>: the menu of the list.</summary>
    [BindProperty(Name = "part", SupportsGet = true)]
    public string? Part { get; set; }

    /// <summary>How many of them stand on the pages before. ("page" is the router's own word.)</summary>
    [BindProperty(Name = "skip", SupportsGet = true)]
    public int Skip { get; set; }

    /// <summary>The views this caller sees; on the page a hundred of them.</summary>
    public IReadOnlyList<SavedView> List { get; private set; } = [];

    /// <summary>Address of the next page; null: this is the last.</summary>
    public string? Next { get; private set; }

    /// <summary>Address of the page before; null: this is the first.</summary>
    public string? Previous { get; private set; }

    /// <summary>Id of the view "Runs" leads to.</summary>
    public string? Default { get; private set; }

    /// <summary>Id of the view that was saved or changed just now.</summary>
    public string? Touched { get; private set; }

    /// <summary>What is wrong with what was sent.</summary>
    public string? Fault { get; private set; }

    /// <summary>The name that was sent, to be corrected.</summary>
    public string? Name { get; private set; }

    /// <summary>May whoever looks share views.</summary>
    public bool MayShare => HttpContext.Caller().May(Allow.Operators);

    /// <summary>Has whoever looks a default view; a key has none.</summary>
    public bool MayDefault => HttpContext.Caller().Kind == CallerKind.User;

    /// <summary>The filter as it would be saved; null: there is none, or it cannot be read.</summary>
    public RunFilter? Current { get; private set; }

    /// <summary>The page, or the menu.</summary>
    public Task<IActionResult> OnGetAsync(CancellationToken cancellationToken) => ShowAsync(cancellationToken);

    /// <summary>Saves the filter under a name.</summary>
    public Task<IActionResult> OnPostSaveAsync(string? name, bool shared, bool pinned, bool isDefault, CancellationToken cancellationToken) => DoAsync(async caller =>
    {
        Name = name;
        var view = await views.CreateAsync(caller, new ViewChange(name, Filter ?? "", shared, pinned), cancellationToken);
        if (isDefault && MayDefault) await views.SetDefaultAsync(caller, view.Id, cancellationToken);
        (Touched, Name) = (view.Id, null);
    }, cancellationToken);

    /// <summary>Puts the filter of the list in place of a view's.</summary>
    public Task<IActionResult> OnPostReplaceAsync(string id, CancellationToken cancellationToken) => DoAsync(async caller =>
    {
        await views.ChangeAsync(caller, id, new ViewChange(Filter: Filter ?? ""), cancellationToken);
        Touched = id;
    }, cancellationToken);

    /// <summary>Changes name, sharing and pin; and whether it is the caller's default.</summary>
    public Task<IActionResult> OnPostChangeAsync(string id, string? name, bool shared, bool pinned, bool isDefault, CancellationToken cancellationToken) => DoAsync(async caller =>
    {
        Touched = id;
        var view = await views.FindAsync(caller, id, cancellationToken) ?? throw ProblemException.NotFound("view", id);
        if (view.MayChange(caller)) await views.ChangeAsync(caller, id, new ViewChange(name ?? "", null, MayShare || view.IsShared ? shared : null, pinned), cancellationToken);
        await SetDefaultAsync(caller, id, isDefault, cancellationToken);
    }, cancellationToken);

    /// <summary>Makes it the caller's default, or no longer.</summary>
    public Task<IActionResult> OnPostDefaultAsync(string id, bool isDefault, CancellationToken cancellationToken) => DoAsync(caller =>
    {
        Touched = id;
        return SetDefaultAsync(caller, id, isDefault, cancellationToken);
    }, cancellationToken);

    /// <summary>Deletes it.</summary>
    public Task<IActionResult> OnPostDeleteAsync(string id, CancellationToken cancellationToken) => DoAsync(caller => views.DeleteAsync(caller, id, cancellationToken), cancellationToken);

    async Task SetDefaultAsync(Caller caller, string id, bool isDefault, CancellationToken cancellationToken)
    {
        if (!MayDefault) return;
        var was = (await views.SettingsAsync(caller, cancellationToken)).DefaultView;
        if (isDefault != (was == id)) await views.SetDefaultAsync(caller, isDefault ? id : null, cancellationToken);
    }

    async Task<IActionResult> DoAsync(Func<Caller, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(HttpContext.Caller());
            if (!Request.IsHtmx()) return LocalRedirect("/views" + (Filter is { Length: > 0 } ? "?filter=" + Uri.EscapeDataString(Filter) : ""));
            Response.HtmxTrigger("views-changed");
        }
        catch (ProblemException problem) when (problem.Status is 400 or 403 or 409)
        {
            Fault = problem.Faults.Count > 0 ? string.Join(' ', problem.Faults.Select(f => f.Reason)) : problem.Detail;
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }

        return await ShowAsync(cancellationToken);
    }

    async Task<IActionResult> ShowAsync(CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        var caller = HttpContext.Caller();
        List = await views.ListAsync(caller, cancellationToken);
        Default = (await views.SettingsAsync(caller, cancellationToken)).DefaultView;
        Current = Read(Filter);
        if (Part == "menu") return Partial("_Menu", this);
        var (all, first) = (List, Math.Clamp(Skip, 0, SavedViews.MaxPerTenant));
        List = [.. all.Skip(first).Take(PageSize)];
        if (all.Count > first + PageSize) Next = PageUrl(first + PageSize);
        if (first > 0) Previous = PageUrl(Math.Max(0, first - PageSize));
        return Request.HtmxTarget() == "views" ? Partial("_Views", this) : Page();
    }

    string PageUrl(int skip) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/views?skip={skip}") + (Filter is { Length: > 0 } ? "&filter=" + Uri.EscapeDataString(Filter) : "");

    static RunFilter? Read(string? text)
    {
        try
        {
            return text is null ? null : RunFilter.Parse(text);
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    /// <summary>Is it the view whose list is looked at.</summary>
    public bool IsCurrent(SavedView view) => Current is not null && view.Runs is { } runs && runs.Equals(Current);

    /// <summary>Its runs in one line, as people write them; what stands in the address where it cannot be read.</summary>
    public static string Line(SavedView view) => view.Runs is { } runs ? runs.ToLine() : view.Filter;
}
