using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Rollups;
using RunHub.Ui;

namespace RunHub.Runs.Quick;

/// <summary>
/// <c>/runs/{id}/quick</c>: what a row of the list has to say and what can be done with its run, without leaving the list: its state
/// and last step, its error, how its duration compares, and the ways on.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class QuickPage(Database database) : PageModel
{
    const int ShownError = 400;

    // Steps are not kept in the order in which they came: of a run with more the last one is not looked for.
    const int MostSteps = 2_000;
    const string ByOrder = "WHERE run_no = @run_no ORDER BY ord DESC, id DESC LIMIT 1";

    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>The step in which it failed, else the last one; null: none.</summary>
    public StepRow? Step { get; private set; }

    /// <summary>How long such runs take.</summary>
    public Usual Usual { get; private set; }

    /// <summary>Its page.</summary>
    public string RunUrl => "/runs/" + Uri.EscapeDataString(Run.Id);

    /// <summary>Its error, as much of it as has room.</summary>
    public string? Error => Run.ErrorMessage is { } text ? Format.Short(text, ShownError) : null;

    /// <summary>The list of the runs of its workflow.</summary>
    public string SameWorkflow => List.ListPage.UrlOf(RunFilter.None.With("workflow", Run.WorkflowName).ToQuery());

    /// <summary>The list of the runs that failed like it; null: it did not fail, or nothing tells its error from others.</summary>
    public string? SameError
    {
        get
        {
            var failed = RunFilter.None.With("status", "failed").With("workflow", Run.WorkflowName);
            return Run.Status != RunStatus.Failed ? null
                : Run.ErrorCode is { } code ? List.ListPage.UrlOf(failed.With("error_code", code).ToQuery())
                : Run.FailedNode is { } node ? List.ListPage.UrlOf(failed.With("node", node).ToQuery())
                : Run.ErrorClass is { } kind ? List.ListPage.UrlOf(failed.With("error_class", kind).ToQuery())
                : null;
        }
    }

    /// <summary>Acts the caller may carry out.</summary>
    public IReadOnlyList<string> Acts(Shell shell) => new Details.RunActs(shell, Run) is { MayAct: true } acts ? acts.Kinds : [];

    /// <summary>The fragment.</summary>
    public async Task OnGetAsync(string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        if (Run.Status == RunStatus.Failed && Run.ErrorStepId is { } at) Step = await RunReader.StepAsync(sql, Run.RunNo, at, cancellationToken);
        if (Step is null && Run.StepCount is > 0 and <= MostSteps)
            Step = await sql.Prepare($"SELECT {StepRow.Table.All.Sql} FROM steps {ByOrder}").With(Run.RunNo).FirstAsync(r => StepRow.Table.All.Read(r), cancellationToken);
        if (Run.DurationMs is not null && Run.Status.IsFinal()) Usual = await Baseline.OfRunAsync(sql, Run, cancellationToken);
    }
}
