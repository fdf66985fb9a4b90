using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary><c>/runs/{id}/payload/{name}</c>: large inputs or outputs of a run, to be shown, or whole with <c>download=true</c>.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class PayloadPage(Database database) : PageModel
{
    /// <summary>The block, or the file.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string name, bool download, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        var payload = (name switch { "inputs" => run.Inputs, "outputs" => run.Outputs, _ => null }) ?? throw ProblemException.NotFound("payload", name);
        var json = (await RunReader.PayloadsAsync(sql, run.RunNo, [payload], cancellationToken))[payload];
        return PayloadResult.Of(this, name, json, download, $"/runs/{Uri.EscapeDataString(id)}/payload/{name}");
    }
}
