using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Annotations;

namespace RunHub.Annotations.History;

/// <summary><c>/runs/{id}/annotations/{annotation}/history</c>: what an annotation said before, from the audit trail.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class HistoryPage(Database database) : PageModel
{
    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>The annotation as it is.</summary>
    public AnnotationRow Row { get; private set; } = null!;

    /// <summary>What was changed, newest first.</summary>
    public IReadOnlyList<AnnotationChange> Changes { get; private set; } = [];

    /// <summary>The page.</summary>
    public async Task OnGetAsync(string id, string annotation, CancellationToken cancellationToken)
    {
        var tenant = HttpContext.Caller().Tenant.No;
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, tenant, id, cancellationToken);
        Row = await ReadAnnotations.FindAsync(sql, Run.RunNo, annotation, cancellationToken) ?? throw ProblemException.NotFound("annotation", annotation);
        var changes = await ReadAnnotations.HistoryAsync(sql, tenant, Run.Id, Row.Id, cancellationToken);
        changes.Reverse();
        Changes = changes;
    }
}
