using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Steps.Cards;

/// <summary><c>/runs/{id}/steps/{step}/{input|output}</c>: a large payload of a step, to be shown, or whole with <c>download=true</c>.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class PayloadPage(Database database) : PageModel
{
    /// <summary>The block, or the file.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string step, string part, bool download, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        var row = await RunReader.StepAsync(sql, run.RunNo, step, cancellationToken) ?? throw ProblemException.NotFound("step", step);
        var payload = (part switch { "input" => row.Input, "output" => row.Output, _ => null }) ?? throw ProblemException.NotFound("payload", part);
        var json = (await RunReader.PayloadsAsync(sql, run.RunNo, [payload], cancellationToken))[payload];
        return PayloadResult.Of(this, $"{KeyOf(row)}-{part}", json, download, $"/runs/{Uri.EscapeDataString(id)}/steps/{Uri.EscapeDataString(step)}/{part}");
    }

    // Stands for the step in the file's name and in the element's id, whatever the step's id is made of (FNV-1a).
    static string KeyOf(StepRow step)
    {
        var hash = 2166136261u;
        foreach (var c in step.Id) hash = unchecked((hash ^ c) * 16777619u);
        return "step" + hash.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }
}
