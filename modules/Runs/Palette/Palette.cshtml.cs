using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Ui;

namespace RunHub.Runs.Palette;

/// <summary><c>/palette?q=…</c>: the options of the palette for what was typed so far, as groups of a list box.</summary>
[Access(Role.Viewer, KeyScopes.Read, AnyPerson = true)]
public sealed class PalettePage(FindAnything find, Shell shell) : PageModel
{
    const int MaxLength = 300;

    /// <summary>What was typed.</summary>
    public string Query { get; private set; } = "";

    /// <summary>What was found.</summary>
    public IReadOnlyList<HitGroup> Groups { get; private set; } = [];

    /// <summary>Under which name this browser keeps what was chosen: one for each person and tenant.</summary>
    public string Who => HttpContext.Caller() is var caller ? caller.Key + "." + caller.Tenant.Id : "";

    /// <summary>The options.</summary>
    public async Task<IActionResult> OnGetAsync(string? q, CancellationToken cancellationToken)
    {
        Query = string.Concat((q ?? "").Take(MaxLength).Where(c => !char.IsControl(c) && !char.IsSurrogate(c))).Trim();
        Response.Headers.CacheControl = "no-store";
        Groups = await find.HandleAsync(HttpContext, shell, Query, cancellationToken);
        return Page();
    }
}
