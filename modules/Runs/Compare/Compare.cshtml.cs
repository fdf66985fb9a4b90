using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Model;

namespace RunHub.Runs.Compare;

/// <summary>
/// <c>/runs/{id}/compare/{other}</c>: two runs beside each other. <c>last-success</c> leads to the newest completed run before it,
/// and without another run (<c>/runs/{id}/compare</c>) the page asks for one.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ComparePage(ReadComparison read) : PageModel
{
    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>The comparison; null: there is nothing to compare with yet.</summary>
    public RunComparison? Comparison { get; private set; }

    /// <summary>A last success was asked for and there is none.</summary>
    public bool NoSuccess { get; private set; }

    /// <summary>The page.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string? other, [FromQuery(Name = "with")] string? with, CancellationToken cancellationToken)
    {
        var tenant = HttpContext.Caller().Tenant.No;
        if (other is null && with?.Trim() is { Length: > 0 } chosen) return Redirect(AddressOf(id, chosen));
        if (other is null or ReadComparison.LastSuccess)
        {
            (Run, var success) = await read.LastSuccessAsync(tenant, id, cancellationToken);
            if (other is not null && success is not null) return Redirect(AddressOf(id, success.Id));
            NoSuccess = other is not null;
            return Page();
        }

        Comparison = await read.HandleAsync(tenant, id, other, cancellationToken);
        Run = Comparison.Run;
        return Page();
    }

    /// <summary>Address of a comparison.</summary>
    public static string AddressOf(string id, string other) => $"/runs/{Uri.EscapeDataString(id)}/compare/{Uri.EscapeDataString(other)}";
}
