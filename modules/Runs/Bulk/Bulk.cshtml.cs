using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.Http;

namespace RunHub.Runs.Bulk;

/// <summary><c>/bulk/{id}</c>: how a bulk action stands, what became of each run, and the buttons that steer it.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class BulkPage(BulkActions actions, BulkFiles files) : PageModel
{
    const int PageSize = 100;

    /// <summary>The action.</summary>
    public BulkAction Bulk { get; private set; } = null!;

    /// <summary>Runs of it.</summary>
    public IReadOnlyList<BulkItem> Items { get; private set; } = [];

    /// <summary>The file it wrote; null: none, or it has expired.</summary>
    public new BulkFile? File { get; private set; }

    /// <summary>It wrote a file that is no longer kept.</summary>
    public bool HasExpired => File is null && !Bulk.IsOpen && Bulk.Done > 0 && KindOf is IBulkFileKind;

    /// <summary>Only runs in this state; null: all.</summary>
    public BulkItemState? State { get; private set; }

    /// <summary>Where the next page begins.</summary>
    public string? Next { get; private set; }

    /// <summary>Why what was asked could not be done.</summary>
    public string? Fault { get; private set; }

    /// <summary>May whoever looks steer it.</summary>
    public bool MaySteer => HttpContext.Caller().May(Needs);

    /// <summary>What can be done to it now: verb, icon, whether to ask first.</summary>
    public IEnumerable<(string Verb, string Icon, bool Confirm)> Verbs
    {
        get
        {
            if (Bulk.State is BulkState.Listing or BulkState.Running) yield return ("pause", "player-pause", false);
            if (Bulk.State == BulkState.Paused) yield return ("resume", "player-play", false);
            if (Bulk.State is BulkState.Completed or BulkState.Paused && Bulk.Failed > 0) yield return ("retry", "refresh", false);
            if (!Bulk.IsOpen && Bulk.Done > 0 && (KindOf?.CanUndo ?? false)) yield return ("undo", "arrow-back-up", true);
            if (Bulk.IsOpen) yield return ("abort", "x", true);
        }
    }

    IBulkKind? KindOf => actions.Kinds.FirstOrDefault(k => k.Name == Bulk.Kind);

    AccessAttribute Needs => KindOf?.Needs ?? Allow.Admins;

    /// <summary>The page, or its article for htmx.</summary>
    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellationToken) => await LoadAsync(id, cancellationToken);

    /// <summary>Stops it for now.</summary>
    public Task<IActionResult> OnPostPauseAsync(string id, CancellationToken cancellationToken) => DoAsync(id, c => actions.PauseAsync(c, id, cancellationToken), cancellationToken);

    /// <summary>Goes on.</summary>
    public Task<IActionResult> OnPostResumeAsync(string id, CancellationToken cancellationToken) => DoAsync(id, c => actions.ResumeAsync(c, id, cancellationToken), cancellationToken);

    /// <summary>Gives it up.</summary>
    public Task<IActionResult> OnPostAbortAsync(string id, CancellationToken cancellationToken) => DoAsync(id, c => actions.AbortAsync(c, id, cancellationToken), cancellationToken);

    /// <summary>Tries the failed runs again.</summary>
    public Task<IActionResult> OnPostRetryAsync(string id, CancellationToken cancellationToken) => DoAsync(id, c => actions.RetryAsync(c, id, cancellationToken), cancellationToken);

    /// <summary>Takes it back.</summary>
    public Task<IActionResult> OnPostUndoAsync(string id, CancellationToken cancellationToken) => DoAsync(id, c => actions.UndoAsync(c, id, cancellationToken), cancellationToken);

    async Task<IActionResult> DoAsync(string id, Func<Caller, Task<BulkAction>> act, CancellationToken cancellationToken)
    {
        var caller = HttpContext.Caller();
        if (!caller.May(Allow.Operators)) throw new ProblemException(403, "Not allowed.", "This needs the role operator.");
        try
        {
            var now = await act(caller);
            // An undo is an action of its own.
            if (now.Id != id) return Request.IsHtmx() ? HxRedirect("/bulk/" + now.Id) : Redirect("/bulk/" + now.Id);
        }
        catch (ProblemException problem) when (problem.Status == StatusCodes.Status409Conflict)
        {
            Fault = problem.Detail;
        }

        if (Fault is null && !Request.IsHtmx()) return Redirect("/bulk/" + id);
        return await LoadAsync(id, cancellationToken);
    }

    async Task<IActionResult> LoadAsync(string id, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        Bulk = await actions.FindAsync(HttpContext.Caller().Tenant.No, id, cancellationToken) ?? throw ProblemException.NotFound("bulk action", id);
        File = await files.FindAsync(Bulk, cancellationToken);
        State = Enum.TryParse<BulkItemState>(Request.Query["state"], ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;
        var after = long.TryParse(Request.Query["next_token"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0;
        var found = await actions.ItemsAsync(Bulk, State, after, PageSize + 1, cancellationToken);
        Items = [.. found.Take(PageSize)];
        Next = found.Count > PageSize ? Items[^1].No.ToString(CultureInfo.InvariantCulture) : null;
        return Request.Headers["HX-Target"] == "bulk" ? Partial("_Bulk", this) : Page();
    }

    StatusCodeResult HxRedirect(string url)
    {
        Response.Headers["HX-Redirect"] = url;
        return new StatusCodeResult(StatusCodes.Status204NoContent);
    }
}
