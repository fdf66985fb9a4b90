using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Errors.Api;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Errors.List;

/// <summary><c>/errors</c>: failures grouped by error, for the same filter as the list of runs; <c>state</c>: open (default), resolved, ignored, all.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ErrorsPage(ReadErrors errors, TimeProvider time) : PageModel
{
    /// <summary>Which runs.</summary>
    public RunFilter Filter { get; private set; } = RunFilter.None;

    /// <summary>Which groups.</summary>
    public ErrorChoice Choice { get; private set; }

    /// <summary>What was found.</summary>
    public ErrorGroups Found { get; private set; } = new([], 0, null, false);

    /// <summary>What is wrong with the address; null: nothing.</summary>
    public ProblemException? Problem { get; private set; }

    /// <summary>The page's address with another filter or choice.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="choice">The choice.</param>
    public static string UrlOf(RunFilter filter, ErrorChoice choice)
    {
        var state = choice == ErrorChoice.Open ? "" : "state=" + choice.ToString().ToLowerInvariant();
        var query = filter.Without("status").SortedBy(RunSort.Default).ToQuery();
        return (state.Length, query.Length) switch { (0, 0) => "/errors", (0, _) => "/errors?" + query, (_, 0) => "/errors?" + state, _ => $"/errors?{query}&{state}" };
    }

    /// <summary>The page; the groups alone when they alone are asked for.</summary>
    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        try
        {
            var caller = HttpContext.Caller();
            Choice = ErrorsApi.ChoiceOf(Request.Query["state"]);
            Filter = RunFilter.Parse(Request.Query, ["state"], time).Within(caller.Tenant.Id);
            Found = await errors.HandleAsync(caller.Tenant.No, Filter, Choice, cancellationToken);
        }
        catch (ProblemException problem) when (problem.Status == StatusCodes.Status400BadRequest)
        {
            Problem = problem;
            Response.StatusCode = Request.IsHtmx() ? StatusCodes.Status200OK : problem.Status;
        }

        return Request.IsHtmx() ? Partial("/Pages/Errors/List/_Errors.cshtml", this) : Page();
    }
}

/// <summary><c>POST /errors/{fingerprint}</c>: resolves, ignores or reopens a group, then back to where the form stood.</summary>
[Access(Role.Operator, KeyScopes.Operate)]
public sealed class StatePage(ErrorStates states, TimeProvider time) : PageModel
{
    /// <summary>Nothing stands here: the list does.</summary>
    public IActionResult OnGet(string fingerprint) => LocalRedirect("/errors?state=all&fingerprint=" + Uri.EscapeDataString(FilterValue.Escape(fingerprint)));

    /// <summary>Says how it stands.</summary>
    /// <param name="fingerprint">The group.</param>
    /// <param name="state"><c>open, resolved, ignored</c>.</param>
    /// <param name="note">Why.</param>
    /// <param name="back">Query of the page the form stood on.</param>
    /// <param name="choice">Its choice.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IActionResult> OnPostAsync(string fingerprint, string? state, string? note, string? back, ErrorChoice choice, CancellationToken cancellationToken)
    {
        var wanted = state switch { "open" => ErrorState.Open, "resolved" => ErrorState.Resolved, "ignored" => ErrorState.Ignored, _ => throw ProblemException.Invalid("$.state", "One of open, resolved, ignored.") };
        // Before anything is written: a form that does not lead back is no reason to be half done.
        var url = Enum.IsDefined(choice) ? ErrorsPage.UrlOf(RunFilter.Parse(back ?? "", time), choice) : "/errors";
        await states.SetAsync(HttpContext.Caller(), fingerprint, wanted, note, cancellationToken);
        return LocalRedirect(url);
    }
}
